//! The text of a feed, whatever it is encoded in.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// Decodes a feed, and takes off the XML declaration, which no longer says the truth then.
///
/// A byte order mark decides. Else bytes beyond ASCII that are valid UTF-8 are UTF-8, for nothing
/// else looks like it by chance. Else the media type's `charset` holds (RFC 7303), then the XML
/// declaration, then windows-1252, which is what unlabelled text mostly is.
pub(super) fn decode<'a>(bytes: &'a [u8], charset: Option<&str>) -> Cow<'a, str> {
    let text = match Encoding::for_bom(bytes) {
        Some((encoding, _)) => encoding.decode(bytes).0,
        None => decode_without_mark(bytes, charset),
    };
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(without_declaration(text)),
        Cow::Owned(text) => Cow::Owned(without_declaration(&text).to_owned()),
    }
}

fn decode_without_mark<'a>(bytes: &'a [u8], charset: Option<&str>) -> Cow<'a, str> {
    if !bytes.is_ascii()
        && let Ok(text) = std::str::from_utf8(bytes)
    {
        return Cow::Borrowed(text);
    }
    let encoding = match bytes {
        [0, b'<', ..] => UTF_16BE,
        [b'<', 0, ..] => UTF_16LE,
        _ => [charset, declared(bytes)]
            .into_iter()
            .flatten()
            .filter_map(|label| Encoding::for_label(label.as_bytes()))
            // They would have shown themselves by zeros.
            .find(|encoding| ![UTF_16BE, UTF_16LE].contains(encoding))
            .unwrap_or(WINDOWS_1252),
    };
    encoding.decode_without_bom_handling(bytes).0
}

/// The encoding that an XML declaration names.
fn declared(bytes: &[u8]) -> Option<&str> {
    let beginning = &bytes[..bytes.len().min(256)];
    let end = beginning.windows(2).position(|pair| pair == b"?>")?;
    let declaration = std::str::from_utf8(&beginning[..end]).ok()?;
    let (_, after) = declaration.split_once("encoding")?;
    let after = after.trim_start().strip_prefix('=')?.trim_start();
    let quote = after.chars().next()?;
    let (label, _) = after.get(1..)?.split_once(quote)?;
    matches!(quote, '"' | '\'').then_some(label)
}

fn without_declaration(text: &str) -> &str {
    let trimmed = text.trim_start();
    match trimmed
        .strip_prefix("<?xml ")
        .and_then(|rest| rest.split_once("?>"))
    {
        Some((_, rest)) => rest,
        None => trimmed,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn text_is_read_in_the_encoding_that_it_has() {
        let latin = b"<?xml version='1.0' encoding='iso-8859-1'?><a>Gr\xfc\xdfe</a>";
        let cyrillic = b"<?xml version=\"1.0\" encoding = \"windows-1251\" ?><a>\xcc\xe8\xf0</a>";
        let utf8 = "<?xml version='1.0' encoding='iso-8859-1'?><a>Grüße</a>";
        let japanese = b"<?xml version='1.0' encoding='iso-2022-jp'?><a>\x1b$BF|\x1b(B</a>";
        let cases: [(&[u8], Option<&str>, &str); 9] = [
            (latin, None, "<a>Grüße</a>"),
            (cyrillic, None, "<a>Мир</a>"),
            (utf8.as_bytes(), None, "<a>Grüße</a>"),
            (japanese, None, "<a>日</a>"),
            (b"<a>Gr\xfc\xdfe</a>", Some("iso-8859-1"), "<a>Grüße</a>"),
            (b"<a>Gr\xfc\xdfe</a>", None, "<a>Grüße</a>"),
            (b"<a>Gr\xfc\xdfe</a>", Some("no-such-thing"), "<a>Grüße</a>"),
            (b"\xef\xbb\xbf\n<?xml version='1.0'?><a/>", None, "<a/>"),
            // Says UTF-16 and is not.
            (
                b"<?xml version='1.0' encoding='utf-16'?><a/>",
                Some("utf-16"),
                "<a/>",
            ),
        ];
        for (bytes, charset, text) in cases {
            assert_eq!(decode(bytes, charset), text);
        }
        let text = "<?xml version='1.0' encoding='utf-16'?><a>Grüße</a>";
        assert_eq!(decode(&utf16(text, u16::to_be_bytes), None), "<a>Grüße</a>");
        assert_eq!(decode(&utf16(text, u16::to_le_bytes), None), "<a>Grüße</a>");
        let marked = utf16(&format!("\u{feff}{text}"), u16::to_le_bytes);
        assert_eq!(decode(&marked, Some("utf-8")), "<a>Grüße</a>");
    }

    proptest! {
        #[test]
        fn any_bytes_are_some_text(bytes: Vec<u8>, charset in "[a-z0-9-]{0,12}") {
            decode(&bytes, Some(&charset));
        }
    }
}
