//! What an answer becomes.

use serde_json::{Value, json};
use tidewire_domain::{FinishReason, ModelError, ModelEvent, ToolCall, Usage};
use tidewire_test_bedrock::{BedrockServer, Step, event, reasoning, stream, text, tool_use};

use super::{asking, events_of, model_at, said, say};

const USAGE: ModelEvent = ModelEvent::Usage(Usage {
    input_tokens: 11,
    output_tokens: 2,
    cache_read_tokens: 3,
    cache_write_tokens: 2,
});

fn send(kind: &str, payload: &Value) -> Step {
    Step::Send(event(kind, payload))
}

fn tool_pieces(index: u32, name: &str, pieces: &[&str]) -> Vec<Step> {
    let start = json!({"toolUse": {"toolUseId": format!("id-{name}"), "name": name}});
    let mut steps = vec![send(
        "contentBlockStart",
        &json!({"contentBlockIndex": index, "start": start}),
    )];
    steps.extend(pieces.iter().map(|piece| {
        let delta = json!({"toolUse": {"input": piece}});
        send(
            "contentBlockDelta",
            &json!({"contentBlockIndex": index, "delta": delta}),
        )
    }));
    steps.push(send(
        "contentBlockStop",
        &json!({"contentBlockIndex": index}),
    ));
    steps
}

fn stop(reason: &str) -> Step {
    send("messageStop", &json!({"stopReason": reason}))
}

fn delta(text: &str) -> ModelEvent {
    ModelEvent::TextDelta(text.into())
}

fn calls_of(events: &[ModelEvent]) -> Vec<&ToolCall> {
    events
        .iter()
        .filter_map(|event| match event {
            ModelEvent::ToolCall(call) => Some(call),
            _ => None,
        })
        .collect()
}

#[tokio::test]
async fn text_comes_piece_by_piece_and_ends() {
    let events = events_of(stream(text(["Grüße, ", "🌊"], &[]))).await;
    assert_eq!(
        events,
        [
            delta("Grüße, "),
            delta("🌊"),
            USAGE,
            ModelEvent::Finished(FinishReason::Stop)
        ]
    );
}

#[tokio::test]
async fn bytes_that_come_one_by_one_change_nothing() {
    let steps = text(["some ", "text"], &[]);
    let whole = events_of(stream(steps.clone())).await;
    assert_eq!(events_of(stream(steps).bytewise()).await, whole);
}

#[tokio::test]
async fn the_default_answer_is_an_echo() {
    let server = BedrockServer::start().await.unwrap();
    let said = say(&model_at(&server.endpoint_url()), asking("two words")).await;
    assert_eq!(said[..2], [Ok(delta("two ")), Ok(delta("words"))]);
}

#[tokio::test]
async fn a_tool_call_is_put_together() {
    let arguments = json!({"query": "tide tables", "limit": 3});
    let events = events_of(stream(tool_use("search", &arguments))).await;
    assert_eq!(
        calls_of(&events),
        [&ToolCall {
            call_id: "tooluse_scripted".into(),
            name: "search".into(),
            arguments,
        }]
    );
    assert_eq!(
        events.last(),
        Some(&ModelEvent::Finished(FinishReason::ToolCalls))
    );
}

#[tokio::test]
async fn calls_may_be_many_malformed_or_without_arguments() {
    let mut steps = tool_pieces(0, "first", &["{\"a\"", ":1}"]);
    steps.extend(tool_pieces(1, "second", &["{\"a\":"]));
    steps.extend(tool_pieces(2, "third", &[""]));
    steps.push(stop("tool_use"));
    let events = events_of(stream(steps)).await;
    let mut calls: Vec<(&str, &Value)> = calls_of(&events)
        .into_iter()
        .map(|call| (call.call_id.as_str(), &call.arguments))
        .collect();
    calls.sort_by_key(|(id, _)| *id);
    assert_eq!(
        calls,
        [
            ("id-first", &json!({"a": 1})),
            ("id-second", &json!("{\"a\":")),
            ("id-third", &json!({})),
        ]
    );
}

#[tokio::test]
async fn a_call_that_the_longest_answer_cuts_off_is_no_call() {
    let mut steps = tool_pieces(0, "first", &["{\"a\":"]);
    steps.push(stop("max_tokens"));
    let events = events_of(stream(steps)).await;
    assert_eq!(events, [ModelEvent::Finished(FinishReason::Length)]);
}

#[tokio::test]
async fn a_block_that_is_never_closed_ends_with_the_message() {
    let mut steps = tool_pieces(0, "first", &["{}"]);
    steps.pop();
    steps.push(stop("tool_use"));
    let events = events_of(stream(steps)).await;
    assert_eq!(calls_of(&events).len(), 1);
}

#[tokio::test]
async fn thoughts_and_their_seals_come_in_order() {
    let events = events_of(stream(reasoning(
        "two thoughts",
        "c2ln",
        b"\x00\xff",
        "done",
    )))
    .await;
    assert_eq!(
        events[..5],
        [
            ModelEvent::ReasoningDelta("two ".into()),
            ModelEvent::ReasoningDelta("thoughts".into()),
            ModelEvent::ReasoningSignature("c2ln".into()),
            ModelEvent::ReasoningSignature("redacted:AP8=".into()),
            delta("done"),
        ]
    );
}

#[tokio::test]
async fn a_seal_may_come_in_pieces() {
    let piece = |delta: Value| {
        let delta = json!({"reasoningContent": delta});
        send(
            "contentBlockDelta",
            &json!({"contentBlockIndex": 0, "delta": delta}),
        )
    };
    let steps = [
        piece(json!({"text": "t"})),
        piece(json!({"signature": "ab"})),
        piece(json!({"signature": "cd"})),
        send("contentBlockStop", &json!({"contentBlockIndex": 0})),
        stop("end_turn"),
    ];
    let events = events_of(stream(steps)).await;
    assert_eq!(events[1], ModelEvent::ReasoningSignature("abcd".into()));
}

#[tokio::test]
async fn the_end_has_a_reason() {
    for (name, reason) in [
        ("end_turn", FinishReason::Stop),
        ("stop_sequence", FinishReason::Stop),
        ("max_tokens", FinishReason::Length),
        ("model_context_window_exceeded", FinishReason::Length),
        ("content_filtered", FinishReason::ContentFilter),
        ("guardrail_intervened", FinishReason::ContentFilter),
        ("something_new", FinishReason::Stop),
        // It says so and calls none.
        ("tool_use", FinishReason::Stop),
    ] {
        let events = events_of(stream([stop(name)])).await;
        assert_eq!(events, [ModelEvent::Finished(reason)], "{name}");
    }
    for name in ["malformed_model_output", "malformed_tool_use"] {
        let said = said(stream([stop(name)])).await;
        assert!(
            matches!(said[..], [Err(ModelError::Protocol(_))]),
            "{said:?}"
        );
    }
}

#[tokio::test]
async fn events_that_nobody_knows_are_passed_over() {
    let steps = [
        send("somethingNew", &json!({"a": 1})),
        send(
            "contentBlockDelta",
            &json!({"contentBlockIndex": 0, "delta": {"new": {}}}),
        ),
        send(
            "contentBlockDelta",
            &json!({"contentBlockIndex": 0, "delta": {"text": ""}}),
        ),
        stop("end_turn"),
    ];
    let events = events_of(stream(steps)).await;
    assert_eq!(events, [ModelEvent::Finished(FinishReason::Stop)]);
}

#[tokio::test]
async fn a_connection_that_breaks_after_the_reason_took_nothing_away() {
    let steps = [stop("end_turn"), Step::Cut];
    let events = events_of(stream(steps)).await;
    assert_eq!(events, [ModelEvent::Finished(FinishReason::Stop)]);
}
