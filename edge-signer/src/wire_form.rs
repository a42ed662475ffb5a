//! The form of a request target that all implementations of the signature read alike.

use std::fmt::Write;

use http::uri::PathAndQuery;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

/// What RFC 3986 lets no path hold unencoded. A `%` stays: it begins what is encoded.
const NOT_IN_PATHS: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// The same path and query, percent-encoded with care.
///
/// Who checks a signature may take a query as it came, or decode and encode it again: AWS's rules can
/// be read either way, and its SDKs differ. In this form both come to the same, unless somebody takes
/// `%FF` for text. Whoever may change a request before it is signed does well to send it so. Keys and
/// values keep their meaning and order; a `+` becomes `%20`, as in forms, and what is empty between
/// two `&` goes.
pub fn wire_form(target: &PathAndQuery) -> PathAndQuery {
    let mut text = utf8_percent_encode(target.path(), NOT_IN_PATHS).to_string();
    let pairs = target.query().unwrap_or_default().split('&');
    let mut separator = '?';
    for pair in pairs.filter(|pair| !pair.is_empty()) {
        text.push(separator);
        separator = '&';
        match pair.split_once('=') {
            Some((key, value)) => {
                encode(key, &mut text);
                text.push('=');
                encode(value, &mut text);
            }
            None => encode(pair, &mut text),
        }
    }
    PathAndQuery::try_from(text).unwrap_or_else(|_| target.clone())
}

/// Encodes all but what is unreserved, once.
fn encode(part: &str, encoded: &mut String) {
    let bytes = part.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let digits = bytes.get(at + 1..at + 3).filter(|_| byte == b'%');
        let of_digits = digits
            .filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        let meant = match (of_digits, byte) {
            (Some(meant), _) => meant,
            (None, b'+') => b' ',
            (None, byte) => byte,
        };
        at += if of_digits.is_some() { 3 } else { 1 };
        if meant.is_ascii_alphanumeric() || matches!(meant, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(meant));
        } else {
            write!(encoded, "%{meant:02X}").expect("a string takes all that is written");
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn form(text: &str) -> String {
        wire_form(&text.parse().unwrap()).to_string()
    }

    #[test]
    fn queries_are_encoded_once_and_completely() {
        for (given, sent) in [
            ("/", "/"),
            ("/?", "/"),
            ("/?a", "/?a"),
            ("/?&&b=1&&a=2&", "/?b=1&a=2"),
            ("/?=v&=", "/?=v&="),
            ("/?a=b=c", "/?a=b%3Dc"),
            ("/?q=a+b%20c%2Bd", "/?q=a%20b%20c%2Bd"),
            ("/?a=%c3%bc/:,%7e%41", "/?a=%C3%BC%2F%3A%2C~A"),
            ("/?a=%&b=%zz&c=%4", "/?a=%25&b=%25zz&c=%254"),
            ("/?ä=日", "/?%C3%A4=%E6%97%A5"),
            ("/?a=%+1", "/?a=%25%201"),
        ] {
            assert_eq!(form(given), sent, "{given}");
        }
    }

    #[test]
    fn paths_keep_all_that_a_path_may_hold() {
        for (given, sent) in [
            (
                "//a/../b;c=d,e:f@g!h$i&j'k(l)*+",
                "//a/../b;c=d,e:f@g!h$i&j'k(l)*+",
            ),
            ("/%2F%2f%zz", "/%2F%2f%zz"),
            ("/ä|[a]", "/%C3%A4%7C%5Ba%5D"),
        ] {
            assert_eq!(form(given), sent, "{given}");
        }
    }

    proptest! {
        /// Nothing is left to be encoded, so doing it again changes nothing.
        #[test]
        fn it_is_in_its_own_form(target in "/[a-z/%.+|ä]{0,12}(\\?[a-c=&%+/0-9F|ä~]{0,24})?") {
            let once = form(&target);
            prop_assert_eq!(form(&once), once.clone());
        }

        /// Who reads the query as a form reads what was sent.
        #[test]
        fn it_means_the_same(query in "[a-c=&+/0-9~ä]{0,24}|(%[0-7][0-9A-Fa-f]|[a=&+]){0,12}") {
            let read = |target: &str| -> Vec<(Vec<u8>, Vec<u8>)> {
                let query = target.split_once('?').map_or("", |(_, query)| query);
                query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
                    let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
                    let decode = |part: &str| {
                        let part = part.replace('+', " ");
                        percent_encoding::percent_decode_str(&part).collect::<Vec<u8>>()
                    };
                    (decode(key), decode(value))
                }).collect()
            };
            let given = format!("/?{query}");
            prop_assert_eq!(read(&form(&given)), read(&given));
        }
    }
}
