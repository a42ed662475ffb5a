//! The command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

/// A private, streaming LLM chat service.
///
/// Without a command it serves, by default on <http://127.0.0.1:8080>. Settings come from
/// tidewire.toml and from the environment (`TIDEWIRE_…`, with `__` between levels, and PORT).
#[derive(Debug, Parser)]
#[command(version)]
pub struct Cli {
    /// The settings file; by default tidewire.toml in the working directory, if it is there.
    #[arg(long, value_name = "FILE", global = true)]
    pub config: Option<PathBuf>,
    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What to do.
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// Serves; the default.
    Serve,
    /// Prints the effective settings, each with where it came from; secrets are masked.
    Config,
    /// Makes a key for NAME and prints it once, with the setting that lets it in.
    Key {
        /// Whose key it is: the principal that its conversations belong to.
        name: String,
    },
}
