//! Clients that go away.

use serde_json::json;
use tidewire_tests::{Scene, assert_whole_log, finish_reason, text_of};

#[tokio::test]
async fn a_turn_goes_on_without_its_client_and_can_be_read_afterwards() {
    let mut scene = Scene::start().await;
    let conversation = scene.client.conversation().await;
    let mut stream = scene.client.say(&conversation, "hello").await;
    let turn = stream.turn_id();
    let mut call = scene.upstream.call().await;
    call.say("Before. ").await;
    stream.until_text("Before. ").await;
    drop(stream);
    call.say("After.").await;
    call.finish("stop").await;
    let log = scene.client.events(&turn, 0).await.rest().await;
    assert_whole_log(&log);
    assert_eq!(finish_reason(&log), "stop");
    assert_eq!(text_of(&log), "Before. After.");
    let messages = scene.client.messages(&conversation).await;
    assert_eq!(messages[1]["parts"][0]["text"], "Before. After.");
}

#[tokio::test]
async fn a_client_of_v1_that_goes_cancels_the_call_of_the_model() {
    let mut scene = Scene::start().await;
    let body = json!({"messages": [{"role": "user", "content": "hi"}], "stream": true});
    let request = scene.client.request("POST", "/v1/chat/completions");
    let answer = scene.client.stream(request.json(&body));
    let answering = async {
        let mut call = scene.upstream.call().await;
        call.say("one").await;
        call
    };
    let (mut stream, call) = tokio::join!(answer, answering);
    let first = stream.next().await.unwrap();
    assert_eq!(first.data["object"], "chat.completion.chunk");
    drop(stream);
    call.closed().await;
}

#[tokio::test]
async fn a_client_of_v1_that_goes_before_the_first_word_cancels_the_call_too() {
    let mut scene = Scene::start().await;
    for stream in [true, false] {
        let body = json!({"messages": [{"role": "user", "content": "hi"}], "stream": stream});
        let request = scene.client.request("POST", "/v1/chat/completions");
        let waiting = tokio::spawn(request.json(&body).send());
        let call = scene.upstream.call().await;
        waiting.abort();
        call.closed().await;
    }
}
