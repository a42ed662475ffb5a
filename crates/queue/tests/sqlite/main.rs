//! What only the `SQLite` queue promises: about its file, its haste, and the processes around it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod file;
mod processes;
mod scene;
mod time;
