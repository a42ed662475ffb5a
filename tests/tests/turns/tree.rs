//! Regenerating and editing make branches, and deleting takes all of them away.

use serde_json::{Value, json};
use tidewire_tests::{Scene, finish_reason};

/// Runs a turn to its end. Returns what the model was shown, and the answer's message.
async fn exchange(
    scene: &mut Scene,
    conversation: &str,
    body: &Value,
    answer: &str,
) -> (Vec<Value>, Value) {
    let stream = scene.client.turn(conversation, body).await;
    let request = scene.upstream.answer(answer).await;
    let log = stream.rest().await;
    assert_eq!(finish_reason(&log), "stop");
    let id = &log[0].data["message_id"];
    let messages = scene.client.messages(conversation).await;
    let message = messages.iter().find(|message| message["id"] == *id);
    let shown = request["messages"].as_array().unwrap();
    let shown = shown.iter().map(|message| message["content"].clone());
    (shown.collect(), message.unwrap().clone())
}

#[tokio::test]
async fn regenerating_makes_a_sibling() {
    let mut scene = Scene::start().await;
    let conversation = scene.client.conversation().await;
    let asked = json!({"text": "one or two?"});
    let (_, first) = exchange(&mut scene, &conversation, &asked, "one").await;
    let again = json!({"regenerate": first["id"]});
    let (shown, second) = exchange(&mut scene, &conversation, &again, "two").await;
    assert_eq!(shown, ["one or two?"], "the first answer is no part of it");
    assert_ne!(second["id"], first["id"]);
    assert_eq!(second["parent_id"], first["parent_id"]);
    let messages = scene.client.messages(&conversation).await;
    assert_eq!(messages.len(), 3, "one question, two answers");
    assert_eq!(messages[1]["parts"][0]["text"], "one");
}

#[tokio::test]
async fn editing_makes_a_branch() {
    let mut scene = Scene::start().await;
    let conversation = scene.client.conversation().await;
    let asked = json!({"text": "A"});
    let (_, first) = exchange(&mut scene, &conversation, &asked, "a").await;
    let (shown, _) = exchange(&mut scene, &conversation, &json!({"text": "B"}), "b").await;
    assert_eq!(shown, ["A", "a", "B"]);
    let edited = json!({"text": "C", "parent_id": first["id"]});
    let (shown, branch) = exchange(&mut scene, &conversation, &edited, "c").await;
    assert_eq!(shown, ["A", "a", "C"], "the other branch is no part of it");
    let messages = scene.client.messages(&conversation).await;
    assert_eq!(messages.len(), 6);
    let question = |message: &&Value| message["id"] == branch["parent_id"];
    let question = messages.iter().find(question).unwrap();
    assert_eq!(question["parent_id"], first["id"]);
    let (shown, _) = exchange(&mut scene, &conversation, &json!({"text": "D"}), "d").await;
    assert_eq!(
        shown,
        ["A", "a", "C", "c", "D"],
        "the newest branch goes on"
    );
}

#[tokio::test]
async fn a_null_parent_makes_a_new_root() {
    let mut scene = Scene::start().await;
    let conversation = scene.client.conversation().await;
    exchange(&mut scene, &conversation, &json!({"text": "A"}), "a").await;
    let root = json!({"text": "B", "parent_id": null});
    let (shown, answer) = exchange(&mut scene, &conversation, &root, "b").await;
    assert_eq!(shown, ["B"]);
    let messages = scene.client.messages(&conversation).await;
    let question = messages.iter().find(|m| m["id"] == answer["parent_id"]);
    assert_eq!(question.unwrap()["parent_id"], Value::Null);
}

#[tokio::test]
async fn another_model_may_answer_a_single_turn() {
    let mut scene = Scene::start().await;
    let conversation = scene.client.conversation().await;
    let offline = json!({"text": "A", "model": "offline"});
    let log = scene.client.turn(&conversation, &offline).await;
    let log = log.rest().await;
    assert_eq!(log[0].data["model"], "offline");
    scene.upstream.expect_no_call();
    let (shown, _) = exchange(&mut scene, &conversation, &json!({"text": "B"}), "b").await;
    assert_eq!(shown.first().unwrap(), "A");
    assert_eq!(shown.last().unwrap(), "B");
}

#[tokio::test]
async fn deleting_a_conversation_ends_the_turn_that_runs_on_it() {
    let mut scene = Scene::start().await;
    let conversation = scene.client.conversation().await;
    let mut stream = scene.client.say(&conversation, "hello").await;
    let turn = stream.turn_id();
    let mut call = scene.upstream.call().await;
    call.say("one").await;
    stream.until_text("one").await;
    let path = format!("/api/conversations/{conversation}");
    assert_eq!(scene.client.delete(&path).await.status, 204);
    call.closed().await;
    let end = stream.rest().await;
    assert_eq!(finish_reason(&end), "interrupted");
    scene
        .client
        .get(&path)
        .await
        .expect_problem(404, "not_found");
    let events = scene.client.get(&format!("/api/turns/{turn}/events")).await;
    events.expect_problem(404, "not_found");
    let list = scene.client.get("/api/conversations").await.expect(200);
    assert_eq!(list["items"], json!([]));
    scene
        .client
        .delete(&path)
        .await
        .expect_problem(404, "not_found");
    scene.client.expect_healthy().await;
}
