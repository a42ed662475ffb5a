//! The program `cloud-path`.

use clap::Parser;
use cloud_path::{Cli, CloudPath};
use tokio::signal::unix::{SignalKind, signal};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let cli = Cli::parse();
    let options = cli.options(cli.programs()?);
    let path = CloudPath::start(options).await?;
    print!("{}", path.announcement()?);
    let mut terminated = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = terminated.recv() => {}
        interrupted = tokio::signal::ctrl_c() => interrupted?,
    }
    Ok(())
}
