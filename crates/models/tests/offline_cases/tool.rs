//! The tools that the offline model uses.

use serde_json::json;
use tidewire_domain::{
    FinishReason, ModelError, ModelEvent, ModelMessage, ModelRequest, Part, Role, ToolCall,
    ToolChoice, ToolResult, ToolSpec,
};

use crate::{model, question, says, tell};

fn tools(names: &[&str]) -> Vec<ToolSpec> {
    let spec = |name: &&str| ToolSpec {
        name: (*name).to_owned(),
        description: String::new(),
        parameters: json!({"type": "object"}),
    };
    names.iter().map(spec).collect()
}

fn with_tools(text: &str, names: &[&str]) -> ModelRequest {
    ModelRequest {
        tools: tools(names),
        ..question(text)
    }
}

async fn call(request: ModelRequest) -> Option<ToolCall> {
    let told = tell(&model(0.0), request).await.expect("an answer");
    let call = told.events.iter().find_map(|event| match event {
        ModelEvent::ToolCall(call) => Some(call.clone()),
        _ => None,
    });
    let is_called = told.finish() == FinishReason::ToolCalls;
    assert_eq!(is_called, call.is_some());
    call
}

fn answered(name: &str, ok: bool, content: &str) -> ModelRequest {
    let called = ModelMessage {
        role: Role::Assistant,
        parts: vec![Part::ToolCall(ToolCall {
            call_id: "offline_call_1".to_owned(),
            name: name.to_owned(),
            arguments: json!({}),
        })],
    };
    let result = ModelMessage {
        role: Role::User,
        parts: vec![Part::ToolResult(ToolResult {
            call_id: "offline_call_1".to_owned(),
            ok,
            content: content.to_owned(),
        })],
    };
    ModelRequest {
        messages: vec![says(Role::User, "what time is it?"), called, result],
        tools: tools(&[name]),
        ..ModelRequest::default()
    }
}

#[tokio::test]
async fn the_clock_is_asked_for_the_time() {
    let asked = call(with_tools("What time is it?", &["current_time"])).await;
    let asked = asked.expect("a call");
    assert_eq!(asked.name, "current_time");
    assert_eq!(asked.arguments, json!({}));
    assert_eq!(asked.call_id, "offline_call_1");
    assert!(
        call(with_tools("what's the date today", &["current_time"]))
            .await
            .is_some()
    );
    assert!(
        call(with_tools("what time is it", &["other"]))
            .await
            .is_none()
    );
    assert!(
        call(with_tools("which port", &["current_time"]))
            .await
            .is_none()
    );
}

#[tokio::test]
async fn the_result_is_told() {
    let request = answered("current_time", true, "2026-11-20T10:00:00Z");
    let told = tell(&model(0.0), request).await.expect("an answer");
    assert!(
        told.text.starts_with("It is 2026-11-20T10:00:00Z"),
        "{}",
        told.text
    );
    assert_eq!(told.finish(), FinishReason::Stop);

    let request = answered("run_code", true, "4\n```\n");
    let told = tell(&model(0.0), request).await.expect("an answer");
    assert!(
        told.text.ends_with("````text\n4\n```\n````"),
        "{}",
        told.text
    );

    let request = answered("run_code", false, "exit status 1");
    let told = tell(&model(0.0), request).await.expect("an answer");
    assert!(told.text.contains("could not be run"), "{}", told.text);
    assert!(told.text.contains("exit status 1"));
}

#[tokio::test]
async fn a_fenced_block_is_run_when_that_is_asked() {
    let text = "Run this please:\n\n```python\nprint(2 + 2)\n```";
    let asked = call(with_tools(text, &["current_time", "run_code"])).await;
    let asked = asked.expect("a call");
    assert_eq!(asked.name, "run_code");
    assert_eq!(
        asked.arguments,
        json!({"language": "python", "code": "print(2 + 2)\n"})
    );
    assert!(call(with_tools(text, &["current_time"])).await.is_none());
}

#[tokio::test]
async fn the_choice_of_tools_is_kept() {
    let choose = |text: &str, tool_choice: ToolChoice| ModelRequest {
        tool_choice,
        ..with_tools(text, &["current_time", "weather"])
    };
    assert!(
        call(choose("what time is it", ToolChoice::None))
            .await
            .is_none()
    );
    assert!(call(choose("hello", ToolChoice::Required)).await.is_some());
    let named = ToolChoice::Named("current_time".to_owned());
    assert!(call(choose("hello", named)).await.is_some());
    let named = ToolChoice::Named("weather".to_owned());
    let refused = tell(&model(0.0), choose("what time is it", named)).await;
    assert!(
        matches!(refused, Err(ModelError::Rejected(_))),
        "{refused:?}"
    );
}
