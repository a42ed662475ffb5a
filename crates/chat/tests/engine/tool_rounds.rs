use serde_json::json;
use tidewire_chat::TurnLimits;
use tidewire_domain::{FinishReason, ModelEvent, Part, Role, ToolCall, TurnEvent};

use crate::scene::{Scene, Seen, read_all, reason_of, text_of};

fn call_of(name: &str) -> ModelEvent {
    ModelEvent::ToolCall(ToolCall {
        call_id: "c1".into(),
        name: name.into(),
        arguments: json!({"time_zone": "Asia/Tokyo"}),
    })
}

#[tokio::test]
async fn a_tool_is_run_and_its_answer_goes_back_to_the_model() {
    let scene = Scene::new();
    let conversation = scene.conversation().await;
    let mut tail = scene.ask(&conversation, "what time is it in Tokyo?").await;
    let first = scene.call().await;
    assert!(
        first
            .request
            .tools
            .iter()
            .any(|tool| tool.name == "current_time")
    );
    first.text("Let me look. ");
    first.event(call_of("current_time"));
    first.event(ModelEvent::Finished(FinishReason::ToolCalls));
    let second = scene.call().await;
    let last = second.request.messages.last().unwrap();
    assert_eq!(last.role, Role::User);
    assert!(
        matches!(&last.parts[..], [Part::ToolResult(result)] if result.ok && result.content.contains("Tokyo")),
        "{last:?}"
    );
    second.text("It is late.");
    second.finish();
    let seen = read_all(&mut tail).await;
    assert_eq!(text_of(&seen), "Let me look. It is late.");
    let kinds: Vec<_> = seen
        .iter()
        .filter_map(|seen| match seen {
            Seen::Event(_, event @ (TurnEvent::ToolCall(_) | TurnEvent::ToolResult(_))) => {
                Some(event.kind())
            }
            _ => None,
        })
        .collect();
    assert_eq!(kinds.len(), 2);
    // The next turn shows the exchange as it was.
    let mut tail = scene.ask(&conversation, "thanks").await;
    let third = scene.call().await;
    let roles: Vec<Role> = third
        .request
        .messages
        .iter()
        .map(|message| message.role)
        .collect();
    assert_eq!(
        roles,
        [
            Role::User,
            Role::Assistant,
            Role::User,
            Role::Assistant,
            Role::User
        ]
    );
    third.finish();
    read_all(&mut tail).await;
}

#[tokio::test]
async fn an_unknown_tool_is_an_answer_too() {
    let scene = Scene::new();
    let conversation = scene.conversation().await;
    let mut tail = scene.ask(&conversation, "hello").await;
    let first = scene.call().await;
    first.event(call_of("launch"));
    first.event(ModelEvent::Finished(FinishReason::ToolCalls));
    let second = scene.call().await;
    let told = format!("{:?}", second.request.messages.last().unwrap());
    assert!(
        told.contains("no tool named") && told.contains("ok: false"),
        "{told}"
    );
    second.finish();
    assert_eq!(
        reason_of(&read_all(&mut tail).await),
        Some(FinishReason::Stop)
    );
}

#[tokio::test]
async fn a_model_that_never_stops_asking_is_stopped() {
    let limits = TurnLimits {
        max_tool_rounds: 2,
        ..TurnLimits::default()
    };
    let scene = Scene::with(limits);
    let conversation = scene.conversation().await;
    let mut tail = scene.ask(&conversation, "hello").await;
    for _ in 0..3 {
        let call = scene.call().await;
        call.event(call_of("current_time"));
        call.event(ModelEvent::Finished(FinishReason::ToolCalls));
    }
    assert_eq!(
        reason_of(&read_all(&mut tail).await),
        Some(FinishReason::Budget)
    );
}
