//! Scripts in JSON, for tests that are not written in Rust.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;
use tidewire_test_scripted_http::{Reply, Step};

use crate::{
    frame::{broken_frame, event, exception},
    server::{refusal, stream},
};

/// A step of a script: a JSON object with one of these as its only field, such as
/// `{"event": {"kind": "messageStart", "payload": {"role": "assistant"}}}` or `{"wait_ms": 20}`.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ScriptStep {
    /// Sends an event.
    Event {
        /// Such as `contentBlockDelta`.
        kind: String,
        /// Its JSON.
        payload: Value,
    },
    /// Sends an exception in the stream.
    Exception {
        /// Such as `throttlingException`.
        kind: String,
        /// What it says.
        message: String,
    },
    /// Lets so many milliseconds go by.
    WaitMs(u64),
    /// Sends a frame with a wrong checksum.
    BrokenFrame(bool),
    /// Breaks the connection.
    Cut(bool),
    /// Sends nothing more and keeps the connection open.
    Silence(bool),
    /// Answers with an HTTP error in place of a stream; must be the first step.
    Refuse {
        /// Such as 429.
        status: u16,
        /// Such as `ThrottlingException`.
        kind: String,
        /// What it says.
        message: String,
    },
}

/// The reply that a script describes.
pub fn scripted(script: &[ScriptStep]) -> Reply {
    if let Some(ScriptStep::Refuse {
        status,
        kind,
        message,
    }) = script.first()
    {
        return refusal(*status, kind, message);
    }
    stream(script.iter().filter_map(|step| match step {
        ScriptStep::Event { kind, payload } => Some(Step::Send(event(kind, payload))),
        ScriptStep::Exception { kind, message } => Some(Step::Send(exception(kind, message))),
        ScriptStep::WaitMs(milliseconds) => Some(Step::Wait(Duration::from_millis(*milliseconds))),
        ScriptStep::BrokenFrame(sent) => sent.then(|| Step::Send(broken_frame())),
        ScriptStep::Cut(cut) => cut.then_some(Step::Cut),
        ScriptStep::Silence(silent) => silent.then_some(Step::Silence),
        ScriptStep::Refuse { .. } => None,
    }))
}
