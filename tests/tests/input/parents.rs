//! Places in the tree that are none.

use serde_json::{Value, json};
use tidewire_tests::{Client, Site};
use uuid::Uuid;

async fn exchange(client: &Client, conversation: &str) -> (Value, Value) {
    client.say(conversation, "hello").await.rest().await;
    let messages = client.messages(conversation).await;
    (messages[0]["id"].clone(), messages[1]["id"].clone())
}

#[tokio::test]
async fn a_parent_must_be_an_assistant_message_of_the_same_conversation() {
    let site = Site::offline();
    let client = site.start().await.client();
    let other = client.conversation().await;
    let (_, foreign_answer) = exchange(&client, &other).await;
    let conversation = client.conversation().await;
    let (question, answer) = exchange(&client, &conversation).await;
    for parent in [foreign_answer, question, json!(Uuid::now_v7())] {
        let under = json!({"text": "x", "parent_id": parent});
        let refused = client.try_turn(&conversation, &under).await;
        refused.expect_problem(422, "invalid_parent");
        let again = json!({"regenerate": parent});
        let refused = client.try_turn(&conversation, &again).await;
        refused.expect_problem(422, "invalid_parent");
    }
    for parent in [json!("x"), json!(1), json!("")] {
        let under = json!({"text": "x", "parent_id": parent});
        let refused = client.try_turn(&conversation, &under).await;
        refused.expect_problem(422, "invalid_request");
    }
    assert_eq!(client.messages(&conversation).await.len(), 2);
    let under = json!({"text": "x", "parent_id": answer});
    client.turn(&conversation, &under).await.rest().await;
    assert_eq!(client.messages(&conversation).await.len(), 4);
}

#[tokio::test]
async fn regenerating_takes_neither_text_nor_another_place() {
    let site = Site::offline();
    let client = site.start().await.client();
    let conversation = client.conversation().await;
    let (_, answer) = exchange(&client, &conversation).await;
    for body in [
        json!({"regenerate": answer, "text": "x"}),
        json!({"regenerate": answer, "parts": [{"type": "text", "text": "x"}]}),
        json!({"regenerate": answer, "parent_id": answer}),
        json!({"regenerate": answer, "parent_id": null}),
    ] {
        let refused = client.try_turn(&conversation, &body).await;
        refused.expect_problem(422, "invalid_request");
    }
    assert_eq!(client.messages(&conversation).await.len(), 2);
    client.expect_healthy().await;
}
