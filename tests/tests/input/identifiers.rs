//! Names of what is not there.

use serde_json::{Value, json};
use tidewire_tests::Site;
use uuid::Uuid;

#[tokio::test]
async fn an_id_of_nothing_or_no_id_at_all_is_not_found() {
    let site = Site::offline();
    let client = site.start().await.client();
    let turn_of_nothing = Uuid::now_v7().to_string();
    for id in [
        turn_of_nothing.as_str(),
        "00000000-0000-0000-0000-000000000000",
        "x",
        "1",
        "%00",
        "%ff",
        "..%2f..%2fetc%2fpasswd",
        "' OR 1=1 --",
        "01a1f8b9-b8d8-7401-b071-b725e20d51b5x",
    ] {
        let conversation = format!("/api/conversations/{id}");
        let turn = format!("/api/turns/{id}");
        for (method, path, body) in [
            ("GET", conversation.clone(), None),
            ("PATCH", conversation.clone(), Some(json!({"title": "x"}))),
            ("DELETE", conversation.clone(), None),
            ("GET", format!("{conversation}/messages"), None),
            (
                "POST",
                format!("{conversation}/turns"),
                Some(json!({"text": "x"})),
            ),
            ("GET", format!("{turn}/events"), None),
            ("POST", format!("{turn}/stop"), None),
        ] {
            let request = client.request(method, &path);
            let request = match body {
                Some(body) => request.json(&body),
                None => request,
            };
            let answer = client.send(request).await;
            if id == "%ff" {
                // A path that is no UTF-8 may be refused before anybody looks for it.
                assert!([400, 404].contains(&answer.status), "{method} {path}");
                continue;
            }
            answer.expect_problem(404, "not_found");
        }
    }
    client.expect_healthy().await;
}

#[tokio::test]
async fn a_model_that_is_not_there_is_refused_and_those_that_are_are_named() {
    let site = Site::offline();
    let client = site.start().await.client();
    let conversation = client.conversation().await;
    for model in ["gpt-99", "", "\0", "OFFLINE"] {
        let turn = client
            .try_turn(&conversation, &json!({"text": "x", "model": model}))
            .await;
        let made = client
            .post("/api/conversations", &json!({"model": model}))
            .await;
        let path = format!("/api/conversations/{conversation}");
        let change = client
            .request("PATCH", &path)
            .json(&json!({"model": model}));
        let changed = client.send(change).await;
        let mut answers = vec![turn, made];
        if model.is_empty() {
            // A conversation without a model of its own, again.
            assert_eq!(changed.expect(200)["model"], Value::Null);
        } else {
            answers.push(changed);
        }
        for answer in answers {
            let problem = answer.expect_problem(422, "unknown_model");
            assert!(problem["detail"].as_str().unwrap().contains("offline"));
        }
    }
    assert!(client.messages(&conversation).await.is_empty());
}
