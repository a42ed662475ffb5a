//! Bad input on `/v1`, in the shape that OpenAI's clients read.

use serde_json::{Value, json};
use tidewire_tests::{Answer, Client, Site};

const PATH: &str = "/v1/chat/completions";

async fn send(client: &Client, body: impl Into<Vec<u8>>) -> Answer {
    let request = client.request("POST", PATH).body(body.into());
    client
        .send(request.header("content-type", "application/json"))
        .await
}

fn hello(extra: Value) -> Value {
    let mut body = json!({"model": "offline", "messages": [{"role": "user", "content": "hello"}]});
    if let (Some(body), Value::Object(extra)) = (body.as_object_mut(), extra) {
        body.extend(extra);
    }
    body
}

async fn expect_healthy(client: &Client) {
    let completion = client.post(PATH, &hello(json!({}))).await.expect(200);
    let text = &completion["choices"][0]["message"]["content"];
    assert!(!text.as_str().unwrap().is_empty());
    client.expect_healthy().await;
}

#[tokio::test]
async fn what_is_no_json_is_refused() {
    let site = Site::offline();
    let client = site.start().await.client();
    let deep = format!("{{\"messages\": {}", "[".repeat(10_000));
    for body in [
        &b"{"[..],
        b"nonsense",
        b"{\"model\": \"\xff\"}",
        deep.as_bytes(),
    ] {
        let answer = send(&client, body).await;
        answer.expect_openai_error(400, "invalid_request_error", "malformed_json");
    }
    let request = client
        .request("POST", PATH)
        .body(hello(json!({})).to_string());
    let answer = client
        .send(request.header("content-type", "text/plain"))
        .await;
    answer.expect_openai_error(415, "invalid_request_error", "not_json");
    expect_healthy(&client).await;
}

#[tokio::test]
async fn what_does_not_fit_is_refused() {
    let site = Site::offline();
    let client = site.start().await.client();
    for body in [
        json!({}),
        json!([]),
        json!({"messages": "hello"}),
        json!({"messages": []}),
        json!({"messages": [{"role": "wizard", "content": "x"}]}),
        json!({"messages": [{"content": "x"}]}),
        json!({"messages": [{"role": "tool", "content": "x"}]}),
        json!({"messages": [{"role": "function", "name": "f", "content": "x"}]}),
        hello(json!({"n": 2})),
        hello(json!({"stream": "yes"})),
        hello(json!({"max_tokens": -1})),
        hello(json!({"temperature": "hot"})),
        hello(json!({"tools": [{"type": "web_search"}]})),
        hello(json!({"tool_choice": "maybe"})),
        hello(json!({"response_format": {"type": "xml"}})),
        hello(json!({"messages": [{"role": "user", "content": [{"type": "input_audio"}]}]})),
    ] {
        let answer = client.post(PATH, &body).await;
        answer.expect_openai_error(400, "invalid_request_error", "invalid_request");
    }
    expect_healthy(&client).await;
}

#[tokio::test]
async fn a_model_that_is_not_there_is_not_found() {
    let site = Site::offline();
    let client = site.start().await.client();
    let answer = client.post(PATH, &hello(json!({"model": "gpt-99"}))).await;
    answer.expect_openai_error(404, "invalid_request_error", "model_not_found");
    let answer = client.get("/v1/models/gpt-99").await;
    answer.expect_openai_error(404, "invalid_request_error", "model_not_found");
    let wrong_type = client.post(PATH, &hello(json!({"model": 1}))).await;
    wrong_type.expect_openai_error(400, "invalid_request_error", "invalid_request");
}

#[tokio::test]
async fn images_are_never_fetched_and_never_given_to_a_model_without_eyes() {
    let site = Site::offline();
    let client = site.start().await.client();
    for (url, code) in [
        ("http://169.254.169.254/latest/meta-data", "invalid_request"),
        ("file:///etc/passwd", "invalid_request"),
        ("data:image/png;base64,???", "invalid_request"),
        ("data:image/png;base64,AAAA", "images_not_supported"),
    ] {
        let part = json!({"type": "image_url", "image_url": {"url": url}});
        let body = hello(json!({"messages": [{"role": "user", "content": [part]}]}));
        let answer = client.post(PATH, &body).await;
        answer.expect_openai_error(400, "invalid_request_error", code);
    }
}

#[tokio::test]
async fn fields_that_mean_nothing_here_are_let_pass() {
    let site = Site::offline();
    let client = site.start().await.client();
    let metadata = format!("{}1{}", "[".repeat(100), "]".repeat(100));
    let metadata: Value = serde_json::from_str(&metadata).unwrap();
    let body = hello(json!({"user": "u", "logit_bias": {}, "store": false, "metadata": metadata}));
    client.post(PATH, &body).await.expect(200);
}
