//! A process that does nothing.

use std::{fs, time::Duration};

use anyhow::Result;

use crate::process::Launch;

pub(crate) fn measure() -> Result<()> {
    let server = Launch::built("tidewire")?.start()?;
    // The documentation is read in the background.
    std::thread::sleep(Duration::from_secs(2));
    let megabytes =
        |bytes: u64| f64::from(u32::try_from(bytes / 1024).unwrap_or(u32::MAX)) / 1024.0;
    println!(
        "idle, resident: {:.1} MB",
        megabytes(server.resident_bytes())
    );
    let program = std::env::current_exe()?.with_file_name("tidewire");
    println!(
        "program, stripped: {:.1} MB",
        megabytes(fs::metadata(program)?.len())
    );
    Ok(())
}
