//! Cold starts.

use anyhow::Result;

use crate::{figures::Samples, process::Launch};

pub(crate) fn measure(runs: u32, python: Option<&str>) -> Result<()> {
    // An existing database: a first start makes one.
    let data = tempfile::tempdir()?;
    drop(Launch::built("tidewire")?.data(data.path()).start()?);
    let mut ours = Samples::default();
    let mut peers = Samples::default();
    for _ in 0..runs {
        ours.add(
            Launch::built("tidewire")?
                .data(data.path())
                .start()?
                .cold_start,
        );
        if let Some(python) = python {
            let peer = Launch::new(python)
                .argument("-m")
                .argument("uvicorn")
                .argument("--app-dir")
                .argument(concat!(env!("CARGO_MANIFEST_DIR"), "/peers"))
                .argument("--log-level=warning")
                .argument("--port={port}")
                .argument("fastapi_app:app");
            peers.add(peer.start()?.cold_start);
        }
    }
    println!("cold start, tidewire: {}", ours.summary_ms());
    if python.is_some() {
        println!("cold start, FastAPI with uvicorn: {}", peers.summary_ms());
        let ratio = peers.quantile_ms(0.5) / ours.quantile_ms(0.5);
        println!("cold start, ratio of the medians: {ratio:.1}");
    }
    Ok(())
}
