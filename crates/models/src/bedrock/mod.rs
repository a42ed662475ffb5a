//! Amazon Bedrock, through `ConverseStream`
//! (<https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html>).
//!
//! What Bedrock has no word for: `seed` is left out, and so is reasoning that no provider sealed.
//! A temperature above 1 is sent as 1. "One JSON object" becomes a sentence in the system prompt; a
//! schema is sent as `outputConfig.textFormat`, and the effort to reason with as
//! `outputConfig.effort`, which models without it refuse. No model is made to think that does not by
//! itself: that differs between models and is no part of Converse.

mod answer;
mod document;
mod failure;
#[cfg(feature = "fuzz")]
pub mod fuzzing;
mod message;
mod model;
mod request;
mod stream;

pub use model::Bedrock;
