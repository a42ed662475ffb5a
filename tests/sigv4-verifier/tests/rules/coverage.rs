//! What of a request the signature has to cover.

use http::HeaderName;
use sigv4_verifier::Refusal;

use crate::signer::{ACCESS_KEY_ID, Draft, HOST, plain, says_mismatch, sha256, with_body};

#[test]
fn a_signed_request_is_verified() {
    let verified = plain().signed().verify().unwrap();
    assert_eq!(verified.access_key_id, ACCESS_KEY_ID);
    assert_eq!(verified.signed_headers, ["host", "x-amz-date"]);
    assert!(with_body(b"{}").signed().verify().is_ok());
}

#[test]
fn a_canonical_request_written_by_hand_is_the_one_signed() {
    let hash = hex::encode(sha256(b""));
    let mut draft = Draft::new("DELETE", "//a%20b/./c/../+/", "b=2&a=%2f&a=x+y&c");
    draft = draft
        .header("X-Custom", "  one   two ")
        .header("X-Custom", "three");
    let by_hand = format!(
        "DELETE\n/a%2520b/%2B/\na=%2F&a=x%20y&b=2&c=\nhost:{HOST}\nx-amz-date:20260102T030405Z\n\
         x-custom:one two,three\n\nhost;x-amz-date;x-custom\n{hash}",
    );
    assert!(draft.signed_as(&by_hand).verify().is_ok());
    let once_encoded = by_hand.replace("%2520", "%20");
    let refusal = draft.signed_as(&once_encoded).verify().unwrap_err();
    assert_eq!(refusal, Refusal::SignatureMismatch);
    assert!(says_mismatch(&refusal));
}

#[test]
fn headers_that_must_be_alone_are() {
    for name in [
        "host",
        "x-amz-date",
        "x-amz-content-sha256",
        "x-amz-security-token",
    ] {
        let mut draft = with_body(b"body").of_session();
        let same = draft.headers[name].clone();
        draft.headers.append(HeaderName::from_static(name), same);
        assert_eq!(draft.signed().verify(), Err(Refusal::RepeatedHeader(name)));
    }
}

#[test]
fn host_and_what_is_of_aws_must_be_signed() {
    let refusal = plain().signing(&["x-amz-date"]).verify().unwrap_err();
    assert_eq!(
        refusal.message(),
        "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."
    );
    let extra = plain().header("x-amz-source-account", "1");
    let refusal = extra.signing(&["host", "x-amz-date"]).verify().unwrap_err();
    assert_eq!(
        refusal,
        Refusal::HeaderNotSigned("x-amz-source-account".to_owned())
    );
    assert!(says_mismatch(&refusal));
    assert!(
        plain()
            .header("accept", "*/*")
            .signing(&["host", "x-amz-date"])
            .verify()
            .is_ok()
    );
}

#[test]
fn signed_headers_are_sorted_lower_case_and_there() {
    for names in [
        &["x-amz-date", "host"][..],
        &["host", "host", "x-amz-date"],
        &["Host", "x-amz-date"],
        &["", "host", "x-amz-date"],
    ] {
        let verdict = plain().signing(names).verify();
        assert_eq!(
            verdict,
            Err(Refusal::SignedHeadersNotCanonical),
            "{names:?}"
        );
    }
    let absent = plain()
        .signing(&["host", "x-absent", "x-amz-date"])
        .verify();
    assert_eq!(
        absent,
        Err(Refusal::SignedHeaderAbsent("x-absent".to_owned()))
    );
}

#[test]
fn a_body_needs_its_hash() {
    let mut draft = with_body(b"body");
    draft.headers.remove("x-amz-content-sha256");
    assert_eq!(draft.signed().verify(), Err(Refusal::PayloadHashMissing));
    for (stated, refusal) in [
        ("UNSIGNED-PAYLOAD".to_owned(), Refusal::UnsignedPayload),
        (
            "STREAMING-UNSIGNED-PAYLOAD-TRAILER".to_owned(),
            Refusal::UnsignedPayload,
        ),
        (
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD".to_owned(),
            Refusal::UnsignedPayload,
        ),
        (
            hex::encode_upper(sha256(b"body")),
            Refusal::MalformedPayloadHash,
        ),
        (
            hex::encode(&sha256(b"body")[1..]),
            Refusal::MalformedPayloadHash,
        ),
        (String::new(), Refusal::MalformedPayloadHash),
        (hex::encode(sha256(b"Body")), Refusal::PayloadMismatch),
        (hex::encode(sha256(b"")), Refusal::PayloadMismatch),
    ] {
        let verdict = with_body(b"body")
            .replace("x-amz-content-sha256", &stated)
            .signed()
            .verify();
        assert_eq!(verdict, Err(refusal), "{stated}");
    }
    let mut tampered = with_body(b"body").signed();
    tampered.body = b"";
    assert_eq!(tampered.verify(), Err(Refusal::PayloadMismatch));
    let unbodied = with_body(b"").signed().verify();
    assert!(unbodied.is_ok());
}
