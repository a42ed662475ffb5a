//! What a request asks the offline model to do.

use tidewire_domain::{ModelError, ModelMessage, ModelRequest, Part, Role, ToolCall};

use super::{
    introduction::is_about_me,
    query::{Query, build_query},
    token::count_tokens,
    tool_use::choose_call,
};

/// What to do.
#[derive(Debug)]
pub(super) enum Errand {
    /// Say who one is.
    Introduce,
    /// Look something up.
    Find(Query),
    /// Ask for a tool.
    Call(ToolCall),
    /// Tell what tools answered.
    Report,
}

/// Reads what a request asks for.
pub(super) fn read_errand(request: &ModelRequest) -> Result<Errand, ModelError> {
    let has_results = request.messages.last().is_some_and(|message| {
        let mut parts = message.parts.iter();
        parts.any(|part| matches!(part, Part::ToolResult(_)))
    });
    if has_results {
        return Ok(Errand::Report);
    }
    let mut texts = request
        .messages
        .iter()
        .rev()
        .filter(|message| message.role == Role::User)
        .map(read_text);
    let question = texts.next().unwrap_or_default();
    if let Some(call) = choose_call(request, &question)? {
        return Ok(Errand::Call(call));
    }
    if is_about_me(&question) {
        return Ok(Errand::Introduce);
    }
    let previous = texts.find(|text| !text.trim().is_empty());
    let query = build_query(&question, previous.as_deref());
    if query.concepts.is_empty() {
        return Ok(Errand::Introduce);
    }
    Ok(Errand::Find(query))
}

fn read_text(message: &ModelMessage) -> String {
    let mut texts = message.parts.iter().filter_map(|part| match part {
        Part::Text { text } => Some(text.as_str()),
        _ => None,
    });
    let mut joined = texts.next().unwrap_or_default().to_owned();
    for text in texts {
        joined.push('\n');
        joined.push_str(text);
    }
    joined
}

/// The tokens that a request is made of: its texts and what tools were asked and answered.
pub(super) fn count_input(request: &ModelRequest) -> u64 {
    let parts = request.messages.iter().flat_map(|message| &message.parts);
    let said: u64 = parts
        .map(|part| match part {
            Part::Text { text } | Part::Reasoning { text, .. } => count_tokens(text),
            Part::ToolCall(call) => count_tokens(&call.arguments.to_string()),
            Part::ToolResult(result) => count_tokens(&result.content),
            Part::Image(_) | Part::Citation(_) | Part::Error(_) => 0,
        })
        .sum();
    said + request.system.as_deref().map_or(0, count_tokens)
}
