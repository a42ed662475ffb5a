//! The hash of a request's body.

use std::{fmt, str::FromStr};

use sha2::{Digest, Sha256};

use crate::Error;

/// The SHA-256 of a request's whole body, as 64 lower-case hex digits.
///
/// Lambda takes no unsigned payloads, so there is no value for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayloadHash(String);

impl PayloadHash {
    /// The hash of `body`.
    pub fn of(body: &[u8]) -> Self {
        Self(hex::encode(Sha256::digest(body)))
    }

    /// The 64 digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// From 64 lower-case hex digits. Fails with [`Error::InvalidPayloadHash`].
impl FromStr for PayloadHash {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if text.len() == 64 && text.bytes().all(is_digit) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Error::InvalidPayloadHash)
        }
    }
}

impl fmt::Display for PayloadHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use base64::{Engine, prelude::BASE64_STANDARD as BASE64};

    use super::*;

    const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn of_nothing_it_is_the_well_known_one() {
        assert_eq!(PayloadHash::of(b"").as_str(), EMPTY);
        assert_eq!(EMPTY.parse::<PayloadHash>().unwrap(), PayloadHash::of(b""));
    }

    /// The vectors that the JavaScript is held to as well.
    #[test]
    fn the_bytes_count_and_nothing_else() {
        let shared = include_str!("../vectors/payload-hashes.json");
        let shared: serde_json::Value = serde_json::from_str(shared).unwrap();
        let vectors = shared["vectors"].as_array().unwrap();
        assert!(vectors.len() > 10);
        for vector in vectors {
            let body = BASE64.decode(vector["body_base64"].as_str().unwrap());
            let times = usize::try_from(vector["repeat"].as_u64().unwrap()).unwrap();
            let body = body.unwrap().repeat(times);
            let hash = vector["sha256"].as_str().unwrap();
            assert_eq!(PayloadHash::of(&body).as_str(), hash, "{}", vector["name"]);
        }
    }

    #[test]
    fn nothing_else_passes_for_one() {
        let digits = &EMPTY[1..];
        for wrong in [
            String::new(),
            digits.to_owned(),
            format!("{EMPTY}0"),
            format!("E{digits}"),
            format!("g{digits}"),
            format!(" {digits}"),
            "UNSIGNED-PAYLOAD".to_owned(),
        ] {
            let refused = wrong.parse::<PayloadHash>();
            assert!(
                matches!(refused, Err(Error::InvalidPayloadHash)),
                "{wrong:?}"
            );
        }
    }
}
