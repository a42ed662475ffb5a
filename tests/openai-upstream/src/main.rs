//! Runs the scripted server for tests that are not written in Rust. Prints its base URL on one line
//! and serves until it is ended.

use std::io;

use clap::Parser;
use tidewire_test_openai_upstream::{Upstream, UpstreamSettings};

/// A scripted OpenAI-compatible server.
#[derive(Parser)]
struct Arguments {
    /// The port on 127.0.0.1; 0: one that is free.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// The bearer token without which it answers 401.
    #[arg(long)]
    api_key: Option<String>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let Arguments { port, api_key } = Arguments::parse();
    let upstream = Upstream::start_with(UpstreamSettings { port, api_key }).await?;
    println!("{}", upstream.base_url());
    upstream.forever().await;
    Ok(())
}
