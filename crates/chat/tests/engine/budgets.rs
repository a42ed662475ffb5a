use std::time::Duration;

use tidewire_chat::TurnLimits;
use tidewire_domain::{FinishReason, ModelEvent, Usage};

use crate::scene::{Scene, error_of, read_all, read_to, reason_of};

#[tokio::test]
async fn a_turn_that_writes_beyond_its_budget_ends() {
    let limits = TurnLimits {
        token_budget: 100,
        ..TurnLimits::default()
    };
    let scene = Scene::with(limits);
    let conversation = scene.conversation().await;
    let mut tail = scene.ask(&conversation, "hello").await;
    let call = scene.call().await;
    assert_eq!(call.request.max_output_tokens, Some(100));
    for _ in 0..50 {
        call.text("twelve bytes");
    }
    call.say.closed().await;
    assert_eq!(
        reason_of(&read_all(&mut tail).await),
        Some(FinishReason::Budget)
    );
}

#[tokio::test]
async fn usage_is_summed_over_the_rounds_of_a_turn() {
    let scene = Scene::new();
    let conversation = scene.conversation().await;
    let mut tail = scene.ask(&conversation, "hello").await;
    let usage = |output_tokens| {
        ModelEvent::Usage(Usage {
            input_tokens: 10,
            output_tokens,
            ..Usage::default()
        })
    };
    let first = scene.call().await;
    first.event(ModelEvent::ToolCall(tidewire_domain::ToolCall {
        call_id: "c1".into(),
        name: "current_time".into(),
        arguments: serde_json::json!({}),
    }));
    first.event(usage(1));
    first.event(ModelEvent::Finished(FinishReason::ToolCalls));
    let second = scene.call().await;
    second.event(usage(2));
    second.finish();
    read_all(&mut tail).await;
    let messages = scene.messages(&conversation).await;
    let total = messages[1].usage.unwrap();
    assert_eq!((total.input_tokens, total.output_tokens), (20, 3));
}

#[tokio::test]
async fn a_silent_model_is_given_up() {
    let limits = TurnLimits {
        max_silence: Duration::from_millis(80),
        ..TurnLimits::default()
    };
    let scene = Scene::with(limits);
    let conversation = scene.conversation().await;
    let mut tail = scene.ask(&conversation, "hello").await;
    let call = scene.call().await;
    call.text("then nothing");
    call.say.closed().await;
    let seen = read_all(&mut tail).await;
    assert_eq!(error_of(&seen), Some("model_timeout"));
    assert_eq!(reason_of(&seen), Some(FinishReason::Error));
}

#[tokio::test]
async fn a_turn_has_a_longest_duration_though_the_model_goes_on() {
    let limits = TurnLimits {
        max_duration: Duration::from_millis(150),
        ..TurnLimits::default()
    };
    let scene = Scene::with(limits);
    let conversation = scene.conversation().await;
    let mut tail = scene.ask(&conversation, "hello").await;
    let call = scene.call().await;
    call.text("on and on");
    read_to(&mut tail, "on and on").await;
    call.say.closed().await;
    assert_eq!(
        reason_of(&read_all(&mut tail).await),
        Some(FinishReason::Timeout)
    );
}
