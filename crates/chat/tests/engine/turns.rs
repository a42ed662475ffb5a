use tidewire_chat::ChatError;
use tidewire_domain::{
    FinishReason, ModelError, ModelEvent, NewConversation, Parent, Role, TurnEvent, Usage,
};

use crate::scene::{
    Scene, Seen, error_of, message_text, numbers, read_all, read_to, reason_of, text_of,
};

#[tokio::test]
async fn a_turn_is_numbered_from_one_without_gaps_and_becomes_a_message() {
    let scene = Scene::new();
    let conversation = scene.conversation().await;
    let mut tail = scene.ask(&conversation, "hello\nthere").await;
    let call = scene.call().await;
    call.text("Hi ");
    call.text("you");
    call.event(ModelEvent::Usage(Usage {
        input_tokens: 3,
        output_tokens: 2,
        ..Usage::default()
    }));
    call.finish();
    let seen = read_all(&mut tail).await;
    assert_eq!(numbers(&seen), (1..=seen.len() as u64).collect::<Vec<_>>());
    assert!(matches!(
        &seen[0],
        Seen::Event(1, TurnEvent::TurnStarted(_))
    ));
    assert_eq!(text_of(&seen), "Hi you");
    assert_eq!(reason_of(&seen), Some(FinishReason::Stop));
    // The end is shown only after everything is stored.
    let messages = scene.messages(&conversation).await;
    assert_eq!(messages.len(), 2);
    assert_eq!(messages[1].role, Role::Assistant);
    assert_eq!(message_text(&messages[1]), "Hi you");
    assert_eq!(messages[1].finish_reason, Some(FinishReason::Stop));
    assert_eq!(messages[1].usage.unwrap().output_tokens, 2);
    let now = scene.store_conversation(&conversation).await;
    assert_eq!(now.active_turn, None);
    assert_eq!(now.title.as_deref(), Some("hello"));
}

#[tokio::test]
async fn a_second_turn_at_once_is_refused_and_the_first_goes_on() {
    let scene = Scene::new();
    let conversation = scene.conversation().await;
    let mut tail = scene.ask(&conversation, "one").await;
    let call = scene.call().await;
    let refused = scene.try_ask(&conversation, Parent::Newest, "two").await;
    assert!(matches!(refused, Err(ChatError::TurnActive(id)) if id == tail.turn_id()));
    call.text("still here");
    call.finish();
    assert_eq!(text_of(&read_all(&mut tail).await), "still here");
}

#[tokio::test]
async fn the_model_is_shown_the_branch_that_the_turn_hangs_under() {
    let scene = Scene::new();
    let conversation = scene
        .conversation_of(NewConversation {
            system: Some("Be brief.".into()),
            ..NewConversation::default()
        })
        .await;
    for (question, answer) in [("q1", "a1"), ("q2", "a2")] {
        let mut tail = scene.ask(&conversation, question).await;
        let call = scene.call().await;
        call.text(answer);
        call.finish();
        read_all(&mut tail).await;
    }
    let first_answer = scene.messages(&conversation).await[1].id;
    let parent = Parent::Under(Some(first_answer));
    let mut tail = scene
        .try_ask(&conversation, parent, "q2 again")
        .await
        .unwrap();
    let call = scene.call().await;
    assert_eq!(call.request.system.as_deref(), Some("Be brief."));
    let shown = format!("{:?}", call.request.messages);
    assert!(
        shown.contains("a1") && shown.contains("q2 again"),
        "{shown}"
    );
    assert!(!shown.contains("a2"), "{shown}");
    call.finish();
    read_all(&mut tail).await;
}

#[tokio::test]
async fn the_history_is_cut_to_the_window_and_keeps_the_newest() {
    let scene = Scene::new();
    let conversation = scene.conversation().await;
    for number in 0..10 {
        let mut tail = scene
            .ask(&conversation, &format!("q{number} {}", "x".repeat(3000)))
            .await;
        let call = scene.call().await;
        call.text(&format!("a{number}"));
        call.finish();
        read_all(&mut tail).await;
    }
    let mut tail = scene.ask(&conversation, "and now?").await;
    let call = scene.call().await;
    let shown = format!("{:?}", call.request.messages);
    assert!(
        shown.contains("and now?") && shown.contains("a9"),
        "{shown}"
    );
    assert!(
        !shown.contains("q0") && !shown.contains("q3"),
        "the oldest went first"
    );
    assert_eq!(call.request.messages[0].role, Role::User);
    call.finish();
    read_all(&mut tail).await;
}

#[tokio::test]
async fn a_failing_model_ends_the_turn_with_a_typed_error_and_keeps_the_text() {
    for (failure, code) in [
        (ModelError::Cut, "model_stream_cut"),
        (ModelError::ContextTooLong, "context_too_long"),
        (ModelError::Protocol("?".into()), "model_protocol"),
    ] {
        let scene = Scene::new();
        let conversation = scene.conversation().await;
        let mut tail = scene.ask(&conversation, "hello").await;
        let call = scene.call().await;
        call.text("half an ans");
        let _ = call.say.send(Err(failure));
        let seen = read_all(&mut tail).await;
        assert_eq!(error_of(&seen), Some(code));
        assert_eq!(reason_of(&seen), Some(FinishReason::Error));
        let messages = scene.messages(&conversation).await;
        assert_eq!(message_text(&messages[1]), "half an ans");
    }
}

#[tokio::test]
async fn a_stream_that_ends_without_saying_so_is_cut() {
    let scene = Scene::new();
    let conversation = scene.conversation().await;
    let mut tail = scene.ask(&conversation, "hello").await;
    let call = scene.call().await;
    call.text("half");
    drop(call);
    assert_eq!(
        error_of(&read_all(&mut tail).await),
        Some("model_stream_cut")
    );
}

#[tokio::test]
async fn deltas_are_stored_while_the_model_goes_on() {
    let scene = Scene::new();
    let conversation = scene.conversation().await;
    let mut tail = scene.ask(&conversation, "hello").await;
    let call = scene.call().await;
    call.text("so far");
    read_to(&mut tail, "so far").await;
    // A reader without access to this process's memory sees them too.
    let neighbour = scene.neighbour();
    let id = tail.turn_id();
    let mut other = neighbour
        .engine
        .tail(&scene.principal, id, 0)
        .await
        .unwrap();
    assert_eq!(text_of(&read_to(&mut other, "so far").await), "so far");
    call.finish();
    assert_eq!(
        reason_of(&read_all(&mut other).await),
        Some(FinishReason::Stop)
    );
}
