//! Sessions of browsers: a token that says who signed in and until when, sealed with HMAC-SHA256.
//!
//! `id.principal.expires.seal`, each in URL-safe base64 save the number. Any process that shares
//! the secret accepts it, so no session is stored. The seal covers the hash of the key that opened
//! the session too: where a name gets another key, the sessions of the old one end.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use tidewire_domain::Timestamp;
use uuid::Uuid;

/// How long a session lasts.
const LIFETIME_MS: i64 = 30 * 24 * 60 * 60 * 1000;

/// Why a token opens nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SessionError {
    /// Not a token of ours, or changed.
    #[error("the session is not valid")]
    Invalid,
    /// Its time is over.
    #[error("the session has expired")]
    Expired,
}

/// A browser that signed in, or that was seen where nobody needs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Shown to the user, who sees by it that a restart or another instance kept the session.
    pub id: Uuid,
    /// The principal's name.
    pub principal: String,
    /// When it ends.
    pub expires_at: Timestamp,
}

impl Session {
    /// A new session from now on.
    pub fn new(principal: &str, now: Timestamp) -> Self {
        Self {
            id: Uuid::new_v4(),
            principal: principal.into(),
            expires_at: Timestamp::from_millis(now.as_millis() + LIFETIME_MS),
        }
    }

    /// Seconds from `now` to its end.
    pub const fn seconds_left(&self, now: Timestamp) -> i64 {
        (self.expires_at.as_millis() - now.as_millis()) / 1000
    }
}

/// Seals sessions and opens what it sealed.
#[derive(Clone)]
pub struct SessionSigner {
    mac: Hmac<Sha256>,
}

impl SessionSigner {
    /// A signer with this secret; 32 random bytes are right.
    pub fn new(secret: &[u8]) -> Self {
        Self {
            mac: Hmac::new_from_slice(secret).expect("HMAC takes a key of any length"),
        }
    }

    /// The token of a session that the key with this hash opened.
    pub fn seal(&self, session: &Session, key_hash: &[u8]) -> String {
        let principal = BASE64_URL_SAFE_NO_PAD.encode(&session.principal);
        let said = format!(
            "{}.{principal}.{}",
            session.id.simple(),
            session.expires_at.as_millis()
        );
        let mac = self.mac_of(&said, key_hash);
        let seal = BASE64_URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes());
        format!("{said}.{seal}")
    }

    /// The session of a token. `key_hash` tells the hash of a principal's key, if it has one.
    pub fn open<'a>(
        &self,
        token: &str,
        now: Timestamp,
        key_hash: impl Fn(&str) -> Option<&'a [u8]>,
    ) -> Result<Session, SessionError> {
        self.parse(token, key_hash)
            .ok_or(SessionError::Invalid)
            .and_then(|session| {
                if session.expires_at > now {
                    Ok(session)
                } else {
                    Err(SessionError::Expired)
                }
            })
    }

    fn parse<'a>(
        &self,
        token: &str,
        key_hash: impl Fn(&str) -> Option<&'a [u8]>,
    ) -> Option<Session> {
        let (said, seal) = token.rsplit_once('.')?;
        let seal = BASE64_URL_SAFE_NO_PAD.decode(seal).ok()?;
        let mut fields = said.split('.');
        let id = Uuid::parse_str(fields.next()?).ok()?;
        let principal = BASE64_URL_SAFE_NO_PAD.decode(fields.next()?).ok()?;
        let principal = String::from_utf8(principal).ok()?;
        let expires_at = fields.next()?.parse().ok()?;
        // Nothing of what it says counts before this.
        self.mac_of(said, key_hash(&principal)?)
            .verify_slice(&seal)
            .ok()?;
        Some(Session {
            id,
            principal,
            expires_at: Timestamp::from_millis(expires_at),
        })
    }

    fn mac_of(&self, said: &str, key_hash: &[u8]) -> Hmac<Sha256> {
        let mut mac = self.mac.clone();
        mac.update(said.as_bytes());
        // What is said holds no NUL, so that no part of it can pass for the hash.
        mac.update(&[0]);
        mac.update(key_hash);
        mac
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn now() -> Timestamp {
        Timestamp::from_millis(1_800_000_000_000)
    }

    fn hash(principal: &str) -> Option<&'static [u8]> {
        (principal != "stranger").then_some(b"hash")
    }

    #[test]
    fn a_session_survives_its_token_until_it_expires() {
        let signer = SessionSigner::new(b"secret");
        let session = Session::new("ada@example.com", now());
        let token = signer.seal(&session, b"hash");
        assert_eq!(signer.open(&token, now(), hash), Ok(session.clone()));
        assert_eq!(
            signer.open(&token, session.expires_at, hash),
            Err(SessionError::Expired)
        );
    }

    #[test]
    fn another_secret_opens_nothing() {
        let token = SessionSigner::new(b"one").seal(&Session::new("ada", now()), b"hash");
        let other = SessionSigner::new(b"two");
        assert_eq!(other.open(&token, now(), hash), Err(SessionError::Invalid));
    }

    #[test]
    fn another_key_of_the_same_name_ends_the_session() {
        let signer = SessionSigner::new(b"secret");
        let token = signer.seal(&Session::new("ada", now()), b"old hash");
        assert_eq!(signer.open(&token, now(), hash), Err(SessionError::Invalid));
        let token = signer.seal(&Session::new("stranger", now()), b"hash");
        assert_eq!(signer.open(&token, now(), hash), Err(SessionError::Invalid));
    }

    proptest! {
        #[test]
        fn no_changed_token_opens(place in 0_usize..200, with in any::<char>()) {
            let signer = SessionSigner::new(b"secret");
            let token = signer.seal(&Session::new("ada", now()), b"hash");
            let mut changed: Vec<char> = token.chars().collect();
            let place = place % changed.len();
            prop_assume!(changed[place] != with);
            changed[place] = with;
            let changed: String = changed.into_iter().collect();
            // The seal's last character carries unused bits that the decoder refuses to ignore.
            prop_assert_eq!(signer.open(&changed, now(), hash), Err(SessionError::Invalid));
        }

        #[test]
        fn no_text_makes_it_panic(text in ".{0,200}") {
            prop_assert!(SessionSigner::new(b"secret").open(&text, now(), hash).is_err());
        }
    }
}
