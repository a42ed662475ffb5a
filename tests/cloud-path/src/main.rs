//! The program `cloud-path`.

use std::{future::Future, io, pin::pin, process::ExitCode};

use clap::Parser;
use cloud_path::{Cli, CloudPath};
use tokio::signal::unix::{SignalKind, signal};

/// What a shell reports of a program that Ctrl-C has ended.
const INTERRUPTED: u8 = 130;

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let cli = Cli::parse();
    let mut stop = pin!(stop_signal()?);
    let programs = tokio::select! {
        programs = cli.programs() => programs?,
        () = &mut stop => {
            eprintln!("Stopped. What is built so far is kept, and the next start goes on from there.");
            return Ok(ExitCode::from(INTERRUPTED));
        }
    };
    let path = CloudPath::start(cli.options(programs)).await?;
    print!("{}", path.announcement()?);
    stop.await;
    Ok(ExitCode::SUCCESS)
}

/// Ready at Ctrl-C, at SIGTERM, and when the terminal closes.
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    let mut interrupted = signal(SignalKind::interrupt())?;
    let mut terminated = signal(SignalKind::terminate())?;
    let mut hung_up = signal(SignalKind::hangup())?;
    Ok(async move {
        tokio::select! {
            _ = interrupted.recv() => {}
            _ = terminated.recv() => {}
            _ = hung_up.recv() => {}
        }
    })
}
