//! When and for what a signature is good.

use sigv4_verifier::{Missing, Refusal};

use crate::signer::{plain, verify_at};

#[test]
fn a_request_needs_a_date() {
    let mut undated = plain().signed();
    undated.headers.remove("x-amz-date");
    let refusal = undated.verify().unwrap_err();
    assert_eq!(refusal, Refusal::Incomplete(vec![Missing::Date]));
    for date in [
        "yesterday",
        "2026-01-02T03:04:05Z",
        "Fri, 02 Jan 2026 03:04:05 GMT",
    ] {
        let draft = plain().replace("x-amz-date", date);
        assert_eq!(
            draft.signed().verify(),
            Err(Refusal::MalformedDate("x-amz-date")),
            "{date}"
        );
    }
}

#[test]
fn date_does_where_x_amz_date_is_missing() {
    for date in ["Fri, 02 Jan 2026 03:04:05 GMT", "20260102T030405Z"] {
        let mut draft = plain().header("date", date);
        draft.headers.remove("x-amz-date");
        assert!(draft.signed().verify().is_ok(), "{date}");
    }
    let both = plain().header("date", "Fri, 02 Jan 1998 03:04:05 GMT");
    assert!(both.signed().verify().is_ok());
}

#[test]
fn a_request_is_good_for_five_minutes() {
    let signed = plain().signed();
    for offset in [-300, 0, 300] {
        assert!(verify_at(&signed, offset).is_ok(), "{offset}");
    }
    let refusal = verify_at(&signed, 301).unwrap_err();
    assert_eq!(refusal.error_type(), "InvalidSignatureException");
    assert_eq!(
        refusal.message(),
        "Signature expired: 20260102T030405Z is now earlier than 20260102T030406Z \
         (20260102T030906Z - 5 min.)"
    );
    let refusal = verify_at(&signed, -301).unwrap_err();
    assert_eq!(
        refusal.message(),
        "Signature not yet current: 20260102T030405Z is still later than 20260102T030404Z \
         (20260102T025904Z + 5 min.)"
    );
}

#[test]
fn a_signature_is_good_for_one_scope() {
    let scoped = |scope: &str| {
        let mut draft = plain();
        scope.clone_into(&mut draft.scope);
        draft.signed().verify().unwrap_err()
    };
    let refusal = scoped("20260101/eu-central-1/lambda/aws4_request");
    assert_eq!(
        refusal.message(),
        "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from \
         HTTP: '20260101' != '20260102', from '20260102T030405Z'."
    );
    let refusal = scoped("20260102/us-east-1/lambda/aws4_request");
    let said = "Credential should be scoped to a valid region, not 'us-east-1'. ";
    assert_eq!(refusal.message(), said);
    let refusal = scoped("20260102/eu-central-1/s3/aws4_request");
    let said = "Credential should be scoped to correct service: 'lambda'. ";
    assert_eq!(refusal.message(), said);
    assert_eq!(
        scoped("20260102/eu-central-1/lambda/aws5"),
        Refusal::ScopeTerminator
    );
    for scope in [
        "",
        "20260102/eu-central-1/lambda",
        "20260102/eu-central-1/lambda/aws4_request/",
    ] {
        assert_eq!(scoped(scope), Refusal::MalformedCredential, "{scope}");
    }
}
