//! A scripted server that speaks `ConverseStream` in its real framing on 127.0.0.1, for tests: with
//! the AWS SDK for Rust, with boto3, or with anything else that speaks to Bedrock.
//!
//! It looks at no signature. Unless a reply waits in line ([`BedrockServer`] derefs to the
//! [`Script`](tidewire_test_scripted_http::Script)), it answers as it was told at its start: with a
//! fixed list of [`ScriptStep`]s, or else by echoing the last user message word by word.

mod answer;
mod frame;
mod script_step;
mod server;

pub use answer::{echo, reasoning, text, tool_use};
pub use frame::{broken_frame, error_frame, event, exception};
pub use script_step::{ScriptStep, scripted};
pub use server::{BedrockServer, refusal, stream};
pub use tidewire_test_scripted_http::{Reply, Step};
