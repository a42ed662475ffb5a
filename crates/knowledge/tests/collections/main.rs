//! Collections: published once, found everywhere, and never in part.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod blobs;
mod deaths;
mod faults;
mod meaning;
mod publishing;
mod reading;
mod scene;
