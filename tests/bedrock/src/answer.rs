//! Whole answers, as lists of steps.

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};
use tidewire_test_scripted_http::Step;

use crate::frame::event;

/// Bedrock pads its events to hide the length of what is in them.
const PADDING: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/// The answer that consists of these pieces of text, each followed by `between`.
pub fn text<'a>(pieces: impl IntoIterator<Item = &'a str>, between: &[Step]) -> Vec<Step> {
    let mut steps = vec![start()];
    let mut pieces_sent = 0_u64;
    for piece in pieces {
        pieces_sent += 1;
        let length = usize::try_from(pieces_sent * 7 % 60).unwrap_or(0) + 2;
        steps.push(Step::Send(event(
            "contentBlockDelta",
            &json!({"contentBlockIndex": 0, "delta": {"text": piece}, "p": PADDING[..length]}),
        )));
        steps.extend_from_slice(between);
    }
    steps.push(stop_block(0));
    steps.extend(end("end_turn", pieces_sent));
    steps
}

/// The answer that repeats a text, a word an event.
pub fn echo(message: &str) -> Vec<Step> {
    text(message.split_inclusive(' '), &[])
}

/// A few words, and then a call of `tool` with these arguments, which come in pieces.
pub fn tool_use(tool: &str, arguments: &Value) -> Vec<Step> {
    let mut steps = vec![
        start(),
        delta(0, &json!({"text": "I'll look that up."})),
        stop_block(0),
        Step::Send(event(
            "contentBlockStart",
            &json!({"contentBlockIndex": 1, "start": {"toolUse": {"toolUseId": "tooluse_scripted", "name": tool}}}),
        )),
    ];
    for piece in arguments.to_string().split_inclusive([':', ' ']) {
        steps.push(delta(1, &json!({"toolUse": {"input": piece}})));
    }
    steps.push(stop_block(1));
    steps.extend(end("tool_use", 9));
    steps
}

/// A thought with its seal, one that came encrypted, and a text after them.
pub fn reasoning(thought: &str, signature: &str, redacted: &[u8], text: &str) -> Vec<Step> {
    let mut steps = vec![start()];
    for word in thought.split_inclusive(' ') {
        steps.push(delta(0, &json!({"reasoningContent": {"text": word}})));
    }
    steps.push(delta(
        0,
        &json!({"reasoningContent": {"signature": signature}}),
    ));
    steps.push(stop_block(0));
    let redacted = BASE64_STANDARD.encode(redacted);
    steps.push(delta(
        1,
        &json!({"reasoningContent": {"redactedContent": redacted}}),
    ));
    steps.push(stop_block(1));
    steps.push(delta(2, &json!({ "text": text })));
    steps.push(stop_block(2));
    steps.extend(end("end_turn", 20));
    steps
}

fn start() -> Step {
    Step::Send(event(
        "messageStart",
        &json!({"role": "assistant", "p": PADDING[..11]}),
    ))
}

fn delta(index: u32, delta: &Value) -> Step {
    Step::Send(event(
        "contentBlockDelta",
        &json!({"contentBlockIndex": index, "delta": delta, "p": PADDING[..9]}),
    ))
}

fn stop_block(index: u32) -> Step {
    Step::Send(event(
        "contentBlockStop",
        &json!({"contentBlockIndex": index, "p": PADDING[..6]}),
    ))
}

fn end(reason: &str, output_tokens: u64) -> [Step; 2] {
    let metadata = json!({
        "metrics": {"latencyMs": 551},
        "usage": {
            "inputTokens": 11,
            "outputTokens": output_tokens,
            "totalTokens": 11 + output_tokens,
            "cacheReadInputTokens": 3,
            "cacheWriteInputTokens": 2,
        },
        "p": PADDING[..3],
    });
    [
        Step::Send(event(
            "messageStop",
            &json!({"stopReason": reason, "p": PADDING[..6]}),
        )),
        Step::Send(event("metadata", &metadata)),
    ]
}
