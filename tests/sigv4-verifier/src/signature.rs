//! The string to sign, and the key that it is signed with.
//!
//! After "Create a string to sign" and "Calculate the signature" in AWS's *Create a signed AWS API
//! request*.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use crate::{authorization::Scope, timestamp::Timestamp};

/// The only algorithm there is for a secret key that both sides know.
pub(crate) const ALGORITHM: &str = "AWS4-HMAC-SHA256";
/// What ends every credential scope.
pub(crate) const TERMINATOR: &str = "aws4_request";

/// Whether `signature` is that of the canonical request. Takes as long for any signature.
pub(crate) fn is_valid(
    signature: &[u8],
    canonical_request: &[u8],
    time: Timestamp,
    scope: &Scope<'_>,
    secret_access_key: &str,
) -> bool {
    let Scope {
        date,
        region,
        service,
        ..
    } = scope;
    let hash = hex::encode(Sha256::digest(canonical_request));
    let string_to_sign =
        format!("{ALGORITHM}\n{time}\n{date}/{region}/{service}/{TERMINATOR}\n{hash}");
    let mut key = format!("AWS4{secret_access_key}").into_bytes();
    for part in [date, region, service, TERMINATOR] {
        key = keyed(&key, part).finalize().into_bytes().to_vec();
    }
    keyed(&key, &string_to_sign).verify_slice(signature).is_ok()
}

fn keyed(key: &[u8], message: &str) -> Hmac<Sha256> {
    let mut hmac = Hmac::<Sha256>::new_from_slice(key).expect("a key of HMAC has any length");
    hmac.update(message.as_bytes());
    hmac
}
