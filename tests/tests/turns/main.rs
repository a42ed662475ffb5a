//! A turn is a log: what users see of it, from its first event to its last.
#![expect(
    clippy::unwrap_used,
    reason = "what a test does not expect must end it, also outside of the test's own function"
)]

mod disconnect;
mod history;
mod idempotency;
mod images;
mod log;
mod resume;
mod stop;
mod tools;
mod tree;
