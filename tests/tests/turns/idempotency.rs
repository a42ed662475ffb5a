//! A repeated request joins the turn that the first one started.

use futures_util::future::join_all;
use serde_json::json;
use tidewire_tests::{EventStream, Scene, assert_whole_log};

async fn say_under_key(scene: &Scene, conversation: &str, text: &str, key: &str) -> EventStream {
    let request = scene.client.turn_request(conversation);
    let request = request
        .header("idempotency-key", key)
        .json(&json!({"text": text}));
    scene.client.stream(request).await
}

#[tokio::test]
async fn a_repetition_joins_the_running_turn() {
    let mut scene = Scene::start().await;
    let conversation = scene.client.conversation().await;
    let first = say_under_key(&scene, &conversation, "hello", "k1").await;
    let mut call = scene.upstream.call().await;
    let second = say_under_key(&scene, &conversation, "hello", "k1").await;
    assert_eq!(second.turn_id(), first.turn_id());
    call.say("once").await;
    call.finish("stop").await;
    let log = first.rest().await;
    assert_whole_log(&log);
    assert_eq!(second.rest().await, log);
    scene.upstream.expect_no_call();
    assert_eq!(scene.client.messages(&conversation).await.len(), 2);
}

#[tokio::test]
async fn a_repetition_joins_the_finished_turn() {
    let mut scene = Scene::start().await;
    let conversation = scene.client.conversation().await;
    let first = say_under_key(&scene, &conversation, "hello", "k1").await;
    let turn = first.turn_id();
    scene.upstream.answer("once").await;
    let log = first.rest().await;
    let second = say_under_key(&scene, &conversation, "hello", "k1").await;
    assert_eq!(second.turn_id(), turn);
    assert_eq!(second.rest().await, log);
    scene.upstream.expect_no_call();
    assert_eq!(scene.client.messages(&conversation).await.len(), 2);
}

#[tokio::test]
async fn repetitions_that_come_at_the_same_moment_start_one_turn() {
    let mut scene = Scene::start().await;
    let conversation = scene.client.conversation().await;
    let requests = (0..8).map(|_| say_under_key(&scene, &conversation, "hello", "k1"));
    let streams = join_all(requests).await;
    scene.upstream.answer("once").await;
    let mut logs = Vec::new();
    for stream in streams {
        logs.push(stream.rest().await);
    }
    assert_whole_log(&logs[0]);
    assert!(logs.iter().all(|log| *log == logs[0]));
    scene.upstream.expect_no_call();
    assert_eq!(scene.client.messages(&conversation).await.len(), 2);
}

#[tokio::test]
async fn the_same_key_with_another_request_is_refused() {
    let mut scene = Scene::start().await;
    let conversation = scene.client.conversation().await;
    let first = say_under_key(&scene, &conversation, "hello", "k1").await;
    scene.upstream.answer("once").await;
    first.rest().await;
    let other = scene
        .client
        .turn_request(&conversation)
        .header("idempotency-key", "k1")
        .json(&json!({"text": "something else"}));
    let answer = scene.client.send(other).await;
    answer.expect_problem(422, "idempotency_mismatch");
    scene.upstream.expect_no_call();
    assert_eq!(scene.client.messages(&conversation).await.len(), 2);
}

#[tokio::test]
async fn a_key_counts_within_its_conversation_alone() {
    let mut scene = Scene::start().await;
    let mut turns = Vec::new();
    for _ in 0..2 {
        let conversation = scene.client.conversation().await;
        let stream = say_under_key(&scene, &conversation, "hello", "k1").await;
        turns.push(stream.turn_id());
        scene.upstream.answer("mine").await;
        assert_whole_log(&stream.rest().await);
    }
    assert_ne!(turns[0], turns[1]);
}
