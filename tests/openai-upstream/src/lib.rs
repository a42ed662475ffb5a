//! A scripted OpenAI-compatible server, for tests: `GET /v1/models` and `POST /v1/chat/completions`
//! on 127.0.0.1.
//!
//! One running server serves many tests. What it answers is chosen by the model and by words in the
//! last user message (see [`behaviour`]), so that a browser test needs nothing but text to type; a
//! Rust test may also put exact replies in line for a model: [`Upstream`] derefs to the
//! [`Script`](tidewire_test_scripted_http::Script) that does it.

pub mod behaviour;
mod chunk;
mod server;

pub use chunk::{Finish, events, sse, text_chunk};
pub use server::{Upstream, UpstreamSettings};
pub use tidewire_test_scripted_http::{Reply, Step};
