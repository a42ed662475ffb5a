//! The origin-request function on large bodies.

use std::process::Command;

use anyhow::{Result, ensure};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/signer.mjs");
const EDGE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../edge-signer/edge/origin-request.mjs"
);

pub(crate) fn measure() -> Result<()> {
    let status = Command::new("node").arg(SCRIPT).arg(EDGE).status()?;
    ensure!(status.success(), "node ended with {status}");
    Ok(())
}
