//! Answers in the shapes of real servers; see `recorded/README.md`.

use serde_json::{Value, json};
use tidewire_domain::{FinishReason, ModelEvent, Usage};
use tidewire_test_openai_upstream::{Step, Upstream, events};

use super::{answer, asking, reasoning_of, text_of};

/// The events of a recorded answer, which are the same when its bytes come one by one.
async fn replay(recorded: &'static str) -> Vec<ModelEvent> {
    let upstream = Upstream::start().await.unwrap();
    let reply = events([Step::Send(recorded.into())]);
    upstream.reply_next("m", reply.clone());
    upstream.reply_next("m", reply.bytewise());
    let events = answer(&upstream, "m", asking("hello")).await;
    assert_eq!(answer(&upstream, "m", asking("hello")).await, events);
    events
}

fn calls_of(events: &[ModelEvent]) -> Vec<(&str, &str, &Value)> {
    events
        .iter()
        .filter_map(|event| match event {
            ModelEvent::ToolCall(call) => {
                Some((call.call_id.as_str(), call.name.as_str(), &call.arguments))
            }
            _ => None,
        })
        .collect()
}

fn ends_with(events: &[ModelEvent], usage: Usage, reason: FinishReason) {
    let end = [ModelEvent::Usage(usage), ModelEvent::Finished(reason)];
    assert_eq!(events[events.len() - 2..], end);
}

fn usage(input_tokens: u64, output_tokens: u64, cache_read_tokens: u64) -> Usage {
    Usage {
        input_tokens,
        output_tokens,
        cache_read_tokens,
        cache_write_tokens: 0,
    }
}

#[tokio::test]
async fn openai() {
    let events = replay(include_str!("recorded/openai.sse")).await;
    assert_eq!(
        calls_of(&events),
        [
            (
                "call_DdmO9pD3xa9XTPNJ32zg2hcA",
                "get_weather",
                &json!({"location": "Paris"})
            ),
            ("call_yXp1", "get_time", &json!({})),
        ]
    );
    ends_with(&events, usage(58, 31, 1024), FinishReason::ToolCalls);
    assert_eq!(events.len(), 4);
}

#[tokio::test]
async fn ollama() {
    let events = replay(include_str!("recorded/ollama.sse")).await;
    assert_eq!(reasoning_of(&events), "Okay, a tool.");
    assert_eq!(text_of(&events), "I'll look.");
    let arguments = json!({"city": "Oslo"});
    assert_eq!(
        calls_of(&events),
        [("call_x1w2", "get_weather", &arguments)]
    );
    ends_with(&events, usage(171, 145, 0), FinishReason::ToolCalls);
}

#[tokio::test]
async fn vllm() {
    let events = replay(include_str!("recorded/vllm.sse")).await;
    assert_eq!(reasoning_of(&events), "Two plus two.");
    assert_eq!(text_of(&events), "2 + 2 = 4");
    ends_with(&events, usage(15, 25, 0), FinishReason::Stop);
}

#[tokio::test]
async fn llama_cpp() {
    let events = replay(include_str!("recorded/llama_cpp.sse")).await;
    assert_eq!(reasoning_of(&events), "The user");
    let arguments = json!({"code": "print(1)"});
    assert_eq!(calls_of(&events), [("Kd93", "python", &arguments)]);
    ends_with(&events, usage(20, 40, 100), FinishReason::ToolCalls);
}

#[tokio::test]
async fn openrouter() {
    let events = replay(include_str!("recorded/openrouter.sse")).await;
    assert_eq!(reasoning_of(&events), "Hmm");
    assert_eq!(text_of(&events), "Hi 🌊");
    ends_with(&events, usage(9, 30, 0), FinishReason::Stop);
}
