//! What the whole path costs: to the first byte, and in the pace of tokens. And the signing proxy.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use anyhow::Result;
use cloud_path::{Acknowledgement, CloudPath, Front, PathOptions, Programs, Trace, Wanted};
use tempfile::TempDir;

use crate::{
    figures::Samples,
    http::{Connection, count, request_with},
    lambda::{KEY, adapter},
    process::{Launch, built},
};

const CHAT: &str = r#"{"model":"offline","stream":true,"messages":[{"role":"user","content":"How do I connect Tidewire to Bedrock, and what do the errors mean?"}]}"#;
/// Between two tokens.
const GAP: Duration = Duration::from_millis(20);

async fn start(front: Front, data: &TempDir) -> Result<CloudPath> {
    let wanted = Wanted {
        app: Some(built("tidewire")?),
        adapter: Some(adapter().await?),
        needs_adapter: true,
        needs_node: front == Front::Path,
        is_release: true,
    };
    let paced = [
        ("TIDEWIRE_OFFLINE__TOKENS_PER_SECOND", "50"),
        ("TIDEWIRE_LOG__FILTER", "warn"),
    ];
    CloudPath::start(PathOptions {
        programs: Programs::find(&wanted).await?,
        front,
        port: 0,
        function_port: 0,
        allowed: vec!["127.0.0.0/8".parse()?],
        key: Some(KEY.into()),
        concurrency: 20,
        freezes: false,
        timeout: Duration::from_mins(5),
        acknowledgement: Acknowledgement::Immediate,
        data_dir: Some(data.path().to_owned()),
        variables: paced
            .map(|(name, value)| (name.into(), value.into()))
            .to_vec(),
        trace: Trace::Off,
    })
    .await
}

/// The app alone, and behind the whole path.
pub(crate) async fn measure(requests: u32) -> Result<()> {
    let data = tempfile::tempdir()?;
    let path = start(Front::Path, &data).await?;
    let app = Launch::built("tidewire")?
        .set("TIDEWIRE_OFFLINE__TOKENS_PER_SECOND", "50")
        .start()?;
    let places = [
        ("the app alone", app.address),
        ("the whole path", path.public),
    ];
    first_bytes(&places, requests).await?;
    for (name, address) in places {
        let mut late = Samples::default();
        for _ in 0..3 {
            late.extend(paced(address).await?);
        }
        let within = late.share_within(Duration::from_millis(3)) * 100.0;
        println!(
            "{name}: {within:.2} % of tokens within 3 ms of their schedule; late by {}",
            late.summary_ms()
        );
    }
    Ok(())
}

/// An open function URL, and the same through the proxy that signs.
pub(crate) async fn measure_proxy(requests: u32) -> Result<()> {
    let data = tempfile::tempdir()?;
    let url = start(Front::Adapter, &data).await?;
    let launch = Launch::built("edge-signer")?
        .argument("--url")
        .argument(format!("http://{}", url.public))
        .argument("--region=eu-central-1")
        .argument("--listen=127.0.0.1:{port}")
        .set("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
        .set("AWS_SECRET_ACCESS_KEY", "none");
    // The URL behind it is served by this very thread.
    let proxy = tokio::task::spawn_blocking(move || launch.start()).await??;
    let places = [
        ("the function URL", url.public),
        ("through the proxy", proxy.address),
    ];
    first_bytes(&places, requests).await
}

/// In turn, so that what else the machine does hits both alike.
async fn first_bytes(places: &[(&str, SocketAddr); 2], requests: u32) -> Result<()> {
    let mut samples = [Samples::default(), Samples::default()];
    for round in 0..requests + 20 {
        for ((_, address), samples) in places.iter().zip(&mut samples) {
            let took = first_byte(*address).await?;
            if round >= 20 {
                samples.add(took);
            }
        }
    }
    for ((name, _), samples) in places.iter().zip(&mut samples) {
        println!("first byte, {name}: {}", samples.summary_ms());
    }
    let [alone, behind] = &mut samples;
    let added = behind.quantile_ms(0.5) - alone.quantile_ms(0.5);
    println!(
        "first byte, {} adds at the median: {added:.2} ms",
        places[1].0
    );
    Ok(())
}

fn headers() -> String {
    format!("Authorization: Bearer {KEY}\r\n")
}

async fn first_byte(address: SocketAddr) -> Result<Duration> {
    let mut connection = Connection::open(address).await?;
    let request = request_with("GET", address, "/healthz", &headers(), "");
    let began = Instant::now();
    let mut first = None;
    connection
        .stream(&request, |arrival| {
            first.get_or_insert(arrival.at - began);
            false
        })
        .await?;
    // Its environment asks for more work before the next request comes.
    tokio::time::sleep(Duration::from_millis(2)).await;
    Ok(first.unwrap_or_default())
}

/// By how much each token comes later than its place after the first one says.
async fn paced(address: SocketAddr) -> Result<Samples> {
    let mut connection = Connection::open(address).await?;
    let request = request_with("POST", address, "/v1/chat/completions", &headers(), CHAT);
    let mut first: Option<Instant> = None;
    let mut index = 0;
    let mut late = Samples::default();
    connection
        .stream(&request, |arrival| {
            for _ in 0..count(arrival.bytes, br#""content":"#) {
                // The first piece with a content is the empty one that begins an answer.
                if index > 0 {
                    let began = *first.get_or_insert(arrival.at);
                    late.add((arrival.at - began).abs_diff(GAP * (index - 1)));
                }
                index += 1;
            }
            index < 300
        })
        .await?;
    Ok(late)
}
