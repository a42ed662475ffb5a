//! From a model's delta to the same delta at the client.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use anyhow::Result;

use crate::{
    figures::Samples,
    first_token::conversation,
    http::{Connection, request},
    process::Launch,
    upstream,
};

const GAP: Duration = Duration::from_millis(50);

pub(crate) async fn measure(streams: u32, seconds: u32) -> Result<()> {
    let upstream = upstream::start(seconds * 20, GAP)?;
    let models = format!(
        r#"[{{"id":"stamped","provider":"openai_compatible","base_url":"http://{upstream}/v1"}}]"#
    );
    let server = Launch::built("tidewire")?
        .set("TIDEWIRE_MODELS", models)
        .start()?;
    let mut directly = Samples::default();
    for task in (0..streams)
        .map(|place| tokio::spawn(read(upstream, None, start(place, streams))))
        .collect::<Vec<_>>()
    {
        directly.extend(task.await??);
    }
    println!(
        "delta, from the model to a client without Tidewire: {}",
        directly.summary_ms()
    );
    for (name, path) in [("/api turns", "turns"), ("/v1/chat/completions", "v1")] {
        let mut samples = Samples::default();
        let tasks: Vec<_> = (0..streams)
            .map(|place| tokio::spawn(read(server.address, Some(path), start(place, streams))))
            .collect();
        for task in tasks {
            samples.extend(task.await??);
        }
        println!("delta, {name}, {streams} streams: {}", samples.summary_ms());
    }
    Ok(())
}

/// When a stream begins: spread over a gap, so that its deltas do not fall due with all others'.
fn start(place: u32, streams: u32) -> Instant {
    Instant::now() + GAP * place / streams
}

async fn read(address: SocketAddr, path: Option<&str>, start: Instant) -> Result<Samples> {
    let mut connection = Connection::open(address).await?;
    let chat =
        r#"{"model":"stamped","stream":true,"messages":[{"role":"user","content":"hello"}]}"#;
    let request = if path == Some("turns") {
        let id = conversation(&mut connection, address).await?;
        let path = format!("/api/conversations/{id}/turns");
        request("POST", address, &path, r#"{"text":"hello"}"#)
    } else {
        request("POST", address, "/v1/chat/completions", chat)
    };
    tokio::time::sleep_until(start.into()).await;
    let mut samples = Samples::default();
    let mut rest = Vec::new();
    connection
        .stream(&request, |arrival| {
            let since_epoch = arrival.at - upstream::epoch();
            rest.extend_from_slice(arrival.bytes);
            let mut taken = 0;
            while let Some(at) = rest[taken..].iter().position(|byte| *byte == b'@') {
                let from = taken + at + 1;
                let Some(length) = rest[from..].iter().position(|byte| *byte == b';') else {
                    break;
                };
                let stamp = std::str::from_utf8(&rest[from..from + length]);
                if let Some(sent) = stamp.ok().and_then(|stamp| stamp.parse().ok()) {
                    samples.add(since_epoch.saturating_sub(Duration::from_nanos(sent)));
                }
                taken = from + length;
            }
            if taken == 0 && rest.len() > 4096 {
                taken = rest.len() - 64;
            }
            rest.drain(..taken);
            true
        })
        .await?;
    Ok(samples)
}
