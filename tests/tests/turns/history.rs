//! What the model is shown where a conversation does not fit it.

use serde_json::{Value, json};
use tidewire_tests::{Scene, Site};

const WINDOW_TOKENS: u64 = 2048;

fn texts(request: &Value) -> Vec<String> {
    let messages = request["messages"].as_array().unwrap();
    let text = |message: &Value| message["content"].as_str().unwrap().to_owned();
    messages.iter().map(text).collect()
}

async fn small_model() -> Scene {
    let upstream = tidewire_tests::Upstream::start().await;
    let site = Site::with_model(&json!({
        "id": "scripted",
        "provider": "openai_compatible",
        "base_url": upstream.base_url(),
        "context_window": WINDOW_TOKENS,
        "capabilities": [],
    }));
    let service = site.start().await;
    Scene {
        client: service.client(),
        upstream,
        site,
        service,
    }
}

#[tokio::test]
async fn the_newest_messages_and_the_instructions_stay_and_the_oldest_go() {
    let mut scene = small_model().await;
    let instructions = json!({"system": "Answer like a sailor."});
    let conversation = scene.client.conversation_with(instructions).await;
    let mut last = Value::Null;
    for round in 0..12 {
        let question = format!("question {round} {}", "x".repeat(600));
        let stream = scene.client.say(&conversation, &question).await;
        last = scene.upstream.answer(&format!("answer {round}")).await;
        stream.rest().await;
        let shown = texts(&last);
        assert_eq!(shown[0], "Answer like a sailor.");
        assert_eq!(last["messages"][0]["role"], "system");
        assert_eq!(*shown.last().unwrap(), question);
    }
    let shown = texts(&last);
    assert!(!shown.iter().any(|text| text.starts_with("question 0 ")));
    assert!(shown.iter().any(|text| text == "answer 10"));
    assert_eq!(
        last["messages"][1]["role"], "user",
        "no answer without its question"
    );
    let bytes: usize = shown.iter().map(String::len).sum();
    assert!(bytes as u64 <= WINDOW_TOKENS * 4, "{bytes}");
    assert!(
        bytes as u64 >= WINDOW_TOKENS,
        "more would have fitted: {bytes}"
    );
}

#[tokio::test]
async fn a_question_that_alone_does_not_fit_is_asked_all_the_same() {
    let mut scene = small_model().await;
    let conversation = scene.client.conversation().await;
    let stream = scene.client.say(&conversation, "first").await;
    scene.upstream.answer("first answer").await;
    stream.rest().await;
    let long = "y".repeat(20_000);
    let stream = scene.client.say(&conversation, &long).await;
    let request = scene.upstream.answer("fine").await;
    stream.rest().await;
    assert_eq!(texts(&request), [long]);
}

#[tokio::test]
async fn an_answer_that_failed_is_shown_as_far_as_it_came() {
    let mut scene = Scene::start().await;
    let conversation = scene.client.conversation().await;
    let mut stream = scene.client.say(&conversation, "one").await;
    let mut call = scene.upstream.call().await;
    call.say("half").await;
    stream.until_text("half").await;
    call.cut();
    stream.rest().await;
    let stream = scene.client.say(&conversation, "two").await;
    let request = scene.upstream.answer("fine").await;
    stream.rest().await;
    assert_eq!(texts(&request), ["one", "half", "two"]);
}

#[tokio::test]
async fn two_questions_without_an_answer_between_them_are_one_message_to_the_model() {
    let mut scene = Scene::start().await;
    let conversation = scene.client.conversation().await;
    let stream = scene.client.say(&conversation, "one").await;
    scene.upstream.call().await.cut();
    stream.rest().await;
    let stream = scene.client.say(&conversation, "two").await;
    let request = scene.upstream.answer("fine").await;
    stream.rest().await;
    let messages = request["messages"].as_array().unwrap();
    assert_eq!(messages.len(), 1, "{messages:?}");
    let shown = messages[0].to_string();
    assert!(shown.contains("one") && shown.contains("two"), "{shown}");
}
