//! The canonical request: the text that a signature is made of.
//!
//! The rules are [AWS's]; where they leave a question open, the answer is botocore's, and where AWS's
//! test vectors answer it otherwise, theirs. `aws_sigv4::http_request` is not used for this: it reads
//! queries as forms (`+` is a space there, what is not UTF-8 is replaced, what is empty is dropped),
//! ends a path with a slash where its last segment was a dot, and folds no tabs.
//!
//! [AWS's]: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html

use http::{HeaderMap, HeaderName};
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::{Error, SignedHeaders};

/// What RFC 3986 reserves, and the slash between segments besides.
const PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'/');

/// The path of a canonical request from the path on the wire: without empty segments and dots, and
/// percent-encoded once more, so that `%20` becomes `%2520`.
pub(crate) fn path(on_wire: &str) -> String {
    let mut segments = Vec::new();
    for segment in on_wire.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            segment => segments.push(segment),
        }
    }
    let last = if on_wire.ends_with('/') && !segments.is_empty() {
        "/"
    } else {
        ""
    };
    let normalized = format!("/{}{last}", segments.join("/"));
    utf8_percent_encode(&normalized, PATH).to_string()
}

/// The query of a canonical request from the query on the wire: sorted, each key with a `=`.
///
/// It is encoded already, and stays as it is. Only what no URI may hold unencoded, all beyond ASCII,
/// is encoded here.
pub(crate) fn query(on_wire: &str) -> String {
    if on_wire.is_empty() {
        return String::new();
    }
    let encoded = utf8_percent_encode(on_wire, CONTROLS).to_string();
    let mut pairs: Vec<(&str, &str)> = encoded
        .split('&')
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .collect();
    pairs.sort_unstable();
    let pairs: Vec<String> = pairs
        .into_iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    pairs.join("&")
}

/// The headers that are signed, in their order.
#[derive(Debug)]
pub(crate) struct Headers {
    /// Their names, with `;` between them.
    pub(crate) names: String,
    /// A line for each, with its end.
    pub(crate) lines: String,
}

/// The headers of a canonical request: values with their spaces folded, those of one name joined.
pub(crate) fn headers(all: &HeaderMap, signed: &SignedHeaders) -> Result<Headers, Error> {
    let mut names: Vec<&HeaderName> = all.keys().filter(|name| signed.include(name)).collect();
    names.sort_unstable_by_key(|name| name.as_str());
    let mut lines = String::new();
    for name in &names {
        let mut values = Vec::new();
        for value in all.get_all(*name) {
            let text = std::str::from_utf8(value.as_bytes())
                .map_err(|_| Error::UnsignableHeader((*name).clone()))?;
            values.push(text.split_whitespace().collect::<Vec<_>>().join(" "));
        }
        lines.push_str(name.as_str());
        lines.push(':');
        lines.push_str(&values.join(","));
        lines.push('\n');
    }
    let names: Vec<&str> = names.into_iter().map(HeaderName::as_str).collect();
    Ok(Headers {
        names: names.join(";"),
        lines,
    })
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn paths_lose_what_is_empty_and_are_encoded_once_more() {
        for (on_wire, canonical) in [
            ("", "/"),
            ("/", "/"),
            ("//", "/"),
            ("//a//b//", "/a/b/"),
            ("/a/./b/../c", "/a/c"),
            ("/../../a", "/a"),
            ("/a/..", "/"),
            ("/a/b/.", "/a/b"),
            ("/a/../", "/"),
            ("/%2e%2E/a", "/%252e%252E/a"),
            ("/a%2Fb", "/a%252Fb"),
            ("/a b/ä", "/a%20b/%C3%A4"),
            (
                "/a+b:c@d=e;f,g'h*i$j!k(l)",
                "/a%2Bb%3Ac%40d%3De%3Bf%2Cg%27h%2Ai%24j%21k%28l%29",
            ),
            ("/~a-b_c.d", "/~a-b_c.d"),
        ] {
            assert_eq!(path(on_wire), canonical, "{on_wire}");
        }
    }

    #[test]
    fn queries_are_sorted_and_not_encoded_again() {
        for (on_wire, canonical) in [
            ("", ""),
            ("b=2&a=1", "a=1&b=2"),
            ("a=2&a=1&a", "a=&a=1&a=2"),
            ("a=b=c", "a=b=c"),
            ("&&", "=&=&="),
            ("=v", "=v"),
            ("a=%20&a=+&A=%2f", "A=%2f&a=%20&a=+"),
            ("ä=ü", "%C3%A4=%C3%BC"),
            ("z=1&ä=2", "%C3%A4=2&z=1"),
        ] {
            assert_eq!(query(on_wire), canonical, "{on_wire}");
        }
    }

    #[test]
    fn headers_are_folded_sorted_and_joined() {
        let mut all = HeaderMap::new();
        for (name, value) in [
            ("x-b", "  a \t b  "),
            ("x-a", "1"),
            ("x-b", ""),
            ("x-b", "\u{a0}c\u{3000}d"),
            ("te", "no"),
        ] {
            all.append(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        let signed = SignedHeaders::AllBut(vec![http::header::TE]);
        let headers = headers(&all, &signed).unwrap();
        assert_eq!(headers.names, "x-a;x-b");
        assert_eq!(headers.lines, "x-a:1\nx-b:a b,,c d\n");
    }

    #[test]
    fn what_is_not_text_is_refused_only_if_it_is_signed() {
        let mut all = HeaderMap::new();
        all.insert("x-any", HeaderValue::from_bytes(b"\xff").unwrap());
        assert!(headers(&all, &SignedHeaders::CloudFront).is_ok());
        let refused = headers(&all, &SignedHeaders::AllBut(vec![]));
        assert!(matches!(refused, Err(Error::UnsignableHeader(name)) if name == "x-any"));
    }
}
