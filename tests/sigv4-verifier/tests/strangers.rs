//! Whatever strangers send, it is refused: without a panic, and in time that grows with its length.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use proptest::prelude::*;
use sha2::{Digest, Sha256};
use sigv4_verifier::{Refusal, Secret, SignedRequest, Verifier};

/// Verifies at 2026-01-02T03:04:05Z, with a secret that nobody knows.
fn verify(path: &str, query: &str, headers: &HeaderMap) -> Refusal {
    let verifier = Verifier::of_lambda("eu-central-1", |_: &str| Some(Secret::lasting("secret")));
    let request = SignedRequest {
        method: &Method::GET,
        path,
        query,
        headers,
    };
    let now: SystemTime = UNIX_EPOCH + Duration::from_secs(1_767_323_045);
    let empty = Sha256::digest(b"").into();
    let refusal = verifier
        .verify(request, &empty, now)
        .expect_err("nobody signed it");
    // An answer can be made of every refusal.
    let body: serde_json::Value = serde_json::from_str(&refusal.body()).expect("JSON");
    assert_eq!(body.as_object().map(serde_json::Map::len), Some(1));
    assert_eq!(refusal.status(), 403);
    assert!(refusal.error_type().ends_with("Exception"));
    refusal
}

/// Headers of a request that comes as far as its signature.
fn headers(signed: &str) -> HeaderMap {
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential=ID/20260102/eu-central-1/lambda/aws4_request, \
         SignedHeaders={signed}, Signature={}",
        "0".repeat(64)
    );
    let mut headers = HeaderMap::new();
    headers.insert("host", HeaderValue::from_static("host"));
    headers.insert("x-amz-date", HeaderValue::from_static("20260102T030405Z"));
    headers.insert("authorization", authorization.parse().expect("ASCII"));
    headers
}

fn authorization() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just("AWS4-HMAC-SHA256 ".to_owned()),
        Just("Credential=".to_owned()),
        Just("ID/20260102/eu-central-1/lambda/aws4_request".to_owned()),
        Just(", SignedHeaders=host;x-amz-date".to_owned()),
        Just(",Signature=".to_owned()),
        Just("0".repeat(64)),
        "[ -~é]{0,9}",
    ];
    let pieces = prop::collection::vec(piece, 0..9).prop_map(|pieces| pieces.concat().into_bytes());
    prop_oneof![pieces, prop::collection::vec(any::<u8>(), 0..60)]
}

proptest! {
    #[test]
    fn any_authorization_is_refused(value in authorization()) {
        let mut headers = headers("host;x-amz-date");
        if let Ok(value) = HeaderValue::from_bytes(&value) {
            headers.insert("authorization", value);
            verify("/", "", &headers);
        }
    }

    #[test]
    fn any_target_is_refused(path in ".{0,60}", query in "[%&=+?a-f0-9é]{0,60}") {
        let refusal = verify(&path, &query, &headers("host;x-amz-date"));
        prop_assert_eq!(refusal, Refusal::SignatureMismatch);
    }

    #[test]
    fn any_headers_are_refused(
        name in "(x-amz-)?(date|host|content-sha256|security-token|[a-z-]{1,9})",
        values in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..3),
        signed in "[a-z;A-Zé-]{0,30}",
    ) {
        let mut headers = headers(&format!("host;x-amz-date;{signed}"));
        for value in values {
            if let Ok(value) = HeaderValue::from_bytes(&value) {
                headers.append(HeaderName::from_bytes(name.as_bytes()).unwrap(), value);
            }
        }
        verify("/", "", &headers);
    }
}

/// Each of these would take minutes if time grew with the square of the length.
#[test]
fn what_is_huge_takes_no_longer_than_reading_it() {
    let mut long = headers("host;x-amz-date");
    verify(&"/a/..".repeat(100_000), "", &long);
    verify(&"/%2e".repeat(100_000), &"%".repeat(400_000), &long);
    verify("/", &"&=".repeat(200_000), &long);
    verify("/", &"a=1&".repeat(100_000), &long);
    long.append("authorization", "a=b,".repeat(100_000).parse().unwrap());
    assert_eq!(
        verify("/", "", &long),
        Refusal::RepeatedHeader("authorization")
    );
    long.remove("authorization");
    long.append(
        "authorization",
        "AWS4 a=b,".repeat(100_000).parse().unwrap(),
    );
    verify("/", "", &long);

    let names: Vec<String> = (10_000..30_000)
        .map(|number| format!("x-amz-{number}"))
        .collect();
    let mut many = headers(&format!("host;{};x-amz-date", names.join(";")));
    for name in &names {
        let value = HeaderValue::from_static(" \t a \t ");
        many.append(HeaderName::from_bytes(name.as_bytes()).unwrap(), value);
    }
    assert_eq!(verify("/", "", &many), Refusal::SignatureMismatch);
    let mut folded = headers("host;x;x-amz-date");
    for _ in 0..50_000 {
        folded.append("x", HeaderValue::from_static("  a  b  "));
    }
    assert_eq!(verify("/", "", &folded), Refusal::SignatureMismatch);
}
