//! Measures Tidewire side by side with its peers, in one run. Prints figures and judges none:
//! docs/PERFORMANCE.md holds them with the commands.

mod cold_start;
mod completions;
mod delta;
mod figures;
mod first_token;
mod http;
mod idle;
mod lambda;
mod path;
mod process;
mod signer;
mod streams;
mod upstream;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(about = "Measures Tidewire side by side with its peers")]
struct Cli {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// From the start of the process to the first 200 of /readyz.
    ColdStart {
        /// How often.
        #[arg(long, default_value_t = 30)]
        runs: u32,
        /// A Python that has fastapi and uvicorn, for the peer.
        #[arg(long)]
        python: Option<String>,
    },
    /// From a turn's POST to its first delta.
    FirstToken {
        /// How many turns.
        #[arg(long, default_value_t = 500)]
        turns: u32,
    },
    /// From a model's delta to the same delta at the client.
    Delta {
        /// Streams at once.
        #[arg(long, default_value_t = 100)]
        streams: u32,
        /// How long each lasts.
        #[arg(long, default_value_t = 10)]
        seconds: u32,
    },
    /// Many paced turns at once, the server on one core.
    Streams {
        /// How many.
        #[arg(long, default_value_t = 10_000)]
        streams: u32,
        /// How many tokens of each are read, one a second.
        #[arg(long, default_value_t = 30)]
        tokens: u32,
        /// Which server: tidewire, bare, bare-as-it-comes; absent: all, one after the other.
        #[arg(long)]
        only: Option<String>,
    },
    /// `/v1/chat/completions` without pauses, against a bare handler.
    Completions {
        /// Streams at once.
        #[arg(long, default_value_t = 64)]
        streams: u32,
        /// How long.
        #[arg(long, default_value_t = 8)]
        seconds: u32,
    },
    /// Under Lambda: from the start of the processes to the first request for work.
    LambdaStart {
        /// How often.
        #[arg(long, default_value_t = 30)]
        runs: u32,
        /// A Python that has fastapi and uvicorn, for the peer.
        #[arg(long)]
        python: Option<String>,
    },
    /// Under Lambda: from the hand-out of an invocation to the first byte and the first token.
    LambdaWarm {
        /// How many invocations of each.
        #[arg(long, default_value_t = 300)]
        rounds: u32,
    },
    /// Under Lambda: processor time and memory of paced streams.
    LambdaStreams {
        /// How many streams of each.
        #[arg(long, default_value_t = 200)]
        streams: u32,
        /// How many at once: an environment each.
        #[arg(long, default_value_t = 20)]
        at_once: usize,
    },
    /// The whole cloud path against the app alone.
    Path {
        /// How many requests of each.
        #[arg(long, default_value_t = 300)]
        requests: u32,
    },
    /// The signing proxy against the URL behind it.
    Proxy {
        /// How many requests of each.
        #[arg(long, default_value_t = 300)]
        requests: u32,
    },
    /// The origin-request function on bodies of up to a megabyte.
    Signer,
    /// Memory of a process that does nothing, and the size of the program.
    Idle,
}

fn main() -> anyhow::Result<()> {
    let what = Cli::parse().what;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        match what {
            What::ColdStart { runs, python } => cold_start::measure(runs, python.as_deref()),
            What::FirstToken { turns } => first_token::measure(turns).await,
            What::Delta { streams, seconds } => delta::measure(streams, seconds).await,
            What::Streams {
                streams,
                tokens,
                only,
            } => streams::measure(streams, tokens, only.as_deref()).await,
            What::Completions { streams, seconds } => completions::measure(streams, seconds).await,
            What::LambdaStart { runs, python } => {
                lambda::measure_start(runs, python.as_deref()).await
            }
            What::LambdaWarm { rounds } => lambda::measure_warm(rounds).await,
            What::LambdaStreams { streams, at_once } => {
                lambda::measure_streams(streams, at_once).await
            }
            What::Path { requests } => path::measure(requests).await,
            What::Proxy { requests } => path::measure_proxy(requests).await,
            What::Signer => signer::measure(),
            What::Idle => idle::measure(),
        }
    })
}
