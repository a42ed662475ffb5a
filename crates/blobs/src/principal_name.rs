//! Names of principals, which are any text, as names of folders.
//!
//! No two principals share a name, also where the file system does not tell capitals apart.

use sha2::{Digest, Sha256};
use tidewire_domain::PrincipalId;

/// The longest name of a folder. File systems take 255 bytes.
const LONGEST: usize = 128;

/// `a-z`, `0-9` and `-` stand for themselves; any other byte is `_` and two hexadecimal digits. The
/// empty name is `_` alone.
pub(crate) fn encode(principal: &PrincipalId) -> String {
    let mut name = String::new();
    for byte in principal.as_str().bytes() {
        if byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' {
            name.push(char::from(byte));
        } else {
            name.push('_');
            name.push_str(&hex::encode([byte]));
        }
    }
    if name.is_empty() {
        name.push('_');
    }
    name
}

/// The principal of an encoded name; none where it is written in any other way.
pub(crate) fn decode(name: &str) -> Option<PrincipalId> {
    let mut bytes = Vec::with_capacity(name.len());
    let mut rest = name.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        if *first == b'_' && name != "_" {
            let (digits, after) = after.split_at_checked(2)?;
            bytes.extend(hex::decode(digits).ok()?);
            rest = after;
        } else {
            if *first != b'_' {
                bytes.push(*first);
            }
            rest = after;
        }
    }
    let principal = PrincipalId::new(std::str::from_utf8(&bytes).ok()?);
    (encode(&principal) == name).then_some(principal)
}

/// The encoded name or, where that is too long for a folder, `__` and its SHA-256 hash.
pub(crate) fn folder(principal: &PrincipalId) -> String {
    let name = encode(principal);
    if name.len() <= LONGEST {
        name
    } else {
        format!("__{}", hex::encode(Sha256::digest(principal.as_str())))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn plain_names_stay_readable() {
        for (principal, name) in [
            ("alice", "alice"),
            ("Alice", "_41lice"),
            ("a/../b", "a_2f_2e_2e_2fb"),
            ("ü", "_c3_bc"),
            ("_41", "_5f41"),
            ("", "_"),
        ] {
            assert_eq!(encode(&PrincipalId::new(principal)), name);
        }
    }

    #[test]
    fn a_name_is_written_in_one_way_only() {
        for name in [
            "", "__", "_61", "_4A", "_4", "_zz", "A", "a.b", "a/b", "_ff", "é",
        ] {
            assert_eq!(decode(name), None, "{name}");
        }
    }

    #[test]
    fn long_names_fit_a_folder_and_do_not_meet() {
        let long = |last: char| PrincipalId::new(&format!("{}{last}", "x".repeat(4000)));
        let (one, other) = (folder(&long('1')), folder(&long('2')));
        assert_ne!(one, other);
        assert!(one.len() <= LONGEST && decode(&one).is_none());
    }

    proptest! {
        #[test]
        fn any_name_comes_back(principal in any::<String>()) {
            let principal = PrincipalId::new(&principal);
            let name = encode(&principal);
            let is_plain = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || b"-_".contains(&c);
            prop_assert!(!name.is_empty() && name.bytes().all(is_plain));
            prop_assert_eq!(decode(&name), Some(principal));
        }
    }
}
