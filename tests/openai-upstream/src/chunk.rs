//! The JSON that the server sends
//! (<https://platform.openai.com/docs/api-reference/chat-streaming>).

use bytes::Bytes;
use serde_json::{Value, json};
use tidewire_test_scripted_http::{Reply, Step};

const ID: &str = "chatcmpl-tidewire-test";
const CREATED: u64 = 1_790_000_000;

/// Why an answer ends, as the wire calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finish {
    /// `stop`
    Stop,
    /// `length`
    Length,
    /// `tool_calls`
    ToolCalls,
    /// `content_filter`
    ContentFilter,
}

impl Finish {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Length => "length",
            Self::ToolCalls => "tool_calls",
            Self::ContentFilter => "content_filter",
        }
    }
}

/// A stream of events, which ends after the last step.
pub fn events(steps: impl IntoIterator<Item = Step>) -> Reply {
    Reply::new(200, "text/event-stream; charset=utf-8", steps)
}

/// One event of a stream.
pub fn sse(data: &Value) -> Bytes {
    format!("data: {data}\n\n").into()
}

/// The event that carries a piece of text.
pub fn text_chunk(model: &str, text: &str) -> Bytes {
    sse(&chunk(model, &json!({"content": text}), None))
}

pub(crate) fn chunk(model: &str, delta: &Value, finish: Option<Finish>) -> Value {
    json!({
        "id": ID,
        "object": "chat.completion.chunk",
        "created": CREATED,
        "model": model,
        "choices": [{
            "index": 0,
            "delta": delta,
            "logprobs": null,
            "finish_reason": finish.map(Finish::as_str),
        }],
    })
}

pub(crate) fn usage_chunk(model: &str, usage: &Value) -> Value {
    json!({
        "id": ID,
        "object": "chat.completion.chunk",
        "created": CREATED,
        "model": model,
        "choices": [],
        "usage": usage,
    })
}

pub(crate) fn whole(model: &str, message: &Value, finish: Finish, usage: &Value) -> Value {
    json!({
        "id": ID,
        "object": "chat.completion",
        "created": CREATED,
        "model": model,
        "choices": [{"index": 0, "message": message, "finish_reason": finish.as_str()}],
        "usage": usage,
    })
}

pub(crate) fn error(message: &str, kind: &str, code: Option<&str>) -> Value {
    json!({"error": {"message": message, "type": kind, "param": null, "code": code}})
}
