//! Sources are read from servers on this machine.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod fetching;
mod limits;
mod reach;
mod refreshing;
mod robots;
mod site;
mod youtube;
