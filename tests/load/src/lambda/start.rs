//! Cold starts: from the start of the processes to the first request for work.

use anyhow::{Context, Result};
use cloud_path::Acknowledgement;

use super::subject::{Asked, Subject, ask};
use crate::figures::Samples;

pub(crate) async fn measure(runs: u32, python: Option<&str>) -> Result<()> {
    let mut subjects = vec![
        Subject::tidewire("Tidewire", "tidewire", true, "offline")?,
        Subject::bare(1, 0)?,
        Subject::tidewire("Tidewire without adapter", "tidewire", false, "offline")?,
    ];
    if let Some(python) = python {
        subjects.push(Subject::fastapi(python)?);
    }
    let mut samples: Vec<Samples> = subjects.iter().map(|_| Samples::default()).collect();
    // The first round makes databases and fills caches.
    for round in 0..=runs {
        for (subject, samples) in subjects.iter().zip(&mut samples) {
            let environments = subject.deploy(1, Acknowledgement::Immediate).await?;
            ask(&environments, &Asked::get("/readyz")).await?;
            let started = environments.list();
            let init = started.first().context("it ended")?.init;
            if round > 0 {
                samples.add(init);
            }
        }
    }
    for (subject, samples) in subjects.iter().zip(&mut samples) {
        println!("spawn to next, {}: {}", subject.name, samples.summary_ms());
    }
    let bare = samples[1].quantile_ms(0.5);
    for (subject, samples) in subjects.iter().zip(&mut samples) {
        let ratio = samples.quantile_ms(0.5) / bare;
        println!(
            "spawn to next, {} against bare Axum: {ratio:.2}",
            subject.name
        );
    }
    Ok(())
}
