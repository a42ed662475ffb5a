//! Turns bytes into text, whatever encoding they are in.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// So many bytes decide about an encoding that nobody declared.
const GUESS_BYTES: usize = 256 << 10;

/// The text in these bytes: by its byte order mark, else as UTF-8 if it is that, else by what the
/// media type or an HTML page's own head declares, else by a guess.
pub(crate) fn decode<'a>(bytes: &'a [u8], media_type: &str) -> Cow<'a, str> {
    if let Some((encoding, length)) = Encoding::for_bom(bytes) {
        return encoding.decode_without_bom_handling(&bytes[length..]).0;
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return text.into();
    }
    let encoding = if is_utf16(bytes) {
        let zeros = |from: usize| {
            bytes
                .iter()
                .skip(from)
                .step_by(2)
                .filter(|&&b| b == 0)
                .count()
        };
        if zeros(0) > zeros(1) {
            UTF_16BE
        } else {
            UTF_16LE
        }
    } else {
        declared(bytes, media_type).unwrap_or_else(|| guess(bytes))
    };
    encoding.decode_without_bom_handling(bytes).0
}

/// Whether this looks like UTF-16 without a mark: every other byte is zero, as in European languages.
pub(crate) fn is_utf16(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(4096)];
    let zeros = |from: usize| {
        head.iter()
            .skip(from)
            .step_by(2)
            .filter(|&&b| b == 0)
            .count()
    };
    let (even, odd) = (zeros(0), zeros(1));
    let pairs = head.len() / 2;
    pairs > 0 && (even.max(odd) * 10 > pairs * 7) && (even.min(odd) * 10 < pairs)
}

/// The encoding that the sender or the document itself names.
fn declared(bytes: &[u8], media_type: &str) -> Option<&'static Encoding> {
    let by_sender = media_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let value = value.trim().trim_matches('"');
        (name.trim().eq_ignore_ascii_case("charset")).then_some(value)
    });
    if let Some(encoding) = by_sender.and_then(|label| Encoding::for_label(label.as_bytes())) {
        return Some(encoding);
    }
    // <meta charset=…>, and the older form, whose content ends with the same words.
    let head = &bytes[..bytes.len().min(1024)];
    let head = head.to_ascii_lowercase();
    memchr::memmem::find(&head, b"<meta")?;
    let at = memchr::memmem::find(&head, b"charset")? + b"charset".len();
    let label: Vec<u8> = head[at..]
        .iter()
        .copied()
        .skip_while(|byte| byte.is_ascii_whitespace() || matches!(byte, b'=' | b'"' | b'\''))
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b':'))
        .collect();
    // A page that was readable up to here is not in UTF-16, whatever it says.
    Encoding::for_label(&label).map(|encoding| match encoding {
        utf16 if utf16 == UTF_16BE || utf16 == UTF_16LE => UTF_8,
        other => other,
    })
}

fn guess(bytes: &[u8]) -> &'static Encoding {
    let head = &bytes[..bytes.len().min(GUESS_BYTES)];
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(head, head.len() == bytes.len());
    detector.guess(None, Utf8Detection::Allow)
}

#[cfg(test)]
mod tests {
    use encoding_rs::{SHIFT_JIS, WINDOWS_1252};

    use super::*;

    fn utf16(text: &str, big: bool) -> Vec<u8> {
        let bytes = |unit: u16| {
            if big {
                unit.to_be_bytes()
            } else {
                unit.to_le_bytes()
            }
        };
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn a_byte_order_mark_decides() {
        assert_eq!(
            decode(
                b"\xef\xbb\xbfgr\xc3\xbc\xc3\x9fe",
                "text/plain; charset=shift_jis"
            ),
            "grüße"
        );
        for big in [false, true] {
            assert_eq!(decode(&utf16("\u{feff}grüße 山", big), ""), "grüße 山");
        }
    }

    #[test]
    fn utf_16_is_known_without_a_mark() {
        for big in [false, true] {
            assert_eq!(
                decode(&utf16("Viele Grüße aus Köln", big), ""),
                "Viele Grüße aus Köln"
            );
        }
        assert!(!is_utf16(b""));
        assert!(!is_utf16(b"a\0"[..1].as_ref()));
    }

    #[test]
    fn old_encodings_are_guessed() {
        let german = "Die Vögel fliegen über die Straße, und die Bäume blühen schön. ".repeat(3);
        assert_eq!(decode(&WINDOWS_1252.encode(&german).0, ""), german);
        let japanese = "これは日本語の文章です。文字コードを調べています。".repeat(3);
        assert_eq!(decode(&SHIFT_JIS.encode(&japanese).0, ""), japanese);
    }

    #[test]
    fn a_declaration_wins_over_a_guess() {
        let japanese = SHIFT_JIS.encode("山").0;
        assert_eq!(decode(&japanese, "text/plain; Charset=\"Shift_JIS\""), "山");
        let mut page = b"<html><meta http-equiv=a content='text/html; charset=shift_jis'>".to_vec();
        page.extend_from_slice(&japanese);
        assert!(decode(&page, "").ends_with('山'));
    }
}
