//! First tokens.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};

use crate::{
    figures::Samples,
    http::{Connection, find, request},
    process::Launch,
    upstream,
};

/// Makes a conversation and returns its id.
pub(crate) async fn conversation(
    connection: &mut Connection,
    address: SocketAddr,
) -> Result<String> {
    let made = connection
        .exchange(&request("POST", address, "/api/conversations", "{}"))
        .await?;
    let made: serde_json::Value = serde_json::from_slice(&made)?;
    Ok(made["id"].as_str().context("no id")?.to_owned())
}

pub(crate) async fn measure(turns: u32) -> Result<()> {
    let scripted = Launch::built("tidewire-scripted")?.start()?;
    let mut samples = from(scripted.address, turns, "burst-1").await?;
    println!(
        "first token, model in the process: {}",
        samples.summary_ms()
    );
    drop(scripted);
    let upstream = upstream::start(1, Duration::ZERO)?;
    let models = format!(
        r#"[{{"id":"stamped","provider":"openai_compatible","base_url":"http://{upstream}/v1"}}]"#
    );
    let server = Launch::built("tidewire")?
        .set("TIDEWIRE_MODELS", models)
        .start()?;
    let mut samples = from(server.address, turns, "stamped").await?;
    println!(
        "first token, OpenAI-compatible model at once: {}",
        samples.summary_ms()
    );
    Ok(())
}

async fn from(address: SocketAddr, turns: u32, model: &str) -> Result<Samples> {
    let mut samples = Samples::default();
    let mut connection = Connection::open(address).await?;
    for turn in 0..turns + 50 {
        let id = conversation(&mut connection, address).await?;
        let body = format!(r#"{{"text":"hello there","model":"{model}"}}"#);
        let path = format!("/api/conversations/{id}/turns");
        let request = request("POST", address, &path, &body);
        let began = Instant::now();
        let mut first = None;
        connection
            .stream(&request, |arrival| {
                if first.is_none() && find(arrival.bytes, b"event: text_delta").is_some() {
                    first = Some(arrival.at - began);
                }
                true
            })
            .await?;
        if turn >= 50 {
            samples.add(first.context("a turn without a delta")?);
        }
    }
    Ok(samples)
}
