//! `/v1/chat/completions` without pauses, beside a bare handler that formats the same bytes.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use anyhow::Result;

use crate::{
    http::{Connection, count, request},
    process::{Launch, Server},
};

/// Tokens of one answer.
const TOKENS: u32 = 1000;
/// Alternations of the two servers: the machine's mood changes by the minute.
const ROUNDS: u32 = 3;

pub(crate) async fn measure(streams: u32, seconds: u32) -> Result<()> {
    let ours = Launch::built("tidewire-scripted")?.on_core(0).start()?;
    let bare = Launch::built("bare-axum")?
        .set("LISTENER", "own")
        .on_core(0)
        .start()?;
    for (name, model, query) in [
        ("in bursts", "burst", ""),
        ("one by one", "each", "&each=true"),
    ] {
        let mut ratios = Vec::new();
        for _ in 0..ROUNDS {
            let path = format!("/events?count={TOKENS}&openai=true{query}");
            let body = format!(
                r#"{{"model":"{model}-{TOKENS}","stream":true,"messages":[{{"role":"user","content":"hello"}}]}}"#
            );
            let bare_request = request("POST", bare.address, &path, &body);
            let bare_rate = rate(&bare, streams, seconds, bare_request).await?;
            let request = request("POST", ours.address, "/v1/chat/completions", &body);
            let our_rate = rate(&ours, streams, seconds, request).await?;
            println!(
                "completions {name}, {streams} streams: tidewire {our_rate:.0}, bare Axum {bare_rate:.0} tokens per CPU second; ratio {:.2}",
                our_rate / bare_rate
            );
            ratios.push(our_rate / bare_rate);
        }
        ratios.sort_unstable_by(f64::total_cmp);
        println!(
            "completions {name}: median ratio {:.2}",
            ratios[ratios.len() / 2]
        );
    }
    Ok(())
}

/// Tokens per second of the server's core time.
async fn rate(server: &Server, streams: u32, seconds: u32, request: Vec<u8>) -> Result<f64> {
    let until = Instant::now() + Duration::from_secs(u64::from(seconds));
    let before = server.cpu();
    let tasks: Vec<_> = (0..streams)
        .map(|_| tokio::spawn(read(server.address, request.clone(), until)))
        .collect();
    let mut tokens = 0.0;
    for task in tasks {
        tokens += f64::from(u32::try_from(task.await??)?);
    }
    Ok(tokens / server.cpu().saturating_sub(before).as_secs_f64())
}

async fn read(address: SocketAddr, request: Vec<u8>, until: Instant) -> Result<u64> {
    let mut connection = Connection::open(address).await?;
    let mut tokens = 0;
    while Instant::now() < until {
        connection
            .stream(&request, |arrival| {
                tokens += count(arrival.bytes, b"\"content\":\" token\"");
                true
            })
            .await?;
    }
    Ok(tokens)
}
