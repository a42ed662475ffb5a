//! What the function URL refuses: everything that is not signed over the very request.

use std::time::{Duration, SystemTime};

use serde_json::json;
use tidewire_tests::{Answer, PathScene};

const OF_NOTHING: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

fn expect_refusal(answer: &Answer, kind: &str, message: &str) {
    assert_eq!(answer.status, 403, "{}", answer.text);
    assert_eq!(answer.header("x-amzn-errortype"), kind, "{}", answer.text);
    assert!(answer.text.contains(message), "{}", answer.text);
}

fn expect_mismatch(answer: &Answer) {
    let message = "The request signature we calculated does not match the signature you provided";
    expect_refusal(answer, "InvalidSignatureException", message);
}

#[tokio::test]
async fn a_bare_call_past_cloudfront_is_forbidden_and_starts_nothing() {
    let scene = PathScene::start().await;
    let bare = scene.past_cloudfront();
    for path in ["/", "/readyz", "/v1/models"] {
        let answer = bare.get(path).await;
        expect_refusal(&answer, "AccessDeniedException", "Forbidden");
    }
    let body = json!({"messages": []});
    let bearer = bare.with_key("tw_key");
    let posted = bearer.post("/v1/chat/completions", &body);
    // A Bearer token is no signature.
    assert_eq!(posted.await.status, 403);
    assert_eq!(scene.environments(), []);
}

#[tokio::test]
async fn a_body_needs_its_own_hash_where_no_signer_runs() {
    let scene = PathScene::start().await;
    let body = r#"{"title":"kept"}"#;
    let right = edge_signer::PayloadHash::of(body.as_bytes());
    let of_another = edge_signer::PayloadHash::of(br#"{"title":"else"}"#);
    let upper = right.as_str().to_uppercase();
    for hashes in [
        &[][..],
        &[of_another.as_str()],
        &[OF_NOTHING],
        &[&upper],
        &["UNSIGNED-PAYLOAD"],
        &["no hash at all"],
        &[right.as_str(), right.as_str()],
        &[of_another.as_str(), right.as_str()],
    ] {
        let request = scene.client.request("POST", "/api/conversations");
        let mut request = request
            .header("content-type", "application/json")
            .body(body);
        for hash in hashes {
            request = request.header("x-amz-content-sha256", *hash);
        }
        let answer = scene.client.send_as_it_is(request).await;
        if hashes.len() == 2 {
            // What AWS says of two is not public.
            assert_eq!(answer.status, 403, "{}", answer.text);
        } else {
            expect_mismatch(&answer);
        }
    }
    assert_eq!(scene.environments(), [], "the function is never invoked");
    let request = scene.client.request("POST", "/api/conversations");
    let request = request
        .header("content-type", "application/json")
        .header("x-amz-content-sha256", right.as_str())
        .body(body);
    scene.client.send_as_it_is(request).await.expect(201);
}

#[tokio::test]
async fn what_is_signed_by_somebody_known_goes_through_once_and_again() {
    let scene = PathScene::start().await;
    let parts = scene.signed("GET", "/healthz?a=%20b&a=", b"", SystemTime::now());
    for _ in 0..2 {
        let request = scene.request_of(&parts, b"");
        let answer = scene.past_cloudfront().send_as_it_is(request).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
}

#[tokio::test]
async fn a_signature_is_good_for_ten_minutes_around_its_date() {
    let scene = PathScene::start().await;
    let now = SystemTime::now();
    let off = Duration::from_secs(5 * 60 + 30);
    for (time, message) in [
        (now - off, "Signature expired: "),
        (now + off, "Signature not yet current: "),
    ] {
        let parts = scene.signed("GET", "/healthz", b"", time);
        let request = scene.request_of(&parts, b"");
        let answer = scene.past_cloudfront().send_as_it_is(request).await;
        expect_refusal(&answer, "InvalidSignatureException", message);
    }
}

#[tokio::test]
async fn a_replay_with_anything_changed_is_refused() {
    let scene = PathScene::start().await;
    let body = br#"{"title":"a"}"#;
    let signed = scene.signed("POST", "/api/conversations?a=1", body, SystemTime::now());
    let changed = |change: &dyn Fn(&mut http::request::Parts)| {
        let mut parts = signed.clone();
        change(&mut parts);
        parts
    };
    let to = |path: &'static str| {
        move |parts: &mut http::request::Parts| parts.uri = http::Uri::from_static(path)
    };
    for (parts, body) in [
        (changed(&to("/api/conversation?a=1")), &body[..]),
        (changed(&to("/api/Conversations?a=1")), body),
        (changed(&to("/api/conversations?a=2")), body),
        (changed(&to("/api/conversations?a=1&a=1")), body),
        (changed(&to("/api/conversations")), body),
        (
            changed(&|parts| parts.method = http::Method::PUT),
            &body[..],
        ),
        (
            changed(&|parts| {
                let host = http::HeaderValue::from_static("elsewhere");
                parts.headers.insert("host", host);
            }),
            body,
        ),
        (
            changed(&|parts| {
                let arn = http::HeaderValue::from_static("arn:aws:cloudfront::1:distribution/E");
                parts.headers.insert("x-amz-source-arn", arn);
            }),
            body,
        ),
        (signed.clone(), br#"{"title":"b"}"#),
    ] {
        let request = scene.request_of(&parts, body);
        let request = request.header("content-type", "application/json");
        expect_mismatch(&scene.past_cloudfront().send_as_it_is(request).await);
    }
    assert_eq!(scene.environments(), []);
}
