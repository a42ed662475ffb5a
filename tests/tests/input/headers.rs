//! Headers that are not what they should be.

use reqwest::header::HeaderValue;
use serde_json::json;
use tidewire_tests::{Site, assert_whole_log};

#[tokio::test]
async fn a_last_event_id_that_is_no_number_is_refused() {
    let site = Site::offline();
    let client = site.start().await.client();
    let conversation = client.conversation().await;
    let stream = client.say(&conversation, "hello").await;
    let path = format!("/api/turns/{}/events", stream.turn_id());
    assert_whole_log(&stream.rest().await);
    for bad in [
        "x",
        "-1",
        "1.5",
        "0x10",
        "1e3",
        "18446744073709551616",
        "1 2",
        "NaN",
        "",
    ] {
        let request = client.request("GET", &path).header("last-event-id", bad);
        let answer = client.send(request).await;
        answer.expect_problem(400, "invalid_last_event_id");
        let answer = client.get(&format!("{path}?after={bad}")).await;
        answer.expect_problem(400, "invalid_last_event_id");
    }
    let bytes = HeaderValue::from_bytes(b"\xff1").unwrap();
    let request = client.request("GET", &path).header("last-event-id", bytes);
    let answer = client.send(request).await;
    answer.expect_problem(400, "invalid_last_event_id");
    client.expect_healthy().await;
}

#[tokio::test]
async fn an_idempotency_key_that_is_none_is_refused_and_starts_nothing() {
    let site = Site::offline();
    let client = site.start().await.client();
    let conversation = client.conversation().await;
    let long = "k".repeat(201);
    for bad in [
        &b""[..],
        b"   ",
        b"\xff\xfe",
        "schlüssel".as_bytes(),
        long.as_bytes(),
    ] {
        let request = client
            .turn_request(&conversation)
            .header("idempotency-key", HeaderValue::from_bytes(bad).unwrap())
            .json(&json!({"text": "hello"}));
        let answer = client.send(request).await;
        answer.expect_problem(400, "invalid_idempotency_key");
    }
    assert!(client.messages(&conversation).await.is_empty());
    client.expect_healthy().await;
}

#[tokio::test]
async fn a_head_that_is_too_long_is_refused() {
    let site = Site::offline();
    let client = site.start().await.client();
    let request = client.request("GET", "/api/conversations");
    let answer = client
        .send(request.header("x-long", "x".repeat(64 * 1024)))
        .await;
    assert_eq!(answer.status, 431);
    client.expect_healthy().await;
}
