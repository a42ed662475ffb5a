//! A model that fails: the reader is told why, and what was said stays.

use serde_json::{Value, json};
use tidewire_tests::{Call, Event, Scene, Site, assert_whole_log, finish_reason, text_of};

const SAID: &str = "What was said so far";

/// Asserts that the log ends with one error of this code. Returns the error.
fn expect_error(log: &[Event], code: &str) -> Value {
    assert_whole_log(log);
    assert_eq!(finish_reason(log), "error");
    let errors: Vec<&Event> = log.iter().filter(|event| event.kind == "error").collect();
    let [error] = errors.as_slice() else {
        panic!("one error: {log:?}");
    };
    assert_eq!(error.data["code"], code, "{error:?}");
    let message = error.data["message"].as_str().unwrap_or_default();
    assert!(!message.is_empty(), "{error:?}");
    error.data.clone()
}

/// Runs a turn whose model speaks and then does `fault`; asserts what users notice.
async fn expect_after_text(scene: &mut Scene, code: &str, fault: impl AsyncFnOnce(Call)) {
    let conversation = scene.client.conversation().await;
    let mut stream = scene.client.say(&conversation, "hello").await;
    let mut call = scene.upstream.call().await;
    call.say(SAID).await;
    let mut log = stream.until_text(SAID).await;
    fault(call).await;
    log.extend(stream.rest().await);
    let error = expect_error(&log, code);
    assert_eq!(error["retryable"], true, "{error}");

    let messages = scene.client.messages(&conversation).await;
    let answer = &messages[1];
    assert_eq!(answer["finish_reason"], "error");
    assert_eq!(answer["parts"][0]["text"], SAID, "the text stays");
    assert_eq!(answer["parts"][1]["type"], "error");
    assert_eq!(answer["parts"][1]["code"], code);
    let after = scene.client.read_conversation(&conversation).await;
    assert_eq!(after["active_turn"], Value::Null);

    let again = json!({"regenerate": answer["id"]});
    let stream = scene.client.turn(&conversation, &again).await;
    scene.upstream.answer("whole this time").await;
    assert_eq!(finish_reason(&stream.rest().await), "stop");
}

#[tokio::test]
async fn a_stream_that_is_cut() {
    let mut scene = Scene::start().await;
    let cut = async |call: Call| call.cut();
    expect_after_text(&mut scene, "model_stream_cut", cut).await;
}

#[tokio::test]
async fn a_stream_that_is_cut_within_an_event() {
    let mut scene = Scene::start().await;
    let cut = async |mut call: Call| {
        call.send(b"data: {\"choices\":[{\"delta\":{\"content\":\"lost")
            .await;
        call.cut();
    };
    expect_after_text(&mut scene, "model_stream_cut", cut).await;
}

#[tokio::test]
async fn events_that_are_garbage() {
    let mut scene = Scene::start().await;
    for garbage in [
        &b"data: nonsense\n\n"[..],
        b"data: [1, 2\n\n",
        b"data: {\"choices\": 7}\n\n",
        b"data: {\"choices\":[{\"delta\":{\"content\":\"\xff\xfe\"}}]}\n\n",
    ] {
        let send = async |mut call: Call| {
            call.send(garbage).await;
            call.closed().await;
        };
        expect_after_text(&mut scene, "model_protocol", send).await;
    }
}

#[tokio::test]
async fn an_event_without_end() {
    let mut scene = Scene::start().await;
    let send = async |mut call: Call| {
        call.send(b"data: ").await;
        let piece = vec![b'x'; 64 * 1024];
        // Far more than any event is long: the app must stop reading.
        for _ in 0..1024 {
            if !call.try_send(&piece).await {
                return;
            }
        }
        panic!("the app reads an event of 64 MB");
    };
    expect_after_text(&mut scene, "model_protocol", send).await;
}

#[tokio::test]
async fn an_error_within_the_stream() {
    let mut scene = Scene::start().await;
    let send = async |mut call: Call| {
        call.send(
            b"data: {\"error\":{\"message\":\"the engine died\",\"type\":\"server_error\"}}\n\n",
        )
        .await;
        call.closed().await;
    };
    expect_after_text(&mut scene, "model_unavailable", send).await;
}

#[tokio::test]
async fn a_model_that_falls_silent() {
    let mut scene = Scene::start_with(|site| site.set("turn.max_silence_seconds", 1)).await;
    expect_after_text(&mut scene, "model_timeout", Call::closed).await;
}

#[tokio::test]
async fn a_model_that_never_begins() {
    let mut scene = Scene::start_with(|site| site.set("turn.max_silence_seconds", 1)).await;
    let conversation = scene.client.conversation().await;
    let stream = scene.client.say(&conversation, "hello").await;
    let call = scene.upstream.call().await;
    expect_error(&stream.rest().await, "model_timeout");
    call.closed().await;
}

#[tokio::test]
async fn refusals_are_told_by_what_can_be_done_about_them() {
    let mut scene = Scene::start().await;
    let conversation = scene.client.conversation().await;
    let too_long = json!({"error": {"message": "x", "code": "context_length_exceeded"}});
    let no_model = json!({"error": {"message": "x", "code": "model_not_found"}});
    let plain = json!({"error": {"message": "no"}});
    for (status, headers, body, code, retryable) in [
        (400, "", &plain, "model_rejected_request", false),
        (400, "", &too_long, "context_too_long", false),
        (401, "", &plain, "model_access_denied", false),
        (403, "", &plain, "model_access_denied", false),
        (404, "", &no_model, "model_unknown_upstream", false),
        (429, "retry-after: 60\r\n", &plain, "model_throttled", true),
        (500, "", &plain, "model_unavailable", true),
        (503, "", &plain, "model_unavailable", true),
    ] {
        let stream = scene.client.say(&conversation, "hello").await;
        let call = scene.upstream.call().await;
        call.refuse(status, headers, &body.to_string()).await;
        let error = expect_error(&stream.rest().await, code);
        assert_eq!(error["retryable"], retryable, "{error}");
        scene.upstream.expect_no_call();
    }
}

#[tokio::test]
async fn a_throttled_call_is_made_again_when_the_provider_asks_for_a_short_wait() {
    let mut scene = Scene::start().await;
    let conversation = scene.client.conversation().await;
    let stream = scene.client.say(&conversation, "hello").await;
    let call = scene.upstream.call().await;
    call.refuse(429, "retry-after-ms: 1\r\n", "{}").await;
    scene.upstream.answer("now").await;
    let log = stream.rest().await;
    assert_whole_log(&log);
    assert_eq!(text_of(&log), "now");
}

#[tokio::test]
async fn a_model_that_cannot_be_reached() {
    let site = Site::offline().set("default_model", "unreachable");
    let client = site.start().await.client();
    let conversation = client.conversation().await;
    let log = client.say(&conversation, "hello").await.rest().await;
    expect_error(&log, "model_unavailable");
    client.expect_healthy().await;
}
