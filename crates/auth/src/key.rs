//! Static keys.

use std::fmt::Write;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};
use tidewire_domain::PrincipalId;

/// What every key begins with, so that people and secret scanners recognise one.
const KEY_PREFIX: &str = "tw_";

/// A key hash that is not one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not 64 hexadecimal digits.
    #[error(
        "the hash of the key {name:?} is not a SHA-256 hash of 64 hexadecimal digits; `tidewire key {name}` makes one"
    )]
    Hash {
        /// The key's name.
        name: String,
    },
    /// Two keys share a name, and would share everything else too.
    #[error("two keys are named {name:?}: a name is a principal, give each its own")]
    DuplicateName {
        /// The name.
        name: String,
    },
    /// A name that is empty or odd.
    #[error("{name:?} cannot name a key: use 1 to 64 letters, digits, '.', '_', '@' and '-'")]
    Name {
        /// The name.
        name: String,
    },
}

/// A key as the configuration has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaticKey {
    principal: PrincipalId,
    hash: [u8; 32],
}

impl StaticKey {
    /// The key of the principal `name`, by the hexadecimal SHA-256 hash of its text.
    pub fn new(name: &str, sha256_hex: &str) -> Result<Self, KeyError> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '@' | '-');
        if name.is_empty() || name.len() > 64 || !name.chars().all(allowed) {
            return Err(KeyError::Name { name: name.into() });
        }
        let hash =
            parse_hex(sha256_hex.trim()).ok_or_else(|| KeyError::Hash { name: name.into() })?;
        Ok(Self {
            principal: PrincipalId::new(name),
            hash,
        })
    }
}

/// All keys.
#[derive(Debug, Clone, Default)]
pub struct KeyRing {
    keys: Vec<StaticKey>,
}

impl KeyRing {
    /// The ring of these keys.
    pub fn new(keys: Vec<StaticKey>) -> Result<Self, KeyError> {
        for (index, key) in keys.iter().enumerate() {
            if keys[..index]
                .iter()
                .any(|other| other.principal == key.principal)
            {
                let name = key.principal.as_str().to_owned();
                return Err(KeyError::DuplicateName { name });
            }
        }
        Ok(Self { keys })
    }

    /// Whether there are none, so that the app serves its own machine alone.
    pub const fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Whose key this is. Takes as long for any text of one length, whichever key it is or is like.
    pub fn find(&self, presented: &str) -> Option<&PrincipalId> {
        let hash: [u8; 32] = Sha256::digest(presented.as_bytes()).into();
        let mut found = 0_u32;
        for (place, key) in (1_u32..).zip(&self.keys) {
            let same: Choice = key.hash.ct_eq(&hash);
            found = u32::conditional_select(&found, &place, same);
        }
        let index = usize::try_from(found).ok()?.checked_sub(1)?;
        Some(&self.keys[index].principal)
    }

    /// The hash of the key of this name, while it has one.
    pub fn hash(&self, name: &str) -> Option<&[u8]> {
        let mut keys = self.keys.iter();
        let key = keys.find(|key| key.principal.as_str() == name)?;
        Some(&key.hash)
    }
}

/// A new key: 256 random bits. It has so much of chance in it that a plain hash keeps it safe.
pub fn generate_key() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(format!(
        "{KEY_PREFIX}{}",
        BASE64_URL_SAFE_NO_PAD.encode(bytes)
    ))
}

/// The hash of a key, in hexadecimal, as the configuration holds it.
pub fn hash_key(key: &str) -> String {
    let mut hex = String::with_capacity(64);
    for byte in Sha256::digest(key.as_bytes()) {
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

fn parse_hex(hex: &str) -> Option<[u8; 32]> {
    if hex.len() != 64 || !hex.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    let mut bytes = [0; 32];
    for (byte, digits) in bytes.iter_mut().zip(hex.as_bytes().chunks(2)) {
        let digits = str::from_utf8(digits).ok()?;
        *byte = u8::from_str_radix(digits, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(names: &[(&str, &str)]) -> KeyRing {
        let keys = names
            .iter()
            .map(|(name, key)| StaticKey::new(name, &hash_key(key)).unwrap())
            .collect();
        KeyRing::new(keys).unwrap()
    }

    #[test]
    fn a_key_opens_for_its_own_principal_alone() {
        let ring = ring(&[("ada", "one"), ("bob", "two")]);
        assert_eq!(ring.find("one").unwrap().as_str(), "ada");
        assert_eq!(ring.find("two").unwrap().as_str(), "bob");
        assert_eq!(ring.find("three"), None);
        assert_eq!(ring.find(""), None);
        assert_eq!(ring.find(&hash_key("one")), None);
    }

    #[test]
    fn names_and_hashes_are_checked() {
        assert!(matches!(
            StaticKey::new("ada", "12"),
            Err(KeyError::Hash { .. })
        ));
        assert!(matches!(
            StaticKey::new("a b", &hash_key("x")),
            Err(KeyError::Name { .. })
        ));
        assert!(matches!(
            StaticKey::new("ada", &"+1".repeat(32)),
            Err(KeyError::Hash { .. })
        ));
        let twice = vec![
            StaticKey::new("ada", &hash_key("x")).unwrap(),
            StaticKey::new("ada", &hash_key("y")).unwrap(),
        ];
        assert!(matches!(
            KeyRing::new(twice),
            Err(KeyError::DuplicateName { .. })
        ));
    }

    #[test]
    fn generated_keys_differ_and_say_what_they_are() {
        let key = generate_key().unwrap();
        assert!(key.starts_with("tw_") && key.len() == 46, "{key}");
        assert_ne!(key, generate_key().unwrap());
    }
}
