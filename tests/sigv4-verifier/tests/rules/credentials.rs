//! Whose signature it is.

use std::time::{Duration, UNIX_EPOCH};

use sigv4_verifier::{Refusal, Secret, Verifier};

use crate::signer::{NOW, REGION, SECRET, TOKEN, plain, sha256};

#[test]
fn the_key_must_be_known() {
    let mut draft = plain();
    "AKIDNOBODY".clone_into(&mut draft.access_key_id);
    let refusal = draft.signed().verify().unwrap_err();
    assert_eq!(refusal.error_type(), "UnrecognizedClientException");
    let said = r#"{"message":"The security token included in the request is invalid."}"#;
    assert_eq!(refusal.body(), said);
}

#[test]
fn a_session_is_its_token() {
    assert!(plain().of_session().signed().verify().is_ok());
    let other = plain()
        .of_session()
        .replace("x-amz-security-token", "another");
    assert_eq!(other.signed().verify(), Err(Refusal::InvalidSessionToken));
    let mut none = plain().of_session();
    none.headers.remove("x-amz-security-token");
    assert_eq!(none.signed().verify(), Err(Refusal::InvalidSessionToken));
    let lasting = plain().header("x-amz-security-token", TOKEN);
    assert_eq!(lasting.signed().verify(), Err(Refusal::InvalidSessionToken));
}

#[test]
fn a_session_ends() {
    let signed = plain().of_session().signed();
    let now = UNIX_EPOCH + Duration::from_secs(NOW);
    let ending = |after: u64| {
        let verifier = Verifier::of_lambda(REGION, |_: &str| {
            Some(Secret {
                session_token: Some(TOKEN.to_owned()),
                expires: Some(now + Duration::from_secs(after)),
                ..Secret::lasting(SECRET)
            })
        });
        verifier.verify(signed.request(), &sha256(b""), now)
    };
    assert!(ending(1).is_ok());
    let refusal = ending(0).unwrap_err();
    assert_eq!(refusal.error_type(), "ExpiredTokenException");
}

#[test]
fn no_answer_and_no_print_holds_a_secret() {
    let secret = Secret {
        session_token: Some(TOKEN.to_owned()),
        ..Secret::lasting(SECRET)
    };
    let printed = format!("{secret:?}");
    assert!(
        !printed.contains(SECRET) && !printed.contains(TOKEN),
        "{printed}"
    );

    // The secret in the place of the ID: slashes make it too many parts.
    let mut swapped = plain();
    SECRET.clone_into(&mut swapped.access_key_id);
    let refusal = swapped.signed().verify().unwrap_err();
    assert_eq!(refusal, Refusal::MalformedCredential);
    let said = format!("{} {refusal}", refusal.body());
    assert!(!said.contains("wJalr"), "{said}");
}
