//! The proxy between real sockets: a client that writes bytes, and a function that the test plays.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod answers;
mod client;
mod function;
mod refusals;
mod requests;
mod scene;
