//! Measures Tidewire side by side with its peers, in one run. Prints figures and judges none:
//! docs/PERFORMANCE.md holds them with the commands.

mod cold_start;
mod completions;
mod delta;
mod figures;
mod first_token;
mod http;
mod idle;
mod process;
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
            What::Idle => idle::measure(),
        }
    })
}
