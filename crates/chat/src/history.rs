//! What a model is shown of a conversation: the path to the newest message, as much of it as fits.

use tidewire_domain::{
    Message, ModelInfo, ModelMessage, Part, Role, ToolCall, ToolResult, ToolSpec,
};

/// Bytes of text that make about one token. Low, so that the estimate errs towards trimming.
const BYTES_PER_TOKEN: u64 = 3;
/// What providers charge for an image of the largest size that they do not scale down.
const TOKENS_PER_IMAGE: u64 = 1600;
/// What a message costs beyond its text.
const TOKENS_PER_MESSAGE: u64 = 8;
/// Kept free for the answer where the model has no longest output of its own.
const DEFAULT_ANSWER_TOKENS: u64 = 4096;

/// How many bytes of stored messages are worth reading for a model of this size.
pub(crate) fn readable_bytes(info: &ModelInfo) -> u64 {
    // JSON, citations and images take more bytes than they take tokens.
    info.context_window.saturating_mul(8).max(1 << 20)
}

/// Tokens that the messages may take.
fn room(info: &ModelInfo, system: Option<&str>, tools: &[ToolSpec]) -> u64 {
    let answer = info
        .max_output_tokens
        .unwrap_or(DEFAULT_ANSWER_TOKENS)
        .min(info.context_window / 4);
    let tools: u64 = tools
        .iter()
        .map(|tool| text_tokens(&tool.description) + text_tokens(&tool.parameters.to_string()))
        .sum();
    info.context_window
        .saturating_sub(answer)
        .saturating_sub(system.map_or(0, text_tokens))
        .saturating_sub(tools)
}

/// The messages of a path, oldest first, as the model takes them; `current` is what the turn that
/// runs has said so far. The newest user message and `current` always stay, the oldest go first.
pub(crate) fn model_messages(
    path: &[Message],
    current: Vec<Part>,
    info: &ModelInfo,
    system: Option<&str>,
    tools: &[ToolSpec],
) -> Vec<ModelMessage> {
    let mut room = room(info, system, tools);
    let current = split_assistant(current, true);
    room = room.saturating_sub(current.iter().map(message_tokens).sum());
    let mut kept: Vec<Vec<ModelMessage>> = Vec::new();
    for (newness, message) in path.iter().rev().enumerate() {
        let messages = match message.role {
            Role::User => vec![ModelMessage {
                role: Role::User,
                parts: message.parts.clone(),
            }],
            Role::Assistant => split_assistant(message.parts.clone(), false),
        };
        let cost: u64 = messages.iter().map(message_tokens).sum();
        if newness > 0 && cost > room {
            break;
        }
        room = room.saturating_sub(cost);
        kept.push(messages);
    }
    let mut messages: Vec<ModelMessage> = kept.into_iter().rev().flatten().collect();
    // What is left of a cut exchange says nothing without its beginning.
    let first_question = messages
        .iter()
        .position(|message| message.role == Role::User && !holds_only_results(message))
        .unwrap_or(0);
    messages.drain(..first_question);
    messages.extend(current);
    merge_neighbours(messages)
}

fn holds_only_results(message: &ModelMessage) -> bool {
    message
        .parts
        .iter()
        .all(|part| matches!(part, Part::ToolResult(_)))
}

/// An assistant message as the exchange that it was: what the model said, what the tools answered,
/// what it said then. Every call gets an answer: providers refuse a call without one.
fn split_assistant(parts: Vec<Part>, keep_reasoning: bool) -> Vec<ModelMessage> {
    let mut messages: Vec<ModelMessage> = Vec::new();
    let mut said = Vec::new();
    let mut open: Vec<ToolCall> = Vec::new();
    let mut results: Vec<Part> = Vec::new();
    let close = |said: &mut Vec<Part>,
                 open: &mut Vec<ToolCall>,
                 results: &mut Vec<Part>,
                 messages: &mut Vec<ModelMessage>| {
        for call in open.drain(..) {
            results.push(Part::ToolResult(ToolResult {
                call_id: call.call_id,
                ok: false,
                content: "The call was interrupted.".into(),
            }));
        }
        for (role, parts) in [(Role::Assistant, said), (Role::User, results)] {
            if !parts.is_empty() {
                messages.push(ModelMessage {
                    role,
                    parts: std::mem::take(parts),
                });
            }
        }
    };
    for part in parts {
        match part {
            Part::ToolResult(result) => {
                open.retain(|call| call.call_id != result.call_id);
                results.push(Part::ToolResult(result));
            }
            Part::Citation(_) | Part::Error(_) => {}
            Part::Reasoning { .. } if !keep_reasoning => {}
            Part::Text { ref text } if text.is_empty() => {}
            spoken => {
                if !results.is_empty() {
                    close(&mut said, &mut open, &mut results, &mut messages);
                }
                if let Part::ToolCall(call) = &spoken {
                    open.push(call.clone());
                }
                said.push(spoken);
            }
        }
    }
    close(&mut said, &mut open, &mut results, &mut messages);
    messages
}

/// A turn that said nothing leaves two user messages side by side, which providers refuse.
fn merge_neighbours(messages: Vec<ModelMessage>) -> Vec<ModelMessage> {
    let mut merged: Vec<ModelMessage> = Vec::with_capacity(messages.len());
    for message in messages {
        match merged.last_mut() {
            Some(last) if last.role == message.role => last.parts.extend(message.parts),
            _ => merged.push(message),
        }
    }
    merged
}

fn message_tokens(message: &ModelMessage) -> u64 {
    TOKENS_PER_MESSAGE + message.parts.iter().map(part_tokens).sum::<u64>()
}

fn part_tokens(part: &Part) -> u64 {
    match part {
        Part::Text { text } | Part::Reasoning { text, .. } => text_tokens(text),
        Part::Image(_) => TOKENS_PER_IMAGE,
        Part::ToolCall(call) => text_tokens(&call.name) + text_tokens(&call.arguments.to_string()),
        Part::ToolResult(result) => text_tokens(&result.content),
        Part::Citation(_) | Part::Error(_) => 0,
    }
}

/// About how many tokens a text takes.
pub(crate) fn text_tokens(text: &str) -> u64 {
    (text.len() as u64).div_ceil(BYTES_PER_TOKEN)
}
