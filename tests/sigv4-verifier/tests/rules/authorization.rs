//! What carries the signature.

use http::HeaderValue;
use sigv4_verifier::{Missing, Refusal};

use crate::signer::{Draft, plain};

#[test]
fn a_bare_request_is_forbidden() {
    let mut bare = plain().signed();
    bare.headers.remove("authorization");
    let refusal = bare.verify().unwrap_err();
    assert_eq!(refusal, Refusal::Forbidden);
    assert_eq!(refusal.status(), 403);
    assert_eq!(refusal.error_type(), "AccessDeniedException");
    assert_eq!(refusal.body(), r#"{"Message":"Forbidden"}"#);
}

#[test]
fn a_request_with_two_authorizations_is_refused() {
    let mut twice = plain().signed();
    let same = twice.headers["authorization"].clone();
    twice.headers.append("authorization", same);
    assert_eq!(
        twice.verify(),
        Err(Refusal::RepeatedHeader("authorization"))
    );
}

#[test]
fn a_signature_in_the_query_is_refused() {
    for query in [
        "X-Amz-Algorithm=AWS4-HMAC-SHA256",
        "a=b&X-Amz-Credential",
        "X%2dAmz-Signature=0",
        "x-amz-signature=0",
    ] {
        let verdict = Draft::new("GET", "/", query).signed().verify();
        assert_eq!(verdict, Err(Refusal::QueryAuthentication), "{query}");
    }
    assert!(
        Draft::new("GET", "/", "a=X-Amz-Signature")
            .signed()
            .verify()
            .is_ok()
    );
}

#[test]
fn what_authorization_lacks_is_named() {
    let authorized = |value: &'static str| {
        let mut draft = plain();
        draft
            .headers
            .insert("authorization", HeaderValue::from_static(value));
        draft.verify().unwrap_err()
    };
    let refusal = authorized("Bearer secret-token");
    assert_eq!(refusal, Refusal::NoEqualSign);
    assert_eq!(refusal.error_type(), "IncompleteSignatureException");
    assert!(
        !refusal.body().contains("secret-token"),
        "{}",
        refusal.body()
    );

    let parameters = vec![
        Missing::Credential,
        Missing::Signature,
        Missing::SignedHeaders,
    ];
    for header in [
        "",
        "token",
        "Basic QTpC=",
        "AWS4-HMAC-SHA256 ",
        "AWS4-HMAC-SHA256 ,,",
    ] {
        assert_eq!(
            authorized(header),
            Refusal::Incomplete(parameters.clone()),
            "{header}"
        );
    }
    let refusal = authorized("AWS4-HMAC-SHA256 Credential=a, Signature=b");
    let expected = r#"{"message":"Authorization header requires 'SignedHeaders' parameter."}"#;
    assert_eq!(refusal.body(), expected);
    let twice = "AWS4-HMAC-SHA256 Signature=a, Signature=b";
    assert_eq!(
        authorized(twice),
        Refusal::RepeatedParameter("Signature".to_owned())
    );
}

#[test]
fn another_algorithm_is_refused() {
    for algorithm in [
        "AWS4-ECDSA-P256-SHA256",
        "aws4-hmac-sha256",
        "AWS4-HMAC-SHA512",
    ] {
        let mut signed = plain().signed();
        let value = signed.headers["authorization"].to_str().unwrap();
        let value = value.replace("AWS4-HMAC-SHA256", algorithm);
        signed
            .headers
            .insert("authorization", value.parse().unwrap());
        assert_eq!(
            signed.verify(),
            Err(Refusal::UnsupportedAlgorithm),
            "{algorithm}"
        );
    }
}

#[test]
fn every_bit_of_the_signature_counts() {
    let signed = plain().signed();
    let header = signed.headers["authorization"].to_str().unwrap().to_owned();
    let (before, signature) = header.rsplit_once('=').unwrap();
    let refused = |signature: &str| {
        let mut forged = signed.clone();
        let header = format!("{before}={signature}");
        forged
            .headers
            .insert("authorization", header.parse().unwrap());
        assert_eq!(
            forged.verify(),
            Err(Refusal::SignatureMismatch),
            "{signature}"
        );
    };
    let bytes = hex::decode(signature).unwrap();
    for bit in 0..256 {
        let mut forged = bytes.clone();
        forged[bit / 8] ^= 1 << (bit % 8);
        refused(&hex::encode(forged));
    }
    refused(&signature.to_uppercase());
    refused(&signature[1..]);
    refused("");
}
