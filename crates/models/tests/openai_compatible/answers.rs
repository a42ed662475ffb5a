//! What an answer becomes.

use serde_json::json;
use tidewire_domain::{FinishReason, ModelEvent, ToolCall, Usage};
use tidewire_test_openai_upstream::{Step, Upstream, events, sse};

use super::{answer, asking, reasoning_of, text_of, tool};

/// The events of an answer that comes as these data, with `[DONE]` behind them.
async fn events_of(data: &[serde_json::Value]) -> Vec<ModelEvent> {
    let upstream = Upstream::start().await.unwrap();
    let steps = data.iter().map(|data| Step::Send(sse(data)));
    let done = [Step::Send("data: [DONE]\n\n".into())];
    upstream.reply_next("m", events(steps.chain(done)));
    answer(&upstream, "m", asking("hello")).await
}

fn delta(delta: &serde_json::Value) -> serde_json::Value {
    json!({"choices": [{"index": 0, "delta": delta, "finish_reason": null}]})
}

fn finish(reason: &str) -> serde_json::Value {
    json!({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]})
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
async fn text_comes_word_by_word_and_ends() {
    let upstream = Upstream::start().await.unwrap();
    let events = answer(&upstream, "echo", asking("three little words")).await;
    let words = ["three ", "little ", "words"].map(|word| ModelEvent::TextDelta(word.into()));
    assert_eq!(events[..3], words);
    assert!(matches!(
        events[3],
        ModelEvent::Usage(Usage {
            output_tokens: 3,
            ..
        })
    ));
    assert_eq!(events[4..], [ModelEvent::Finished(FinishReason::Stop)]);
}

#[tokio::test]
async fn bytes_that_come_one_by_one_change_nothing() {
    let upstream = Upstream::start().await.unwrap();
    let request = asking("wörds in 日本語 and 🌊");
    let slow = answer(&upstream, "bytewise", request.clone()).await;
    assert_eq!(text_of(&slow), "wörds in 日本語 and 🌊");
    assert_eq!(slow, answer(&upstream, "echo", request).await);
}

#[tokio::test]
async fn reasoning_is_told_from_text() {
    let upstream = Upstream::start().await.unwrap();
    let events = answer(&upstream, "reasoner", asking("why?")).await;
    assert!(reasoning_of(&events).starts_with("The user wants"));
    assert_eq!(text_of(&events), "why?");

    let events = events_of(&[
        delta(&json!({"reasoning": "a", "reasoning_content": null})),
        delta(&json!({"reasoning": "b", "reasoning_content": "b"})),
        delta(&json!({"content": "c", "reasoning": ""})),
        finish("stop"),
    ])
    .await;
    assert_eq!(
        (reasoning_of(&events).as_str(), text_of(&events).as_str()),
        ("ab", "c")
    );
}

#[tokio::test]
async fn a_tool_call_is_whole_when_it_comes() {
    let upstream = Upstream::start().await.unwrap();
    let mut request = asking("please use tool");
    request.tools = vec![tool("search")];
    let events = answer(&upstream, "echo", request).await;
    assert_eq!(
        calls_of(&events),
        [&ToolCall {
            call_id: "call_scripted".into(),
            name: "search".into(),
            arguments: json!({"input": "please use tool"}),
        }]
    );
    assert_eq!(
        events.last(),
        Some(&ModelEvent::Finished(FinishReason::ToolCalls))
    );
}

#[tokio::test]
async fn pieces_of_calls_may_mix() {
    let events = events_of(&[
        delta(&json!({"tool_calls": [
            {"index": 0, "id": "a", "function": {"name": "first", "arguments": "{\"x\""}},
            {"index": 1, "id": "b", "function": {"name": "second", "arguments": ""}},
        ]})),
        delta(&json!({"tool_calls": [{"index": 1, "function": {"arguments": "not JSON"}}]})),
        delta(&json!({"tool_calls": [{"index": 0, "id": "a", "function": {"name": "first", "arguments": ":1}"}}]})),
        finish("tool_calls"),
    ])
    .await;
    let calls = calls_of(&events);
    assert_eq!(calls.len(), 2);
    assert_eq!(
        (calls[0].name.as_str(), &calls[0].arguments),
        ("first", &json!({"x": 1}))
    );
    assert_eq!(
        (calls[1].name.as_str(), &calls[1].arguments),
        ("second", &json!("not JSON"))
    );
}

#[tokio::test]
async fn calls_without_ids_or_numbers_are_told_apart() {
    let events = events_of(&[
        delta(&json!({"tool_calls": [{"function": {"name": "f", "arguments": {"whole": true}}}]})),
        delta(&json!({"tool_calls": [{"id": "", "function": {"name": "g", "arguments": ""}}]})),
        delta(&json!({"tool_calls": [{"index": 0, "id": "x", "function": {"name": "h", "arguments": "{}"}}]})),
        delta(&json!({"tool_calls": [{"index": 0, "id": "y", "function": {"name": "i", "arguments": "{}"}}]})),
        delta(&json!({"tool_calls": [{"index": 5, "id": "y", "function": {"name": "j", "arguments": "{}"}}]})),
        finish("stop"),
    ])
    .await;
    let calls = calls_of(&events);
    let names: Vec<&str> = calls.iter().map(|call| call.name.as_str()).collect();
    assert_eq!(names, ["f", "g", "h", "i", "j"]);
    assert_eq!(calls[0].arguments, json!({"whole": true}));
    assert_eq!(calls[1].arguments, json!({}));
    let ids: std::collections::HashSet<&str> =
        calls.iter().map(|call| call.call_id.as_str()).collect();
    assert_eq!(ids.len(), 5, "{ids:?}");
    assert!(!ids.contains(""));
    // Calls were made, whatever the server calls the end.
    assert_eq!(
        events.last(),
        Some(&ModelEvent::Finished(FinishReason::ToolCalls))
    );
}

#[tokio::test]
async fn an_id_that_the_conversation_has_already_is_replaced() {
    let upstream = Upstream::start().await.unwrap();
    let mut request = asking("use tool");
    request.tools = vec![tool("search")];
    let call = ToolCall {
        call_id: "call_scripted".into(),
        name: "search".into(),
        arguments: json!({}),
    };
    request.messages[0]
        .parts
        .insert(0, tidewire_domain::Part::ToolCall(call));
    let events = answer(&upstream, "echo", request).await;
    assert_ne!(calls_of(&events)[0].call_id, "call_scripted");
}

#[tokio::test]
async fn the_end_has_a_reason() {
    for (name, reason) in [
        ("stop", FinishReason::Stop),
        ("length", FinishReason::Length),
        ("content_filter", FinishReason::ContentFilter),
        ("eos", FinishReason::Stop),
        // It says so and calls none.
        ("tool_calls", FinishReason::Stop),
    ] {
        let events = events_of(&[delta(&json!({"content": "a"})), finish(name)]).await;
        assert_eq!(events.last(), Some(&ModelEvent::Finished(reason)), "{name}");
    }
    for name in ["tool_calls", "function_call"] {
        let call =
            json!({"tool_calls": [{"index": 0, "function": {"name": "f", "arguments": "{}"}}]});
        let events = events_of(&[delta(&call), finish(name)]).await;
        assert_eq!(
            events.last(),
            Some(&ModelEvent::Finished(FinishReason::ToolCalls))
        );
    }
}

#[tokio::test]
async fn a_call_that_the_longest_answer_cuts_off_is_no_call() {
    let call = json!({"tool_calls": [{"index": 0, "id": "a", "function": {"name": "f", "arguments": "{\"x\":"}}]});
    let events = events_of(&[delta(&call), finish("length")]).await;
    assert_eq!(events, [ModelEvent::Finished(FinishReason::Length)]);
}

#[tokio::test]
async fn done_alone_is_an_end() {
    let events = events_of(&[delta(&json!({"content": "a"}))]).await;
    assert_eq!(
        events.last(),
        Some(&ModelEvent::Finished(FinishReason::Stop))
    );
    let call = json!({"tool_calls": [{"index": 0, "id": "a", "function": {"name": "f", "arguments": "{}"}}]});
    let events = events_of(&[delta(&call)]).await;
    assert_eq!(
        events.last(),
        Some(&ModelEvent::Finished(FinishReason::ToolCalls))
    );
}

#[tokio::test]
async fn a_reason_alone_is_an_end() {
    let upstream = Upstream::start().await.unwrap();
    let events = answer(&upstream, "echo", asking("hello [[no done]]")).await;
    assert_eq!(text_of(&events), "hello [[no done]]");
    assert_eq!(
        events.last(),
        Some(&ModelEvent::Finished(FinishReason::Stop))
    );
}

#[tokio::test]
async fn a_connection_that_breaks_after_the_reason_took_nothing_away() {
    let upstream = Upstream::start().await.unwrap();
    let steps = [
        Step::Send(sse(&delta(&json!({"content": "whole"})))),
        Step::Send(sse(&finish("stop"))),
        Step::Cut,
    ];
    upstream.reply_next("m", events(steps));
    let events = answer(&upstream, "m", asking("hello")).await;
    assert_eq!(
        events.last(),
        Some(&ModelEvent::Finished(FinishReason::Stop))
    );
}

#[tokio::test]
async fn cached_tokens_are_not_counted_twice() {
    let usage = json!({"choices": [], "usage": {
        "prompt_tokens": 100, "completion_tokens": 7, "total_tokens": 107,
        "prompt_tokens_details": {"cached_tokens": 60, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 3},
    }});
    let events = events_of(&[finish("stop"), usage.clone(), usage]).await;
    let counted = Usage {
        input_tokens: 40,
        output_tokens: 7,
        cache_read_tokens: 60,
        cache_write_tokens: 0,
    };
    assert_eq!(
        events,
        [
            ModelEvent::Usage(counted),
            ModelEvent::Finished(FinishReason::Stop)
        ]
    );
}

#[tokio::test]
async fn an_answer_that_comes_whole_is_accepted() {
    let upstream = Upstream::start().await.unwrap();
    let events = answer(&upstream, "whole", asking("all at once [[reasoning]]")).await;
    assert!(!reasoning_of(&events).is_empty());
    assert_eq!(text_of(&events), "all at once [[reasoning]]");
    assert!(
        events
            .iter()
            .any(|event| matches!(event, ModelEvent::Usage(_)))
    );
    assert_eq!(
        events.last(),
        Some(&ModelEvent::Finished(FinishReason::Stop))
    );

    let mut request = asking("use tool");
    request.tools = vec![tool("search")];
    let events = answer(&upstream, "whole", request).await;
    assert_eq!(calls_of(&events)[0].arguments, json!({"input": "use tool"}));
}

#[tokio::test]
async fn a_refusal_is_text() {
    let events = events_of(&[delta(&json!({"refusal": "I will not."})), finish("stop")]).await;
    assert_eq!(text_of(&events), "I will not.");
}
