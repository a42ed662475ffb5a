//! What the server answers where nobody put a reply in line.
//!
//! | model | answers |
//! |---|---|
//! | `echo` | the last user message, a word a chunk |
//! | `paced` | words `token0 token1 …`; `tokens=N` and `gap_ms=N` in the message say how many (40) and how far apart (25) |
//! | `bytewise` | as `echo`, each byte a chunk of HTTP of its own |
//! | `whole` | as `echo`, as one JSON document in spite of `stream: true` |
//! | `reasoner` | as `echo`, with reasoning before it |
//! | `no-usage` | as `echo`, and refuses `stream_options` with 400 |
//!
//! | in the last user message | what happens |
//! |---|---|
//! | `use tool` | the first tool that was offered is called with `{"input": the message}`; once its result is there, the answer quotes it |
//! | `[[cut]]` | the connection breaks in the middle of the answer |
//! | `[[silence]]` | some text, then nothing more, and the connection stays open |
//! | `[[garbage]]` | some text, then an event that is no JSON |
//! | `[[error N]]` | HTTP status N with an error object |
//! | `[[stream error]]` | some text, then an error object in the stream |
//! | `[[length]]`, `[[content_filter]]` | the answer ends for that reason |
//! | `[[no done]]` | the stream ends without `[DONE]` |
//! | `[[markdown]]` | a fixed text with all that markdown can hold, hostile things too |
//! | `[[reasoning]]` | reasoning before the answer |

use std::time::Duration;

use serde_json::{Value, json};
use tidewire_test_scripted_http::{Reply, Step};

use crate::chunk::{self, Finish, chunk, events, sse, usage_chunk};

/// The models that `/v1/models` lists.
pub const MODELS: [&str; 6] = ["echo", "paced", "bytewise", "whole", "reasoner", "no-usage"];

/// The answer to `[[markdown]]`.
pub const MARKDOWN: &str = include_str!("markdown.md");

const REASONING: &str = "The user wants an answer. I think about it step by step.";

/// An answer, before it is put on the wire.
struct Answer {
    reasoning: Vec<String>,
    pieces: Vec<String>,
    tool_call: Option<(String, Value)>,
    finish: Finish,
    gap: Duration,
}

/// The reply to a request body.
pub(crate) fn reply(request: &Value) -> Reply {
    let model = request["model"].as_str().unwrap_or_default();
    if !MODELS.contains(&model) {
        let text = format!("The model `{model}` does not exist");
        let error = chunk::error(&text, "invalid_request_error", Some("model_not_found"));
        return Reply::json(404, &error);
    }
    if model == "no-usage" && request.get("stream_options").is_some() {
        let error = chunk::error(
            "Unknown field: stream_options",
            "invalid_request_error",
            None,
        );
        return Reply::json(400, &error);
    }
    let message = last_user_text(request);
    if let Some(status) = number_after(&message, "[[error ") {
        let error = chunk::error(&format!("scripted error {status}"), "scripted", None);
        return Reply::json(u16::try_from(status).unwrap_or(500), &error);
    }
    let answer = answer(request, model, &message);
    let usage = usage(request, &answer);
    if model == "whole" || request["stream"] != true {
        let body = chunk::whole(model, &whole_message(&answer), answer.finish, &usage);
        return Reply::json(200, &body);
    }
    let with_usage = request["stream_options"]["include_usage"] == true;
    let steps = steps(model, &message, &answer, with_usage.then_some(&usage));
    match model {
        "bytewise" => events(steps).bytewise(),
        _ => events(steps),
    }
}

fn answer(request: &Value, model: &str, message: &str) -> Answer {
    let tool_result = request["messages"]
        .as_array()
        .and_then(|messages| messages.last())
        .filter(|last| last["role"] == "tool")
        .and_then(|last| last["content"].as_str());
    let first_tool = request["tools"][0]["function"]["name"].as_str();
    let tool_call = first_tool
        .filter(|_| tool_result.is_none() && message.contains("use tool"))
        .map(|name| (name.to_owned(), json!({"input": message})));
    let pieces = match (tool_result, model) {
        _ if tool_call.is_some() => Vec::new(),
        (Some(result), _) => words(&format!("The tool said: {result}")),
        (None, _) if message.contains("[[markdown]]") => words(MARKDOWN),
        (None, "paced") => (0..number_after(message, "tokens=").unwrap_or(40))
            .map(|number| format!("token{number} "))
            .collect(),
        _ => words(message),
    };
    let reasons = model == "reasoner" || message.contains("[[reasoning]]");
    let finish = match message {
        _ if tool_call.is_some() => Finish::ToolCalls,
        _ if message.contains("[[length]]") => Finish::Length,
        _ if message.contains("[[content_filter]]") => Finish::ContentFilter,
        _ => Finish::Stop,
    };
    let gap_ms = match model {
        "paced" => number_after(message, "gap_ms=").unwrap_or(25),
        _ => 0,
    };
    Answer {
        reasoning: words(if reasons { REASONING } else { "" }),
        pieces,
        tool_call,
        finish,
        gap: Duration::from_millis(gap_ms),
    }
}

/// The answer as a stream, with the accident that the message asks for in its middle.
fn steps(model: &str, message: &str, answer: &Answer, usage: Option<&Value>) -> Vec<Step> {
    let send = |data: &Value| Step::Send(sse(data));
    let delta = |delta: Value| send(&chunk(model, &delta, None));
    let mut steps = vec![delta(json!({"role": "assistant", "content": ""}))];
    for word in &answer.reasoning {
        steps.push(delta(json!({"reasoning_content": word})));
    }
    for (number, word) in answer.pieces.iter().enumerate() {
        if number > 0 && !answer.gap.is_zero() {
            steps.push(Step::Wait(answer.gap));
        }
        steps.push(delta(json!({"content": word})));
    }
    if let Some((name, arguments)) = &answer.tool_call {
        steps.push(delta(json!({"tool_calls": [{
            "index": 0, "id": "call_scripted", "type": "function",
            "function": {"name": name, "arguments": ""},
        }]})));
        for piece in words(&arguments.to_string()) {
            steps.push(delta(
                json!({"tool_calls": [{"index": 0, "function": {"arguments": piece}}]}),
            ));
        }
    }
    let half = steps.len().div_ceil(2);
    let accident = if message.contains("[[cut]]") {
        Some(Step::Cut)
    } else if message.contains("[[silence]]") {
        Some(Step::Silence)
    } else if message.contains("[[garbage]]") {
        Some(Step::Send("data: {\"choices\": this is no JSON\n\n".into()))
    } else if message.contains("[[stream error]]") {
        let error = chunk::error("the engine fell over", "server_error", None);
        Some(send(&error))
    } else {
        None
    };
    if let Some(accident) = accident {
        steps.truncate(half);
        steps.push(accident);
        return steps;
    }
    steps.push(send(&chunk(model, &json!({}), Some(answer.finish))));
    steps.extend(usage.map(|usage| send(&usage_chunk(model, usage))));
    if !message.contains("[[no done]]") {
        steps.push(Step::Send("data: [DONE]\n\n".into()));
    }
    steps
}

fn whole_message(answer: &Answer) -> Value {
    let mut message = json!({"role": "assistant", "content": answer.pieces.concat()});
    if !answer.reasoning.is_empty() {
        message["reasoning_content"] = answer.reasoning.concat().into();
    }
    if let Some((name, arguments)) = &answer.tool_call {
        message["tool_calls"] = json!([{
            "id": "call_scripted", "type": "function",
            "function": {"name": name, "arguments": arguments.to_string()},
        }]);
    }
    message
}

/// A word is a token here.
fn usage(request: &Value, answer: &Answer) -> Value {
    let read = request["messages"].to_string().split(' ').count();
    let written = answer.pieces.len() + answer.reasoning.len();
    json!({
        "prompt_tokens": read,
        "completion_tokens": written,
        "total_tokens": read + written,
        "prompt_tokens_details": {"cached_tokens": 0},
    })
}

/// The text of the last user message, whether it came bare or as a list of parts.
fn last_user_text(request: &Value) -> String {
    let messages = request["messages"].as_array();
    let last = messages
        .and_then(|messages| messages.iter().rfind(|message| message["role"] == "user"))
        .map_or(&Value::Null, |message| &message["content"]);
    match last {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts
            .iter()
            .filter_map(|part| part["text"].as_str())
            .collect(),
        _ => String::new(),
    }
}

/// The words of a text, each with the space after it.
fn words(text: &str) -> Vec<String> {
    text.split_inclusive(' ').map(str::to_owned).collect()
}

/// The number that stands right behind `prefix`.
fn number_after(text: &str, prefix: &str) -> Option<u64> {
    let (_, rest) = text.split_once(prefix)?;
    let end = rest.find(|c: char| !c.is_ascii_digit());
    rest[..end.unwrap_or(rest.len())].parse().ok()
}
