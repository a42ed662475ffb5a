//! Messages that say nothing, or what no text should.

use serde_json::{Value, json};
use tidewire_tests::{Site, assert_whole_log};

#[tokio::test]
async fn nul_characters_are_refused_everywhere() {
    let site = Site::offline();
    let client = site.start().await.client();
    let conversation = client.conversation().await;
    let path = format!("/api/conversations/{conversation}");
    for body in [
        json!({"text": "a\0b"}),
        json!({"parts": [{"type": "text", "text": "\0"}]}),
    ] {
        let refused = client.try_turn(&conversation, &body).await;
        refused.expect_problem(422, "nul_character");
    }
    for field in ["title", "system"] {
        let body = json!({field: "a\0b"});
        let refused = client.post("/api/conversations", &body).await;
        refused.expect_problem(422, "nul_character");
        let refused = client
            .send(client.request("PATCH", &path).json(&body))
            .await;
        refused.expect_problem(422, "nul_character");
    }
    assert!(client.messages(&conversation).await.is_empty());
    client.expect_healthy().await;
}

#[tokio::test]
async fn a_message_that_says_nothing_is_refused() {
    let site = Site::offline();
    let client = site.start().await.client();
    let conversation = client.conversation().await;
    for body in [
        json!({}),
        json!({"text": ""}),
        json!({"text": " \n\t\u{a0}"}),
        json!({"text": null}),
        json!({"parts": []}),
        json!({"parts": [{"type": "text", "text": " "}]}),
        json!({"parent_id": null}),
    ] {
        let refused = client.try_turn(&conversation, &body).await;
        refused.expect_problem(422, "empty_message");
    }
    let empty = client.send(client.turn_request(&conversation)).await;
    empty.expect_problem(422, "empty_message");
    assert!(client.messages(&conversation).await.is_empty());
}

#[tokio::test]
async fn parts_that_cannot_be_read_are_refused() {
    let site = Site::offline();
    let client = site.start().await.client();
    let conversation = client.conversation().await;
    let image = |media_type: &str, data: &str| json!([{"type": "image", "media_type": media_type, "data_base64": data}]);
    for (body, code) in [
        (json!({"text": "x", "parts": []}), "invalid_request"),
        (json!({"parts": [{"type": "audio"}]}), "invalid_request"),
        (json!({"parts": [{"type": "text"}]}), "invalid_request"),
        (json!({"parts": ["x"]}), "invalid_request"),
        (
            json!({"parts": image("image/svg+xml", "AAAA")}),
            "invalid_request",
        ),
        (
            json!({"parts": image("image/png", "no base64!")}),
            "invalid_request",
        ),
        (json!({"parts": image("image/png", "")}), "invalid_request"),
        (
            json!({"parts": image("image/png", "AAAA")}),
            "images_not_supported",
        ),
    ] {
        let refused = client.try_turn(&conversation, &body).await;
        refused.expect_problem(422, code);
    }
    assert!(client.messages(&conversation).await.is_empty());
    client.expect_healthy().await;
}

#[tokio::test]
async fn any_other_text_comes_back_as_it_was() {
    let site = Site::offline();
    let client = site.start().await.client();
    for text in [
        "\u{202e}right to left\u{202c}",
        "combining e\u{301} and 👩‍👩‍👧‍👦",
        "\u{1}\u{7f}\u{85}\u{2028}",
        "data: x\n\nevent: turn_finished\ndata: {}\n\n",
        "</script><script>alert(1)</script>",
        "line\r\nline",
        "{\"text\": 1}",
    ] {
        let conversation = client.conversation().await;
        let log = client.say(&conversation, text).await.rest().await;
        assert_whole_log(&log);
        let messages = client.messages(&conversation).await;
        assert_eq!(messages[0]["parts"][0]["text"], Value::from(text));
    }
}
