//! Stop: what was said stays, and the model's call ends at once.

use tidewire_tests::{Scene, assert_whole_log, finish_reason, text_of};

#[tokio::test]
async fn stop_cancels_the_call_of_a_silent_model_and_keeps_the_text() {
    let mut scene = Scene::start().await;
    let conversation = scene.client.conversation().await;
    let mut stream = scene.client.say(&conversation, "hello").await;
    let mut call = scene.upstream.call().await;
    call.say("Half an ").await;
    let mut log = stream.until_text("Half an ").await;
    scene.client.stop(&stream.turn_id()).await;
    call.closed().await;
    log.extend(stream.rest().await);
    assert_whole_log(&log);
    assert_eq!(finish_reason(&log), "stopped");
    let messages = scene.client.messages(&conversation).await;
    assert_eq!(messages[1]["parts"][0]["text"], "Half an ");
    assert_eq!(messages[1]["finish_reason"], "stopped");
}

#[tokio::test]
async fn stop_cancels_a_call_that_was_not_answered_yet() {
    let mut scene = Scene::start().await;
    let conversation = scene.client.conversation().await;
    let stream = scene.client.say(&conversation, "hello").await;
    let call = scene.upstream.call().await;
    scene.client.stop(&stream.turn_id()).await;
    call.closed().await;
    let log = stream.rest().await;
    assert_whole_log(&log);
    assert_eq!(finish_reason(&log), "stopped");
    assert_eq!(text_of(&log), "");
}

#[tokio::test]
async fn stop_ends_every_reader_with_the_same_event() {
    let mut scene = Scene::start().await;
    let conversation = scene.client.conversation().await;
    let mut first = scene.client.say(&conversation, "hello").await;
    let mut call = scene.upstream.call().await;
    call.say("one").await;
    let mut log = first.until_text("one").await;
    let second = scene.client.events(&first.turn_id(), 0).await;
    scene.client.stop(&first.turn_id()).await;
    log.extend(first.rest().await);
    assert_eq!(second.rest().await, log);
}

#[tokio::test]
async fn stop_is_accepted_where_the_turn_is_over_and_changes_nothing() {
    let mut scene = Scene::start().await;
    let conversation = scene.client.conversation().await;
    let stream = scene.client.say(&conversation, "hello").await;
    let turn = stream.turn_id();
    scene.upstream.answer("whole").await;
    let log = stream.rest().await;
    scene.client.stop(&turn).await;
    scene.client.stop(&turn).await;
    assert_eq!(scene.client.events(&turn, 0).await.rest().await, log);
    let messages = scene.client.messages(&conversation).await;
    assert_eq!(messages[1]["finish_reason"], "stop");
}

#[tokio::test]
async fn after_stop_the_next_turn_begins_at_once() {
    let mut scene = Scene::start().await;
    let conversation = scene.client.conversation().await;
    let stream = scene.client.say(&conversation, "hello").await;
    let _silent = scene.upstream.call().await;
    scene.client.stop(&stream.turn_id()).await;
    stream.rest().await;
    let next = scene.client.say(&conversation, "once more").await;
    scene.upstream.answer("yes").await;
    assert_eq!(finish_reason(&next.rest().await), "stop");
}
