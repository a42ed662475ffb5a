//! Bodies of all sizes, and answers without any.

use std::convert::Infallible;

use edge_signer::PayloadHash;
use futures_util::stream;
use reqwest::Body;
use tidewire_tests::{Answer, PathScene};

const MEGABYTE: usize = 1 << 20;

async fn post(scene: &PathScene, path: &str, body: Vec<u8>, hash: Option<&str>) -> Answer {
    let mut request = scene.client.request("POST", path);
    if let Some(hash) = hash {
        request = request.header("x-amz-content-sha256", hash);
    }
    let request = request
        .header("content-type", "application/octet-stream")
        .header("origin", "https://chat.example")
        .body(body);
    scene.client.send_as_it_is(request).await
}

/// What of a body came through.
fn expect_echo(answer: &Answer, body: &[u8]) {
    let seen = answer.expect(200);
    assert_eq!(seen["length"], body.len());
    assert_eq!(seen["sha256"], PayloadHash::of(body).as_str());
}

#[tokio::test]
async fn the_signer_hashes_a_megabyte_and_not_a_byte_more() {
    let scene = PathScene::start_before_echo(|options| options).await;
    for length in [0, 1, 40_001, MEGABYTE - 1, MEGABYTE] {
        let body = vec![0xff; length];
        let answer = post(&scene, "/v1/files", body.clone(), None).await;
        expect_echo(&answer, &body);
    }
    let body = vec![0xff; MEGABYTE + 1];
    let answer = post(&scene, "/v1/files", body.clone(), None).await;
    let kind = "invalid_request_error";
    answer.expect_openai_error(413, kind, "body_too_large_to_hash");
    assert!(answer.text.contains("x-amz-content-sha256") && answer.text.contains("presigned"));
    let allowed = answer.header("access-control-allow-origin");
    assert_eq!(allowed, "https://chat.example", "a page can read it");
    let hash = PayloadHash::of(&body);
    let answer = post(&scene, "/v1/files", body.clone(), Some(hash.as_str())).await;
    expect_echo(&answer, &body);
    let wrong = PayloadHash::of(b"");
    let answer = post(&scene, "/v1/files", body, Some(wrong.as_str())).await;
    assert_eq!(answer.status, 403, "{}", answer.text);
}

#[tokio::test]
async fn six_megabytes_are_the_end_with_what_travels_around_them() {
    let scene = PathScene::start_before_echo(|options| options).await;
    // As base64 inside an event with its headers: four and a half go in, and a little less.
    for (length, fits) in [
        (4 * MEGABYTE, true),
        (4_700_000, true),
        (4_720_000, false),
        (6 * MEGABYTE, false),
        (6 * MEGABYTE + 1, false),
    ] {
        let body = vec![0xff; length];
        let hash = PayloadHash::of(&body);
        let answer = post(&scene, "/api/upload", body.clone(), Some(hash.as_str())).await;
        if fits {
            expect_echo(&answer, &body);
        } else {
            assert_eq!(answer.status, 413, "{length}: {}", answer.text);
            let kind = answer.header("x-amzn-errortype");
            assert_eq!(kind, "RequestEntityTooLargeException");
        }
    }
}

#[tokio::test]
async fn a_body_whose_length_is_not_said_comes_through() {
    let scene = PathScene::start_before_echo(|options| options).await;
    let pieces = ["{\"a\":", "\"é", "\"}"];
    let whole = pieces.concat();
    let hash = PayloadHash::of(whole.as_bytes());
    for (path, hash) in [("/v1/x", None), ("/api/x", Some(hash.as_str()))] {
        let pieces = stream::iter(pieces.map(Ok::<_, Infallible>));
        let mut request = scene.client.request("POST", path);
        if let Some(hash) = hash {
            request = request.header("x-amz-content-sha256", hash);
        }
        let request = request.body(Body::wrap_stream(pieces));
        let answer = scene.client.send_as_it_is(request).await;
        expect_echo(&answer, whole.as_bytes());
    }
}

#[tokio::test]
async fn methods_without_a_body_need_no_hash() {
    let scene = PathScene::start_before_echo(|options| options).await;
    for method in ["GET", "OPTIONS", "DELETE"] {
        for path in ["/v1/x", "/api/x"] {
            let answer = scene.client.send(scene.client.request(method, path)).await;
            assert_eq!(answer.expect(200)["method"], method);
        }
    }
    let answer = scene
        .client
        .send(scene.client.request("HEAD", "/api/x"))
        .await;
    assert_eq!((answer.status, answer.text.as_str()), (200, ""));
    // CloudFront takes no GET with a body.
    let request = scene.client.request("GET", "/v1/x").body("x");
    assert_eq!(scene.client.send(request).await.status, 403);
}

#[tokio::test]
async fn an_answer_without_a_body_ends_at_once() {
    let scene = PathScene::start_before_echo(|options| options).await;
    for status in [204, 302, 304] {
        let answer = scene.client.get(&format!("/status/{status}")).await;
        assert_eq!((answer.status, answer.text.as_str()), (status, ""));
        scene
            .until_environments("it is free again", |all| all.iter().all(|one| !one.is_busy))
            .await;
    }
    assert_eq!(scene.environments().len(), 1);
}
