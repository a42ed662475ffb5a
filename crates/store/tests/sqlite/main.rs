//! What only the `SQLite` store promises: about its file, and the processes and crashes around it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod file;
mod full;
mod processes;
mod scene;
mod upgrade;
