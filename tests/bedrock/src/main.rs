//! Runs the scripted server for tests that are not written in Rust. Prints its address on one line
//! and serves until it is ended.

use std::{fs, io, path::PathBuf};

use clap::Parser;
use serde_json::json;
use tidewire_test_bedrock::{BedrockServer, ScriptStep};

/// A scripted server that speaks Bedrock's `ConverseStream`.
#[derive(Parser)]
struct Arguments {
    /// The port on 127.0.0.1; 0: one that is free.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// A JSON list of steps that answers every request; absent: the last user message is echoed.
    #[arg(long)]
    script: Option<PathBuf>,
    /// Answers every request with so many tokens.
    #[arg(long, conflicts_with = "script")]
    tokens: Option<u32>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let arguments = Arguments::parse();
    let always = match (arguments.script, arguments.tokens) {
        (Some(path), _) => Some(serde_json::from_slice(&fs::read(path)?)?),
        (None, Some(tokens)) => Some(token_steps(tokens)),
        (None, None) => None,
    };
    let server = BedrockServer::start_with(arguments.port, always).await?;
    println!("{}", server.endpoint_url());
    server.forever().await;
    Ok(())
}

fn token_steps(tokens: u32) -> Vec<ScriptStep> {
    let event = |kind: &str, payload| ScriptStep::Event {
        kind: kind.to_owned(),
        payload,
    };
    let mut steps = vec![event("messageStart", json!({"role": "assistant"}))];
    steps.extend((0..tokens).map(|token| {
        let delta = json!({"text": format!("token{token} ")});
        event(
            "contentBlockDelta",
            json!({"contentBlockIndex": 0, "delta": delta}),
        )
    }));
    let usage = json!({"inputTokens": 11, "outputTokens": tokens, "totalTokens": 11 + tokens});
    steps.extend([
        event("contentBlockStop", json!({"contentBlockIndex": 0})),
        event("messageStop", json!({"stopReason": "end_turn"})),
        event(
            "metadata",
            json!({"metrics": {"latencyMs": 1}, "usage": usage}),
        ),
    ]);
    steps
}
