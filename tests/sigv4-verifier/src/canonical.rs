//! The canonical request: what of a request a signature covers, in one spelling.
//!
//! After "Create a canonical request" in AWS's *Create a signed AWS API request*.

use http::{HeaderMap, HeaderValue};

use crate::{Refusal, SignedRequest, query};

/// The canonical request, of which the string to sign holds the SHA-256.
pub(crate) fn request(
    request: &SignedRequest<'_>,
    signed_headers: &[&str],
    payload_hash: &str,
) -> Result<Vec<u8>, Refusal> {
    let mut canonical = Vec::new();
    let mut line = |text: &[u8]| {
        canonical.extend_from_slice(text);
        canonical.push(b'\n');
    };
    line(request.method.as_str().as_bytes());
    line(path(request.path).as_bytes());
    line(query::canonical(request.query).as_bytes());
    for name in signed_headers {
        line(&header(request.headers, name)?);
    }
    line(b"");
    line(signed_headers.join(";").as_bytes());
    canonical.extend_from_slice(payload_hash.as_bytes());
    Ok(canonical)
}

/// The canonical path of every service but S3: normalised, and what was received encoded once
/// more, so that `%20` becomes `%2520`.
///
/// Segments are normalised as they were received: `%2e%2e` is a name. A path that ends in `..` or
/// `.` ends without a slash, as in botocore and in AWS's JavaScript signer; its Java and Rust
/// signers leave one, and what Lambda does is not public.
fn path(raw: &str) -> String {
    let mut segments = Vec::new();
    for segment in raw.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            name => segments.push(name),
        }
    }
    let mut canonical = String::with_capacity(raw.len() + 1);
    for segment in &segments {
        canonical.push('/');
        query::encode(segment.as_bytes(), &mut canonical);
    }
    if segments.is_empty() || raw.ends_with('/') {
        canonical.push('/');
    }
    canonical
}

/// A header's line: its values in their order, joined by commas.
fn header(headers: &HeaderMap, name: &str) -> Result<Vec<u8>, Refusal> {
    let mut line = name.as_bytes().to_vec();
    let mut separator = b':';
    for value in headers.get_all(name) {
        line.push(separator);
        push_folded(value, &mut line);
        separator = b',';
    }
    // AWS might read an absent header as an empty one. No signer does, so nothing needs it.
    if separator == b':' {
        return Err(Refusal::SignedHeaderAbsent(name.to_owned()));
    }
    Ok(line)
}

/// Appends a value without the white space around it, and with one space for all in a row.
///
/// AWS speaks of spaces; that a tab counts as one is botocore's reading. Quotation marks protect
/// nothing, as AWS's vector `get-header-value-trim` shows.
fn push_folded(value: &HeaderValue, line: &mut Vec<u8>) {
    let words = value.as_bytes().split(|byte| matches!(byte, b' ' | b'\t'));
    let mut words = words.filter(|word| !word.is_empty());
    line.extend_from_slice(words.next().unwrap_or_default());
    for word in words {
        line.push(b' ');
        line.extend_from_slice(word);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn paths_become_canonical() {
        for (raw, expected) in [
            ("", "/"),
            ("/", "/"),
            ("//", "/"),
            ("/.", "/"),
            ("/..", "/"),
            ("/../..", "/"),
            ("/a", "/a"),
            ("/a/", "/a/"),
            ("//a//b//", "/a/b/"),
            ("/a/./b/../c", "/a/c"),
            ("/a/b/..", "/a"),
            ("/a/b/../", "/a/"),
            ("/a/.", "/a"),
            ("/...", "/..."),
            ("/a b", "/a%20b"),
            ("/a%20b", "/a%2520b"),
            ("/a+b", "/a%2Bb"),
            ("/%2e%2E/a", "/%252e%252E/a"),
            ("/a%2Fb", "/a%252Fb"),
            ("/%zz%", "/%25zz%25"),
            ("/ሴ", "/%E1%88%B4"),
            ("/-_.~", "/-_.~"),
            ("/(a)!*':@&=$,;", "/%28a%29%21%2A%27%3A%40%26%3D%24%2C%3B"),
        ] {
            assert_eq!(path(raw), expected, "{raw}");
        }
    }

    fn line_of(values: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append("x", HeaderValue::from_str(value).unwrap());
        }
        String::from_utf8(header(&headers, "x").unwrap()).unwrap()
    }

    #[test]
    fn values_are_folded_and_joined() {
        assert_eq!(line_of(&[" a  b \t c "]), "x:a b c");
        assert_eq!(line_of(&["b", " a ", "", "b"]), "x:b,a,,b");
        assert_eq!(line_of(&["\"a   b\""]), "x:\"a b\"");
        assert_eq!(line_of(&[""]), "x:");
        let absent = header(&HeaderMap::new(), "x");
        assert_eq!(absent, Err(Refusal::SignedHeaderAbsent("x".to_owned())));
    }

    proptest! {
        #[test]
        fn a_canonical_path_has_no_segment_to_normalise(raw in "[/.a%é ]{0,40}") {
            let canonical = path(&raw);
            prop_assert!(canonical.starts_with('/') && !canonical.contains("//"));
            prop_assert!(canonical.split('/').all(|segment| segment != "." && segment != ".."));
            prop_assert_eq!(path(&canonical), canonical.replace('%', "%25"));
        }
    }
}
