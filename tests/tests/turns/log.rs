//! The log itself, and the messages that it becomes.

use serde_json::{Value, json};
use tidewire_tests::{Scene, assert_whole_log, finish_reason, text_of};

#[tokio::test]
async fn a_log_is_numbered_from_1_and_becomes_a_message() {
    let mut scene = Scene::start().await;
    let conversation = scene.client.conversation().await;
    let stream = scene.client.say(&conversation, "Which tide?").await;
    let turn_id = stream.turn_id();
    let mut call = scene.upstream.call().await;
    call.say("The ").await;
    call.say("high one.").await;
    call.count(7, 3).await;
    call.finish("stop").await;
    let log = stream.rest().await;

    assert_whole_log(&log);
    assert_eq!(text_of(&log), "The high one.");
    assert_eq!(finish_reason(&log), "stop");
    assert_eq!(log[0].data["turn_id"], turn_id);
    assert_eq!(log[0].data["model"], "scripted");
    let usage = log.iter().find(|event| event.kind == "usage").unwrap();
    assert_eq!(usage.data["input_tokens"], 7);
    assert_eq!(usage.data["output_tokens"], 3);

    let messages = scene.client.messages(&conversation).await;
    let [user, assistant] = messages.as_slice() else {
        panic!("{messages:?}");
    };
    assert_eq!(user["role"], "user");
    assert_eq!(user["parent_id"], Value::Null);
    assert_eq!(user["id"], log[0].data["parent_id"]);
    assert_eq!(
        user["parts"],
        json!([{"type": "text", "text": "Which tide?"}])
    );
    assert_eq!(assistant["role"], "assistant");
    assert_eq!(assistant["parent_id"], user["id"]);
    assert_eq!(assistant["id"], log[0].data["message_id"]);
    assert_eq!(assistant["turn_id"], turn_id);
    assert_eq!(assistant["finish_reason"], "stop");
    assert_eq!(assistant["usage"]["input_tokens"], 7);
    assert_eq!(
        assistant["parts"],
        json!([{"type": "text", "text": "The high one."}])
    );
}

#[tokio::test]
async fn a_conversation_names_the_turn_that_runs_and_takes_its_title_from_the_question() {
    let mut scene = Scene::start().await;
    let conversation = scene.client.conversation().await;
    let mut stream = scene.client.say(&conversation, "Which tide?").await;
    stream.until("turn_started").await;
    let call = scene.upstream.call().await;
    let running = scene.client.read_conversation(&conversation).await;
    assert_eq!(running["active_turn"], stream.turn_id());
    assert_eq!(running["title"], "Which tide?");
    call.finish("stop").await;
    stream.rest().await;
    let over = scene.client.read_conversation(&conversation).await;
    assert_eq!(over["active_turn"], Value::Null);
}

#[tokio::test]
async fn the_message_is_there_once_the_last_event_is() {
    let mut scene = Scene::start().await;
    let conversation = scene.client.conversation().await;
    for round in 0..20 {
        let mut stream = scene.client.say(&conversation, "again").await;
        let text = format!("answer {round}");
        scene.upstream.answer(&text).await;
        stream.until("turn_finished").await;
        let messages = scene.client.messages(&conversation).await;
        let last = messages.last().unwrap();
        assert_eq!(last["finish_reason"], "stop");
        assert_eq!(last["parts"][0]["text"], text);
    }
}

#[tokio::test]
async fn why_the_model_ended_is_why_the_turn_ended() {
    let mut scene = Scene::start().await;
    let conversation = scene.client.conversation().await;
    for reason in ["length", "content_filter", "stop"] {
        let stream = scene.client.say(&conversation, "hello").await;
        let mut call = scene.upstream.call().await;
        call.say("So").await;
        call.finish(reason).await;
        let log = stream.rest().await;
        assert_eq!(finish_reason(&log), reason);
    }
}

#[tokio::test]
async fn a_stream_says_that_it_must_not_be_kept_or_gathered() {
    let mut scene = Scene::start().await;
    let conversation = scene.client.conversation().await;
    let stream = scene.client.say(&conversation, "hello").await;
    assert_eq!(stream.header("cache-control"), "no-store");
    assert_eq!(stream.header("x-accel-buffering"), "no");
    assert!(!stream.header("x-trace-id").is_empty());
    scene.upstream.answer("hi").await;
    stream.rest().await;
}
