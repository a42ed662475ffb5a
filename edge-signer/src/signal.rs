//! When to stop.

use std::{future::Future, io};

use tokio::signal::unix::{SignalKind, signal};
use tracing::info;

/// Ready at SIGTERM or SIGINT, which Ctrl-C sends. A second one ends the process at once.
pub fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        info!("stopping when the requests that run have ended; once more ends at once");
        tokio::spawn(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            std::process::exit(130);
        });
    })
}
