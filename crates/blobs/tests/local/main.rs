//! What only the local store promises: about its files, and uploads that go wrong.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod files;
mod full;
mod scene;
mod uploads;
