//! What paced streams cost: the app's time on a core and its memory.

use std::time::Duration;

use anyhow::Result;
use cloud_path::{Acknowledgement, Environments};

use super::subject::{Subject, ask, until_free};
use crate::process::{cpu_of, resident_bytes_of};

/// Tokens of a stream that the figures are given for.
const TOKENS: f64 = 200.0;

pub(crate) async fn measure(streams: u32, at_once: usize) -> Result<()> {
    let subjects = [
        Subject::bare(200, 5)?,
        Subject::tidewire("Tidewire", "tidewire", true, "offline")?,
        Subject::tidewire("Tidewire without adapter", "tidewire", false, "offline")?,
    ];
    let mut bare = None;
    for subject in &subjects {
        let environments = subject.deploy(at_once, Acknowledgement::Immediate).await?;
        // All of them are up before the clock runs.
        run(&environments, subject, u32::try_from(at_once)?, at_once).await?;
        let before = cpu(&environments);
        let tokens = run(&environments, subject, streams, at_once).await?;
        let spent = cpu(&environments).saturating_sub(before);
        let seconds = spent.as_secs_f64() / tokens * TOKENS * 1000.0;
        let resident: Vec<f64> = environments
            .list()
            .iter()
            .filter_map(|one| u32::try_from(resident_bytes_of(one.program) / 1000).ok())
            .map(|kilobytes| f64::from(kilobytes) / 1e3)
            .collect();
        let most = resident.iter().copied().fold(0.0, f64::max);
        println!(
            "{}: {seconds:.1} s of a core for 1 000 streams of 200 tokens; {most:.1} MB resident at most",
            subject.name
        );
        let bare = *bare.get_or_insert(seconds);
        println!("{}: {:.2} of bare Axum", subject.name, seconds / bare);
    }
    Ok(())
}

/// Runs so many streams, so many at once. Returns the tokens that came.
async fn run(
    environments: &Environments,
    subject: &Subject,
    streams: u32,
    at_once: usize,
) -> Result<f64> {
    let mut tokens = 0;
    let mut running = tokio::task::JoinSet::new();
    for _ in 0..streams {
        if running.len() == at_once
            && let Some(ended) = running.join_next().await
        {
            tokens += ended??;
        }
        while environments.list().iter().filter(|one| one.is_busy).count() >= at_once {
            tokio::time::sleep(Duration::from_micros(200)).await;
        }
        let (environments, asked) = (environments.clone(), subject.stream.clone());
        running.spawn(async move { anyhow::Ok(ask(&environments, &asked).await?.tokens) });
        // Else several see the same one free.
        tokio::time::sleep(Duration::from_millis(3)).await;
    }
    while let Some(ended) = running.join_next().await {
        tokens += ended??;
    }
    until_free(environments).await;
    Ok(f64::from(u32::try_from(tokens)?))
}

fn cpu(environments: &Environments) -> Duration {
    environments
        .list()
        .iter()
        .map(|one| cpu_of(one.program))
        .sum()
}
