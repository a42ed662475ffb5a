//! The tools that the offline model can use, and how it tells what they answered.

use serde_json::{Value, json};
use tidewire_domain::{ModelError, ModelRequest, Part, ToolCall, ToolChoice, ToolResult};

use super::{
    answer::Answer, code_run::find_code, introduction::is_about_me, query::read_words,
    vocabulary::is_stop_word,
};

const CURRENT_TIME: &str = "current_time";
const RUN_CODE: &str = "run_code";

/// The call that a message asks for, if one of the request's tools can do it. Fails where a call
/// is demanded that the offline model cannot make.
pub(super) fn choose_call(
    request: &ModelRequest,
    message: &str,
) -> Result<Option<ToolCall>, ModelError> {
    let is_offered = |name: &str| request.tools.iter().any(|tool| tool.name == name);
    let (may_tell_time, may_run) = match &request.tool_choice {
        ToolChoice::None => (false, false),
        ToolChoice::Named(name) => (name == CURRENT_TIME, name == RUN_CODE),
        ToolChoice::Auto | ToolChoice::Required => (true, true),
    };
    let may_tell_time = may_tell_time && is_offered(CURRENT_TIME);
    let is_demanded = matches!(
        request.tool_choice,
        ToolChoice::Required | ToolChoice::Named(_)
    );

    if may_run
        && is_offered(RUN_CODE)
        && let Some(code) = find_code(message)
    {
        let arguments = json!({ "language": code.language, "code": code.text });
        return Ok(Some(call(request, RUN_CODE, arguments)));
    }
    if may_tell_time && (is_demanded || asks_for_time(message)) {
        return Ok(Some(call(request, CURRENT_TIME, json!({}))));
    }
    if is_demanded {
        return Err(ModelError::Rejected(
            "the offline model calls only the tools current_time, and run_code for a fenced block that the message asks to run".to_owned(),
        ));
    }
    Ok(None)
}

fn call(request: &ModelRequest, name: &str, arguments: Value) -> ToolCall {
    let calls_before = request
        .messages
        .iter()
        .flat_map(|message| &message.parts)
        .filter(|part| matches!(part, Part::ToolCall(_)))
        .count();
    ToolCall {
        call_id: format!("offline_call_{}", calls_before + 1),
        name: name.to_owned(),
        arguments,
    }
}

fn asks_for_time(message: &str) -> bool {
    const QUESTIONS: &[&str] = &[
        "what time is it",
        "what is the time",
        "what s the time",
        "whats the time",
        "tell me the time",
        "the current time",
        "current time",
        "what is the date",
        "what s the date",
        "whats the date",
        "what date is it",
        "what is today",
        "today s date",
        "todays date",
        "current date",
        "what day is it",
        "what day is today",
        "which day is it",
        "what year is it",
        "what month is it",
    ];
    const BESIDE: &[&str] = &["today", "utc", "local", "time", "date", "currently", "day"];
    let words: Vec<String> = read_words(message).take(13).collect();
    if words.len() > 12 || is_about_me(message) {
        return false;
    }
    let padded = format!(" {} ", words.join(" "));
    // "What is the time limit of a turn?" asks for something else.
    QUESTIONS.iter().any(|question| {
        padded
            .split_once(&format!(" {question} "))
            .is_some_and(|(before, after)| {
                before
                    .split(' ')
                    .chain(after.split(' '))
                    .all(|word| word.is_empty() || is_stop_word(word) || BESIDE.contains(&word))
            })
    })
}

/// Tells what the tools of the last message answered.
pub(super) fn report_results(request: ModelRequest) -> Answer {
    let mut messages = request.messages;
    let last = messages.pop().map(|message| message.parts);
    let mut answer = Answer::default();
    for part in last.unwrap_or_default() {
        let Part::ToolResult(result) = part else {
            continue;
        };
        let called = messages.iter().rev().flat_map(|message| &message.parts);
        let name = called.into_iter().find_map(|part| match part {
            Part::ToolCall(call) if call.call_id == result.call_id => Some(call.name.as_str()),
            _ => None,
        });
        if !answer.pieces.is_empty() {
            answer.push("\n\n");
        }
        push_result(&mut answer, name.unwrap_or("tool"), result);
    }
    answer
}

fn push_result(answer: &mut Answer, name: &str, result: ToolResult) {
    if name == CURRENT_TIME && result.ok {
        answer.push("It is ");
        answer.push(result.content);
        answer.push(", says the clock of the machine that I run on.");
        return;
    }
    answer.push(match (name, result.ok) {
        (RUN_CODE, true) => "The code ran. This is what it gave:".to_owned(),
        (RUN_CODE, false) => "The code could not be run to its end:".to_owned(),
        (_, true) => format!("`{name}` answered:"),
        (_, false) => format!("`{name}` failed:"),
    });
    let fence = choose_fence(&result.content);
    answer.push(format!("\n\n{fence}text\n"));
    let is_open = !result.content.ends_with('\n');
    answer.push(result.content);
    answer.push(format!("{}{fence}", if is_open { "\n" } else { "" }));
}

/// A fence that nothing in a text can close.
fn choose_fence(text: &str) -> String {
    let mut longest = 0;
    let mut run = 0;
    for byte in text.bytes() {
        run = if byte == b'`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    "`".repeat(longest.max(2) + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_is_told_from_other_matters_of_time() {
        for message in [
            "What time is it?",
            "what's the time",
            "what's the date today?",
            "Hello, could you please tell me the time?",
            "what day is it today",
            "current time in UTC",
        ] {
            assert!(asks_for_time(message), "{message}");
        }
        for message in [
            "what is the time limit of a turn",
            "what is the timeout",
            "how do I add a current time tool to bedrock",
            "",
        ] {
            assert!(!asks_for_time(message), "{message}");
        }
    }

    #[test]
    fn output_cannot_close_its_fence() {
        assert_eq!(choose_fence("plain"), "```");
        assert_eq!(choose_fence("a ```` b"), "`````");
    }
}
