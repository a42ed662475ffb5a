//! Our own dialect: each event of a turn's log as `id`, `event` and `data`.

use std::{
    io::Write,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use tidewire_chat::{Tail, TailItem, TailStep};
use tidewire_domain::{EventKind, RawEvent};

use crate::http::{problem::Problem, sse::FrameSource};

/// The frames of a log that is tailed.
pub(crate) struct NativeFrames {
    tail: Tail,
    over: bool,
}

impl NativeFrames {
    pub(crate) const fn new(tail: Tail) -> Self {
        Self { tail, over: false }
    }
}

impl FrameSource for NativeFrames {
    fn poll_frames(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        let mut out = Vec::new();
        while out.is_empty() {
            if self.over {
                return Poll::Ready(None);
            }
            let step = ready!(self.tail.poll_items(cx, &mut |item| encode(item, &mut out)));
            match step {
                Ok(TailStep::More) => {}
                Ok(TailStep::Ended) => self.over = true,
                Err(error) => {
                    encode_failure(&error.into(), &mut out);
                    self.over = true;
                }
            }
        }
        Poll::Ready(Some(Bytes::from(out)))
    }
}

/// Appends the frame of one item.
pub(crate) fn encode(item: TailItem<'_>, out: &mut Vec<u8>) {
    match item {
        TailItem::Reset => out.extend_from_slice(b"event: reset\ndata: {}\n\n"),
        TailItem::Event { seq, event } => {
            out.reserve(event.payload.len() + 64);
            out.extend_from_slice(b"id: ");
            // Writing to memory cannot fail.
            let _ = write!(out, "{seq}");
            out.extend_from_slice(b"\nevent: ");
            out.extend_from_slice(event_name(event.kind).as_bytes());
            out.extend_from_slice(b"\ndata: ");
            encode_data(event, out);
            out.extend_from_slice(b"\n\n");
        }
    }
}

fn encode_data(event: RawEvent<'_>, out: &mut Vec<u8>) {
    let before: &[u8] = match event.kind {
        EventKind::TextDelta | EventKind::ReasoningDelta => b"{\"text\":",
        EventKind::ReasoningSignature => b"{\"text\":\"\",\"signature\":",
        _ => {
            out.extend_from_slice(event.payload.as_bytes());
            return;
        }
    };
    out.extend_from_slice(before);
    let _ = serde_json::to_writer(&mut *out, event.payload);
    out.push(b'}');
}

const fn event_name(kind: EventKind) -> &'static str {
    match kind {
        EventKind::TurnStarted => "turn_started",
        EventKind::TextDelta => "text_delta",
        EventKind::ReasoningDelta | EventKind::ReasoningSignature => "reasoning_delta",
        EventKind::ToolCall => "tool_call",
        EventKind::ToolOutput => "tool_output",
        EventKind::ToolResult => "tool_result",
        EventKind::Citation => "citation",
        EventKind::Usage => "usage",
        EventKind::Error => "error",
        EventKind::TurnFinished => "turn_finished",
    }
}

/// The log cannot be read on, so this is no part of it and has no number: a reader that comes back
/// starts where it was.
fn encode_failure(problem: &Problem, out: &mut Vec<u8>) {
    let error = serde_json::json!({
        "code": problem.code,
        "message": problem.detail,
        "retryable": problem.status.is_server_error(),
    });
    let _ = write!(
        out,
        "event: error\ndata: {error}\n\n\
         event: turn_finished\ndata: {{\"finish_reason\":\"interrupted\"}}\n\n"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(kind: EventKind, payload: &str) -> String {
        let mut out = Vec::new();
        let event = RawEvent { kind, payload };
        encode(TailItem::Event { seq: 7, event }, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn text_is_escaped_so_that_no_line_break_ends_a_frame() {
        assert_eq!(
            frame(EventKind::TextDelta, "a\n\n\"b\"\u{0}"),
            "id: 7\nevent: text_delta\ndata: {\"text\":\"a\\n\\n\\\"b\\\"\\u0000\"}\n\n"
        );
    }

    #[test]
    fn objects_travel_as_they_are_stored() {
        assert_eq!(
            frame(EventKind::TurnFinished, r#"{"finish_reason":"stop"}"#),
            "id: 7\nevent: turn_finished\ndata: {\"finish_reason\":\"stop\"}\n\n"
        );
    }

    #[test]
    fn a_reset_has_no_number() {
        let mut out = Vec::new();
        encode(TailItem::Reset, &mut out);
        assert_eq!(out, b"event: reset\ndata: {}\n\n");
    }
}
