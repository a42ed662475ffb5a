//! Too much of it.

use serde_json::json;
use tidewire_tests::Site;

#[tokio::test]
async fn a_body_of_ten_megabytes_is_refused_everywhere() {
    let site = Site::offline();
    let client = site.start().await.client();
    let conversation = client.conversation().await;
    let body = format!("{{\"text\": \"{}\"}}", "x".repeat(10 << 20));
    for (method, path) in [
        ("POST", "/api/conversations".to_owned()),
        ("PATCH", format!("/api/conversations/{conversation}")),
        ("POST", format!("/api/conversations/{conversation}/turns")),
        ("POST", "/api/session".to_owned()),
    ] {
        let request = client.request(method, &path).body(body.clone());
        let request = request.header("content-type", "application/json");
        let answer = client.send(request).await;
        answer.expect_problem(413, "body_too_large");
    }
    let request = client.request("POST", "/v1/chat/completions").body(body);
    let request = request.header("content-type", "application/json");
    let answer = client.send(request).await;
    answer.expect_openai_error(413, "invalid_request_error", "body_too_large");
    client.expect_healthy().await;
}

#[tokio::test]
async fn a_message_of_a_megabyte_is_refused_and_stores_nothing() {
    let site = Site::offline();
    let client = site.start().await.client();
    let conversation = client.conversation().await;
    let long = "x".repeat(1 << 20);
    let halves = json!([{"type": "text", "text": &long[..1 << 19]}, {"type": "text", "text": &long[..1 << 19]}]);
    for body in [json!({"text": long}), json!({"parts": halves})] {
        let answer = client.try_turn(&conversation, &body).await;
        let problem = answer.expect_problem(413, "message_too_long");
        assert!(problem["detail"].as_str().unwrap().contains("262144"));
    }
    assert!(client.messages(&conversation).await.is_empty());
    let instructions = json!({"system": long});
    let answer = client.post("/api/conversations", &instructions).await;
    answer.expect_problem(413, "message_too_long");
    let list = client.get("/api/conversations").await.expect(200);
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
    client.expect_healthy().await;
}

#[tokio::test]
async fn the_longest_message_that_is_allowed_is_taken() {
    let site = Site::offline();
    let client = site.start().await.client();
    let conversation = client.conversation().await;
    let text = "é".repeat(128 * 1024);
    let log = client.say(&conversation, &text).await.rest().await;
    tidewire_tests::assert_whole_log(&log);
    let messages = client.messages(&conversation).await;
    assert_eq!(messages[0]["parts"][0]["text"], text);
}

#[tokio::test]
async fn a_title_of_two_hundred_and_one_characters_is_refused() {
    let site = Site::offline();
    let client = site.start().await.client();
    let title = |length: usize| json!({"title": "字".repeat(length)});
    client
        .post("/api/conversations", &title(200))
        .await
        .expect(201);
    for body in [title(201), title(0), json!({"title": " \n "})] {
        let answer = client.post("/api/conversations", &body).await;
        answer.expect_problem(422, "invalid_request");
    }
}
