//! An invocation and what comes of it.

use bytes::Bytes;
use tokio::sync::oneshot;

use super::prelude::Prelude;
use crate::body::Body;

/// An event for a function.
#[derive(Debug, Clone)]
pub struct Invocation {
    /// Its name.
    pub request_id: String,
    /// For tracing: `Root=…`.
    pub trace_id: String,
    /// The event, as JSON.
    pub event: Bytes,
}

/// The answer of a function as it begins.
#[derive(Debug)]
pub struct Answer {
    /// Status, headers, cookies.
    pub prelude: Prelude,
    /// The payload.
    pub body: Body,
}

/// Why a function did not answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvokeError {
    /// As many environments are busy as there may be.
    #[error("all environments are busy")]
    Throttled,
    /// The environment did not come up.
    #[error("the environment did not start: {0}")]
    Init(String),
    /// The function said that it failed.
    #[error("the function failed: {0}")]
    Function(String),
    /// The environment ended meanwhile.
    #[error("the environment ended")]
    Ended,
    /// It took too long.
    #[error("the function timed out")]
    TimedOut,
}

/// An invocation on its way into an environment.
#[derive(Debug)]
pub(super) struct Delivery {
    pub(super) invocation: Invocation,
    /// Milliseconds since the Unix epoch.
    pub(super) deadline_ms: u128,
    pub(super) answer: oneshot::Sender<Result<Answer, InvokeError>>,
}
