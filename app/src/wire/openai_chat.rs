//! Answers of `POST /v1/chat/completions`, after OpenAI's API reference (chat completion object and
//! chat completion chunk object), with `reasoning_content` as vLLM, llama.cpp and `DeepSeek` have it.

use std::{
    io::Write,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use serde_json::{Value, json};
use tidewire_chat::Generation;
use tidewire_domain::{
    EventKind, FinishReason, RawEvent, Timestamp, ToolCall, TurnError, TurnFinished, Usage,
};
use uuid::Uuid;

use crate::http::sse::FrameSource;

/// What all chunks of an answer have in common.
pub(crate) struct AnswerHead {
    id: String,
    created: i64,
    model: String,
}

impl AnswerHead {
    pub(crate) fn new(model: &str) -> Self {
        Self {
            id: format!("chatcmpl-{}", Uuid::new_v4().simple()),
            created: Timestamp::now().as_millis() / 1000,
            model: model.to_owned(),
        }
    }
}

/// Turns events into chunks.
pub(crate) struct ChunkEncoder {
    /// `data: {"id":…,"choices":` of every chunk.
    before: Vec<u8>,
    /// What closes a chunk: `usage` stands in each where the client asked for it.
    after: &'static [u8],
    include_usage: bool,
    began: bool,
    tool_calls: u32,
    usage: Option<Usage>,
    failed: bool,
}

impl ChunkEncoder {
    pub(crate) fn new(head: &AnswerHead, include_usage: bool) -> Self {
        let mut before = Vec::new();
        let _ = write!(
            before,
            "data: {{\"id\":\"{}\",\"object\":\"chat.completion.chunk\",\"created\":{},\"model\":{},\"choices\":",
            head.id,
            head.created,
            Value::from(head.model.as_str()),
        );
        Self {
            before,
            after: if include_usage {
                b",\"usage\":null}\n\n"
            } else {
                b"}\n\n"
            },
            include_usage,
            began: false,
            tool_calls: 0,
            usage: None,
            failed: false,
        }
    }

    /// Appends what an event comes to.
    pub(crate) fn encode(&mut self, event: RawEvent<'_>, out: &mut Vec<u8>) {
        match event.kind {
            EventKind::TextDelta => self.text(b"content", event.payload, out),
            EventKind::ReasoningDelta => self.text(b"reasoning_content", event.payload, out),
            EventKind::ToolCall => {
                if let Ok(call) = serde_json::from_str(event.payload) {
                    self.tool_call(&call, out);
                }
            }
            EventKind::Usage => self.usage = serde_json::from_str(event.payload).ok(),
            EventKind::Error => {
                if let Ok(error) = serde_json::from_str::<TurnError>(event.payload) {
                    self.failed = true;
                    let error = error_object(&error);
                    let _ = write!(out, "data: {error}\n\n");
                }
            }
            EventKind::TurnFinished => self.finish(event.payload, out),
            EventKind::TurnStarted
            | EventKind::ReasoningSignature
            | EventKind::ToolOutput
            | EventKind::ToolResult
            | EventKind::Citation => {}
        }
    }

    fn text(&mut self, field: &[u8], text: &str, out: &mut Vec<u8>) {
        self.begin(out);
        out.reserve(self.before.len() + text.len() + 96);
        out.extend_from_slice(&self.before);
        out.extend_from_slice(b"[{\"index\":0,\"delta\":{\"");
        out.extend_from_slice(field);
        out.extend_from_slice(b"\":");
        let _ = serde_json::to_writer(&mut *out, text);
        out.extend_from_slice(b"},\"logprobs\":null,\"finish_reason\":null}]");
        out.extend_from_slice(self.after);
    }

    fn begin(&mut self, out: &mut Vec<u8>) {
        if !self.began {
            self.began = true;
            self.chunk(&json!({"role": "assistant", "content": ""}), None, out);
        }
    }

    fn chunk(&self, delta: &Value, finish_reason: Option<&str>, out: &mut Vec<u8>) {
        let finish_reason = Value::from(finish_reason);
        out.extend_from_slice(&self.before);
        let _ = write!(
            out,
            "[{{\"index\":0,\"delta\":{delta},\"logprobs\":null,\"finish_reason\":{finish_reason}}}]"
        );
        out.extend_from_slice(self.after);
    }

    fn tool_call(&mut self, call: &ToolCall, out: &mut Vec<u8>) {
        self.begin(out);
        let index = self.tool_calls;
        self.tool_calls += 1;
        let head = json!({"tool_calls": [{"index": index, "id": call.call_id, "type": "function",
            "function": {"name": call.name, "arguments": ""}}]});
        self.chunk(&head, None, out);
        let arguments = json!({"tool_calls": [{"index": index,
            "function": {"arguments": arguments_text(call)}}]});
        self.chunk(&arguments, None, out);
    }

    fn finish(&mut self, payload: &str, out: &mut Vec<u8>) {
        if !self.failed {
            self.begin(out);
            let reason = serde_json::from_str(payload)
                .map_or(FinishReason::Stop, |finished: TurnFinished| {
                    finished.finish_reason
                });
            self.chunk(&json!({}), Some(finish_reason(reason)), out);
            if self.include_usage {
                let usage = usage_object(self.usage.unwrap_or_default());
                out.extend_from_slice(&self.before);
                let _ = write!(out, "[],\"usage\":{usage}}}\n\n");
            }
        }
        out.extend_from_slice(b"data: [DONE]\n\n");
    }
}

/// The chunks of an answer on its way.
pub(crate) struct ChunkFrames {
    pub(crate) generation: Generation,
    pub(crate) encoder: ChunkEncoder,
}

impl FrameSource for ChunkFrames {
    fn poll_frames(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        let Self {
            generation,
            encoder,
        } = self;
        let mut out = Vec::new();
        while out.is_empty() {
            let mut each = |event: RawEvent<'_>| encoder.encode(event, &mut out);
            if !ready!(generation.poll_events(cx, &mut each)) {
                return Poll::Ready(None);
            }
        }
        Poll::Ready(Some(Bytes::from(out)))
    }
}

/// Gathers a whole answer.
#[derive(Debug, Default)]
pub(crate) struct Collected {
    text: String,
    reasoning: String,
    calls: Vec<ToolCall>,
    usage: Option<Usage>,
    reason: Option<FinishReason>,
    /// What went wrong.
    pub(crate) error: Option<TurnError>,
}

impl Collected {
    pub(crate) fn take(&mut self, event: RawEvent<'_>) {
        match event.kind {
            EventKind::TextDelta => self.text.push_str(event.payload),
            EventKind::ReasoningDelta => self.reasoning.push_str(event.payload),
            EventKind::ToolCall => self
                .calls
                .extend(serde_json::from_str::<ToolCall>(event.payload)),
            EventKind::Usage => self.usage = serde_json::from_str(event.payload).ok(),
            EventKind::Error => self.error = serde_json::from_str(event.payload).ok(),
            EventKind::TurnFinished => {
                self.reason = serde_json::from_str::<TurnFinished>(event.payload)
                    .ok()
                    .map(|finished| finished.finish_reason);
            }
            EventKind::TurnStarted
            | EventKind::ReasoningSignature
            | EventKind::ToolOutput
            | EventKind::ToolResult
            | EventKind::Citation => {}
        }
    }

    /// The completion object.
    pub(crate) fn completion(self, head: &AnswerHead) -> Value {
        let mut message = json!({"role": "assistant", "content": self.text, "refusal": null});
        if !self.reasoning.is_empty() {
            message["reasoning_content"] = self.reasoning.into();
        }
        if !self.calls.is_empty() {
            if self.text.is_empty() {
                message["content"] = Value::Null;
            }
            let call = |call: &ToolCall| {
                json!({"id": call.call_id, "type": "function",
                    "function": {"name": call.name, "arguments": arguments_text(call)}})
            };
            message["tool_calls"] = self.calls.iter().map(call).collect();
        }
        let reason = finish_reason(self.reason.unwrap_or(FinishReason::Stop));
        json!({
            "id": head.id, "object": "chat.completion", "created": head.created, "model": head.model,
            "choices": [{"index": 0, "message": message, "logprobs": null, "finish_reason": reason}],
            "usage": usage_object(self.usage.unwrap_or_default()),
        })
    }
}

fn arguments_text(call: &ToolCall) -> String {
    match &call.arguments {
        // What the model wrote was no JSON object; its client may make something of it.
        Value::String(text) => text.clone(),
        arguments => arguments.to_string(),
    }
}

const fn finish_reason(reason: FinishReason) -> &'static str {
    match reason {
        FinishReason::ToolCalls => "tool_calls",
        FinishReason::ContentFilter => "content_filter",
        FinishReason::Length | FinishReason::Timeout | FinishReason::Budget => "length",
        FinishReason::Stop
        | FinishReason::Stopped
        | FinishReason::Interrupted
        | FinishReason::Error => "stop",
    }
}

/// OpenAI counts cached tokens among those of the prompt; we count them apart.
fn usage_object(usage: Usage) -> Value {
    json!({
        "prompt_tokens": usage.prompt(),
        "completion_tokens": usage.output_tokens,
        "total_tokens": usage.total(),
        "prompt_tokens_details": {"cached_tokens": usage.cache_read_tokens},
    })
}

fn error_object(error: &TurnError) -> Value {
    json!({"error": {"message": error.message, "type": "server_error", "param": null, "code": error.code}})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(include_usage: bool, events: &[(EventKind, &str)]) -> Vec<Value> {
        let mut encoder = ChunkEncoder::new(&AnswerHead::new("m\"odel"), include_usage);
        let mut out = Vec::new();
        for (kind, payload) in events {
            encoder.encode(
                RawEvent {
                    kind: *kind,
                    payload,
                },
                &mut out,
            );
        }
        let text = String::from_utf8(out).unwrap();
        let (last, chunks) = text
            .trim_end()
            .split("\n\n")
            .map(|frame| frame.strip_prefix("data: ").unwrap())
            .collect::<Vec<_>>()
            .split_last()
            .map(|(last, chunks)| (*last, chunks.to_vec()))
            .unwrap();
        assert_eq!(last, "[DONE]");
        chunks
            .into_iter()
            .map(|chunk| serde_json::from_str(chunk).unwrap())
            .collect()
    }

    const FINISHED: (EventKind, &str) = (EventKind::TurnFinished, r#"{"finish_reason":"stop"}"#);

    #[test]
    fn the_role_comes_first_then_content_then_the_reason() {
        let chunks = encoded(false, &[(EventKind::TextDelta, "a\n\"b\""), FINISHED]);
        let delta = |at: usize| &chunks[at]["choices"][0]["delta"];
        assert_eq!(chunks.len(), 3);
        assert_eq!(*delta(0), json!({"role": "assistant", "content": ""}));
        assert_eq!(*delta(1), json!({"content": "a\n\"b\""}));
        assert_eq!(*delta(2), json!({}));
        assert_eq!(chunks[2]["choices"][0]["finish_reason"], "stop");
        assert!(chunks.iter().all(|chunk| chunk["id"] == chunks[0]["id"]
            && chunk["model"] == "m\"odel"
            && chunk.get("usage").is_none()));
    }

    #[test]
    fn usage_comes_last_and_is_null_before_where_it_was_asked_for() {
        let usage = r#"{"input_tokens":5,"output_tokens":3,"cache_read_tokens":2}"#;
        let chunks = encoded(
            true,
            &[
                (EventKind::TextDelta, "a"),
                (EventKind::Usage, usage),
                FINISHED,
            ],
        );
        let (last, earlier) = chunks.split_last().unwrap();
        assert!(earlier.iter().all(|chunk| chunk["usage"].is_null()));
        assert_eq!(last["choices"], json!([]));
        assert_eq!(last["usage"]["prompt_tokens"], 7);
        assert_eq!(last["usage"]["total_tokens"], 10);
        assert_eq!(last["usage"]["prompt_tokens_details"]["cached_tokens"], 2);
    }

    #[test]
    fn a_tool_call_is_its_head_and_then_its_arguments() {
        let call = r#"{"call_id":"c1","name":"f","arguments":{"x":1}}"#;
        let chunks = encoded(
            false,
            &[
                (EventKind::ToolCall, call),
                (EventKind::TurnFinished, r#"{"finish_reason":"tool_calls"}"#),
            ],
        );
        let call = |at: usize| &chunks[at]["choices"][0]["delta"]["tool_calls"][0];
        assert_eq!(call(1)["id"], "c1");
        assert_eq!(call(1)["function"]["name"], "f");
        assert_eq!(call(2)["function"]["arguments"], r#"{"x":1}"#);
        assert_eq!(chunks[3]["choices"][0]["finish_reason"], "tool_calls");
    }

    #[test]
    fn an_error_in_the_middle_is_told_and_the_stream_still_ends() {
        let error = r#"{"code":"model_stream_cut","message":"It broke off.","retryable":true}"#;
        let chunks = encoded(
            false,
            &[
                (EventKind::TextDelta, "a"),
                (EventKind::Error, error),
                (EventKind::TurnFinished, r#"{"finish_reason":"error"}"#),
            ],
        );
        assert_eq!(chunks.last().unwrap()["error"]["code"], "model_stream_cut");
    }
}
