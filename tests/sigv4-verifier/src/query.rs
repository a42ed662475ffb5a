//! Percent-encoding, and the query in canonical form.

use std::{borrow::Cow, fmt::Write};

/// Appends `bytes` as AWS's `UriEncode` writes them: everything but RFC 3986's unreserved
/// characters becomes `%XX`, in capitals.
pub(crate) fn encode(bytes: &[u8], into: &mut String) {
    for &byte in bytes {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            into.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(into, "%{byte:02X}");
        }
    }
}

/// The name and value of each parameter, decoded.
///
/// - `+` is a space: Neptune, the Selling Partner API and others were seen to expect `%20` for it.
///   That Lambda does the same is assumed.
/// - A `%` that no two hexadecimal digits follow is itself. Not public.
/// - Nothing between two `&` is no parameter. Not public; botocore signs `=` for it.
/// - What is no UTF-8 stays as it is. Not public.
pub(crate) fn parameters(query: &str) -> impl Iterator<Item = (Cow<'_, [u8]>, Cow<'_, [u8]>)> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs.map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decode(name), decode(value))
    })
}

fn decode(component: &str) -> Cow<'_, [u8]> {
    let bytes = component.as_bytes();
    if !bytes.iter().any(|byte| matches!(byte, b'%' | b'+')) {
        return Cow::Borrowed(bytes);
    }
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let [first, after @ ..] = rest {
        rest = after;
        decoded.push(match (first, after) {
            (b'+', _) => b' ',
            (b'%', [high, low, after @ ..]) if let Some(byte) = octet(*high, *low) => {
                rest = after;
                byte
            }
            _ => *first,
        });
    }
    Cow::Owned(decoded)
}

fn octet(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}

/// The canonical query string: each parameter decoded, encoded again, and sorted by its encoded
/// name and then by its encoded value.
pub(crate) fn canonical(query: &str) -> String {
    let encoded = |bytes: &[u8]| {
        let mut text = String::with_capacity(bytes.len());
        encode(bytes, &mut text);
        text
    };
    let mut pairs: Vec<(String, String)> = parameters(query)
        .map(|(name, value)| (encoded(&name), encoded(&value)))
        .collect();
    pairs.sort_unstable();
    let mut canonical = String::with_capacity(query.len());
    for (name, value) in &pairs {
        if !canonical.is_empty() {
            canonical.push('&');
        }
        canonical.push_str(name);
        canonical.push('=');
        canonical.push_str(value);
    }
    canonical
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn queries_become_canonical() {
        for (raw, expected) in [
            ("", ""),
            ("a", "a="),
            ("a=", "a="),
            ("=a", "=a"),
            ("=", "="),
            ("&&a=1&", "a=1"),
            ("b=2&a=1", "a=1&b=2"),
            ("a=b&a=B&a=", "a=&a=B&a=b"),
            // By the name first: `-` sorts before `=`.
            ("a-b=1&a=2", "a=2&a-b=1"),
            ("a=1=2", "a=1%3D2"),
            ("a=%2f%2F/", "a=%2F%2F%2F"),
            ("a=b+c%20d%2Be", "a=b%20c%20d%2Be"),
            ("a=%7e~%41", "a=~~A"),
            ("a=%&b=%4&c=%zz&d=%%41", "a=%25&b=%254&c=%25zz&d=%25A"),
            ("a=%ff", "a=%FF"),
            ("ሴ=é", "%E1%88%B4=%C3%A9"),
            ("a=(b)!*'", "a=%28b%29%21%2A%27"),
            ("?a=b?", "%3Fa=b%3F"),
        ] {
            assert_eq!(canonical(raw), expected, "{raw}");
        }
    }

    #[test]
    fn encoded_names_are_what_is_sorted() {
        // Decoded, `é` comes last.
        assert_eq!(canonical("a=1&é=2&A=3"), "%C3%A9=2&A=3&a=1");
    }

    proptest! {
        #[test]
        fn what_is_canonical_stays_so(query in ".{0,64}") {
            let once = canonical(&query);
            prop_assert_eq!(canonical(&once), once);
        }
    }
}
