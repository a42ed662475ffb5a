use tidewire_chat::{TurnLimits, current_holder};
use tidewire_domain::{FinishReason, Holder, Parent, Store, Timestamp};

use crate::scene::{Scene, message_text, read_all, read_to, reason_of, text_of};

/// A holder as a process on this host leaves it behind when it is killed.
fn dead_holder() -> Holder {
    let mut holder = current_holder();
    holder.started += 1;
    holder
}

#[tokio::test]
async fn a_dead_producers_turn_is_interrupted_for_whoever_reads_it() {
    let dir = std::sync::Arc::new(tempfile::tempdir().unwrap());
    let limits = TurnLimits::default();
    let dying = Scene::on(std::sync::Arc::clone(&dir), limits, dead_holder());
    let conversation = dying.conversation().await;
    let mut tail = dying.ask(&conversation, "hello").await;
    let id = tail.turn_id();
    let call = dying.call().await;
    call.text("so far");
    read_to(&mut tail, "so far").await;
    // What was produced is in the store before anybody looks whether the producer lives.
    while dying
        .store
        .turn(&dying.principal, id)
        .await
        .unwrap()
        .last_seq
        < 2
    {
        tokio::task::yield_now().await;
    }
    let alive = Scene::on(dir, limits, current_holder());
    let mut other = alive.engine.tail(&alive.principal, id, 0).await.unwrap();
    let seen = read_all(&mut other).await;
    assert_eq!(text_of(&seen), "so far");
    assert_eq!(reason_of(&seen), Some(FinishReason::Interrupted));
    let messages = alive.messages(&conversation).await;
    assert_eq!(message_text(&messages[1]), "so far");
    // The producer was not dead after all: it finds its lease gone and writes nothing more.
    call.text(" and more");
    call.finish();
    let seen = read_all(&mut tail).await;
    assert_eq!(reason_of(&seen), Some(FinishReason::Interrupted));
    assert_eq!(
        message_text(&alive.messages(&conversation).await[1]),
        "so far"
    );
}

#[tokio::test]
async fn a_new_turn_need_not_wait_for_a_dead_one() {
    let dir = std::sync::Arc::new(tempfile::tempdir().unwrap());
    let limits = TurnLimits::default();
    let dying = Scene::on(std::sync::Arc::clone(&dir), limits, dead_holder());
    let conversation = dying.conversation().await;
    let _tail = dying.ask(&conversation, "hello").await;
    let _call = dying.call().await;
    let alive = Scene::on(dir, limits, current_holder());
    let cut_off = alive.messages(&conversation).await[1].id;
    let again = Parent::SiblingOf(cut_off);
    let mut tail = alive.try_ask(&conversation, again, "").await.unwrap();
    let call = alive.call().await;
    call.text("second try");
    call.finish();
    assert_eq!(text_of(&read_all(&mut tail).await), "second try");
}

#[tokio::test]
async fn a_holder_that_misses_its_renewals_is_dead_wherever_it_ran() {
    let limits = TurnLimits::default();
    let scene = Scene::with(limits);
    let conversation = scene.conversation().await;
    let elsewhere = Holder {
        host: "another host".into(),
        ..current_holder()
    };
    let long_ago = Timestamp::from_millis(Timestamp::now().as_millis() - 31_000);
    scene
        .store
        .register_holder(&elsewhere, long_ago)
        .await
        .unwrap();
    let begin = tidewire_domain::BeginTurn {
        conversation_id: conversation.id,
        turn_id: tidewire_domain::TurnId::new(),
        message_id: tidewire_domain::MessageId::new(),
        parent: Parent::Newest,
        user_message: Some((tidewire_domain::MessageId::new(), Vec::new())),
        model: "string".into(),
        title: None,
        idempotency: None,
        holder: elsewhere,
        at: long_ago,
    };
    let id = begin.turn_id;
    scene
        .store
        .begin_turn(&scene.principal, begin)
        .await
        .unwrap();
    let mut tail = scene.engine.tail(&scene.principal, id, 0).await.unwrap();
    assert_eq!(
        reason_of(&read_all(&mut tail).await),
        Some(FinishReason::Interrupted)
    );
}

#[tokio::test]
async fn a_living_neighbour_is_left_alone() {
    let scene = Scene::new();
    let conversation = scene.conversation().await;
    let mut tail = scene.ask(&conversation, "hello").await;
    let call = scene.call().await;
    let neighbour = scene.neighbour();
    let refused = neighbour
        .try_ask(&conversation, Parent::Newest, "me too")
        .await;
    assert!(matches!(
        refused,
        Err(tidewire_chat::ChatError::TurnActive(_))
    ));
    call.text("mine");
    call.finish();
    assert_eq!(text_of(&read_all(&mut tail).await), "mine");
}
