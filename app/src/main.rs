//! The program `tidewire`.

use anyhow::Context;
use clap::Parser;
use tidewire::{App, Cli, Command, LoadedSettings, print_new_key, start_logging, stop_signal};

/// Ten thousand quiet streams leave holes in the heap that glibc's allocator cannot give back: with
/// jemalloc each takes a third less.
#[cfg(unix)]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> anyhow::Result<()> {
    let cli = Cli::parse();
    if let Some(Command::Key { name }) = &cli.command {
        return print_new_key(name);
    }
    let settings =
        LoadedSettings::load(cli.config.as_deref()).context("the settings cannot be used")?;
    if let Some(Command::Config) = cli.command {
        print!("{}", settings.describe());
        return Ok(());
    }
    start_logging(&settings.settings.log)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start the runtime")?;
    runtime.block_on(async {
        let app = App::start(&settings).await?;
        println!("{}", app.announcement());
        app.run(stop_signal()?).await;
        Ok(())
    })
}
