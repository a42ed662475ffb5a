//! Bodies that are not what they should be.

use serde_json::json;
use tidewire_tests::{Answer, Client, Site};

/// Where the API takes a body, with a field that takes text.
async fn places(client: &Client) -> Vec<(&'static str, String, &'static str)> {
    let conversation = client.conversation().await;
    vec![
        ("POST", "/api/conversations".into(), "title"),
        (
            "PATCH",
            format!("/api/conversations/{conversation}"),
            "title",
        ),
        (
            "POST",
            format!("/api/conversations/{conversation}/turns"),
            "text",
        ),
        ("POST", "/api/session".into(), "key"),
    ]
}

async fn send(client: &Client, method: &str, path: &str, body: impl Into<Vec<u8>>) -> Answer {
    let request = client.request(method, path).body(body.into());
    client
        .send(request.header("content-type", "application/json"))
        .await
}

#[tokio::test]
async fn malformed_json_is_refused_everywhere() {
    let site = Site::offline();
    let client = site.start().await.client();
    for (method, path, field) in places(&client).await {
        for body in [
            "{",
            "{\"",
            "nonsense",
            "{\"title\": }",
            "{\"title\": \"x\",}",
            "{\"title\": \"x\"} {}",
            "\u{feff}{}",
            "{\"title\": \"\\ud800\"}",
            "{'title': 'x'}",
        ] {
            let body = body.replace("title", field);
            let answer = send(&client, method, &path, body.as_str()).await;
            answer.expect_problem(400, "malformed_json");
        }
        client.expect_healthy().await;
    }
}

#[tokio::test]
async fn bytes_that_are_not_utf_8_are_refused_everywhere() {
    let site = Site::offline();
    let client = site.start().await.client();
    for (method, path, field) in places(&client).await {
        for bad in [
            &b"\xff"[..],
            b"\xc3\x28",
            b"\xed\xa0\x80",
            b"\xf8\x88\x80\x80\x80",
        ] {
            let body = [format!("{{\"{field}\": \"").as_bytes(), bad, b"\"}"].concat();
            let answer = send(&client, method, &path, body).await;
            answer.expect_problem(400, "malformed_json");
        }
    }
    client.expect_healthy().await;
}

#[tokio::test]
async fn wrong_types_and_unknown_fields_are_refused_and_named() {
    let site = Site::offline();
    let client = site.start().await.client();
    for (method, path, field) in places(&client).await {
        for value in [json!(1), json!([]), json!({}), json!(true)] {
            let body = json!({field: value}).to_string();
            let answer = send(&client, method, &path, body).await;
            answer.expect_problem(422, "invalid_request");
        }
        for body in ["[]", "\"text\"", "1", "null"] {
            let answer = send(&client, method, &path, body).await;
            answer.expect_problem(422, "invalid_request");
        }
        let body = json!({field: "x", "titel": "typo"}).to_string();
        let answer = send(&client, method, &path, body).await;
        let problem = answer.expect_problem(422, "invalid_request");
        assert!(problem["detail"].as_str().unwrap().contains("titel"));
    }
    client.expect_healthy().await;
}

#[tokio::test]
async fn arrays_ten_thousand_deep_are_refused() {
    let site = Site::offline();
    let client = site.start().await.client();
    for (method, path, field) in places(&client).await {
        let deep = "[".repeat(10_000);
        let closed = "]".repeat(10_000);
        for body in [
            deep.clone(),
            format!("{deep}{closed}"),
            format!("{{\"{field}\": {deep}{closed}}}"),
            format!("{{\"{field}\": {}", "{\"a\":".repeat(10_000)),
        ] {
            let answer = send(&client, method, &path, body).await;
            assert!([400, 422].contains(&answer.status), "{}", answer.text);
            let code = answer.json()["code"].clone();
            answer.expect_problem(answer.status, code.as_str().unwrap());
        }
    }
    client.expect_healthy().await;
}

#[tokio::test]
async fn a_body_that_is_not_said_to_be_json_is_refused_everywhere() {
    let site = Site::offline();
    let client = site.start().await.client();
    for (method, path, _) in places(&client).await {
        for kind in [
            Some("text/plain"),
            Some("application/x-www-form-urlencoded"),
            Some("multipart/form-data; boundary=x"),
            Some("application/jsonp"),
            None,
        ] {
            let request = client.request(method, &path).body("{}");
            let request = match kind {
                Some(kind) => request.header("content-type", kind),
                None => request,
            };
            let answer = client.send(request).await;
            answer.expect_problem(415, "not_json");
        }
    }
    let request = client.request("POST", "/api/conversations").body("{}");
    let request = request.header("content-type", "Application/JSON; charset=utf-8");
    client.send(request).await.expect(201);
}
