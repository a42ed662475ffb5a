//! Warm invocations: from the hand-out to the first byte and to the first token.

use anyhow::{Context, Result};
use cloud_path::Acknowledgement;

use super::subject::{Subject, ask, until_free};
use crate::figures::Samples;

/// Until caches and pools are as they stay.
const WARM_UP: u32 = 30;

pub(crate) async fn measure(rounds: u32) -> Result<()> {
    for (name, acknowledgement) in [
        ("acknowledged at once", Acknowledgement::Immediate),
        ("acknowledged late", Acknowledgement::Delayed),
    ] {
        let subjects = [
            Subject::tidewire("Tidewire", "tidewire-scripted", true, "each-1000")?,
            Subject::bare(1000, 0)?,
            Subject::tidewire(
                "Tidewire without adapter",
                "tidewire-scripted",
                false,
                "each-1000",
            )?,
        ];
        let mut deployed = Vec::new();
        for subject in &subjects {
            deployed.push((
                subject,
                subject.deploy(1, acknowledgement).await?,
                Samples::default(),
                Samples::default(),
            ));
        }
        // In turn, so that what else the machine does hits all alike.
        for round in 0..WARM_UP + rounds {
            for (subject, environments, first_bytes, first_tokens) in &mut deployed {
                let took = ask(environments, &subject.stream).await?;
                until_free(environments).await;
                if round >= WARM_UP {
                    first_bytes.add(took.first_byte);
                    first_tokens.add(took.first_token.context("no token")?);
                }
            }
        }
        for (subject, _, first_bytes, first_tokens) in &mut deployed {
            println!(
                "first byte, {name}, {}: {}",
                subject.name,
                first_bytes.summary_ms()
            );
            println!(
                "first token, {name}, {}: {}",
                subject.name,
                first_tokens.summary_ms()
            );
        }
    }
    Ok(())
}
