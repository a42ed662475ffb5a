use std::time::Duration;

use tidewire_chat::{TailItem, TailStep};
use tidewire_domain::{EventKind, FinishReason, ModelEvent, Store, ToolCall};
use tokio::time::Instant;

use crate::scene::{Scene, message_text, read_all, read_to, reason_of};

#[tokio::test]
async fn stop_cancels_a_silent_model_and_keeps_the_text() {
    let scene = Scene::new();
    let conversation = scene.conversation().await;
    let mut tail = scene.ask(&conversation, "hello").await;
    let call = scene.call().await;
    call.text("so far");
    read_to(&mut tail, "so far").await;
    scene
        .engine
        .stop(&scene.principal, tail.turn_id())
        .await
        .unwrap();
    // The stream that the model's call feeds is dropped: that is what cancels it at the provider.
    call.say.closed().await;
    let seen = read_all(&mut tail).await;
    assert_eq!(reason_of(&seen), Some(FinishReason::Stopped));
    let messages = scene.messages(&conversation).await;
    assert_eq!(message_text(&messages[1]), "so far");
    assert_eq!(messages[1].finish_reason, Some(FinishReason::Stopped));
    // Once more, now that it is over.
    scene
        .engine
        .stop(&scene.principal, tail.turn_id())
        .await
        .unwrap();
}

#[tokio::test]
async fn stop_from_another_process_arrives_though_the_model_is_silent() {
    let scene = Scene::new();
    let conversation = scene.conversation().await;
    let mut tail = scene.ask(&conversation, "hello").await;
    let call = scene.call().await;
    call.text("so far");
    read_to(&mut tail, "so far").await;
    let neighbour = scene.neighbour();
    neighbour
        .engine
        .stop(&scene.principal, tail.turn_id())
        .await
        .unwrap();
    call.say.closed().await;
    assert_eq!(
        reason_of(&read_all(&mut tail).await),
        Some(FinishReason::Stopped)
    );
}

#[tokio::test]
async fn a_shutdown_stores_what_there_is_as_interrupted() {
    let scene = Scene::new();
    let conversation = scene.conversation().await;
    let mut tail = scene.ask(&conversation, "hello").await;
    let call = scene.call().await;
    call.text("so far");
    read_to(&mut tail, "so far").await;
    scene.engine.shut_down(Duration::ZERO).await;
    assert_eq!(
        reason_of(&read_all(&mut tail).await),
        Some(FinishReason::Interrupted)
    );
    let messages = scene.messages(&conversation).await;
    assert_eq!(message_text(&messages[1]), "so far");
}

#[tokio::test]
async fn a_shutdown_waits_for_turns_that_end_within_the_grace() {
    let scene = Scene::new();
    let conversation = scene.conversation().await;
    let mut tail = scene.ask(&conversation, "hello").await;
    let call = scene.call().await;
    call.text("all");
    call.finish();
    let began = Instant::now();
    scene.engine.shut_down(Duration::from_mins(1)).await;
    assert!(began.elapsed() < Duration::from_mins(1));
    assert_eq!(
        reason_of(&read_all(&mut tail).await),
        Some(FinishReason::Stop)
    );
}

#[tokio::test]
async fn deleting_a_conversation_ends_what_runs_on_it() {
    let scene = Scene::new();
    let conversation = scene.conversation().await;
    let mut tail = scene.ask(&conversation, "hello").await;
    let call = scene.call().await;
    call.text("so far");
    read_to(&mut tail, "so far").await;
    scene
        .engine
        .delete_conversation(&scene.principal, conversation.id)
        .await
        .unwrap();
    call.say.closed().await;
    // The reader is told that there is nothing more to read instead of being left to hang.
    let ended = std::future::poll_fn(|cx| tail.poll_items(cx, &mut |_| {})).await;
    assert!(ended.is_err());
}

#[tokio::test]
async fn a_conversation_deleted_elsewhere_is_no_failure_of_the_store() {
    let scene = Scene::new();
    let conversation = scene.conversation().await;
    let mut tail = scene.ask(&conversation, "what time is it?").await;
    let call = scene.call().await;
    // As another process does: this engine learns of it when it next reads or writes.
    scene
        .store
        .delete_conversation(&scene.principal, conversation.id)
        .await
        .unwrap();
    call.event(ModelEvent::ToolCall(ToolCall {
        call_id: "c1".into(),
        name: "current_time".into(),
        arguments: serde_json::json!({}),
    }));
    call.event(ModelEvent::Finished(FinishReason::ToolCalls));
    let mut kinds = Vec::new();
    let ended = loop {
        let mut note = |item: TailItem<'_>| {
            if let TailItem::Event { event, .. } = item {
                kinds.push(event.parse().unwrap().kind());
            }
        };
        let step = std::future::poll_fn(|cx| tail.poll_items(cx, &mut note)).await;
        if !matches!(step, Ok(TailStep::More)) {
            break step;
        }
    };
    assert!(ended.is_err(), "{ended:?}");
    assert!(!kinds.contains(&EventKind::Error), "{kinds:?}");
}
