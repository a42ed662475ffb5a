//! The header that hands a file out as an attachment.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// All but `attr-char` (<https://www.rfc-editor.org/rfc/rfc8187#section-3.2.1>).
const VALUE: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

/// The value of `Content-Disposition` for a file that is saved under this name, as RFC 6266 has it:
/// the name itself, and an approximation in ASCII for clients that do not read that.
///
/// A name cannot lead into another folder: slashes and control characters become `_`.
pub fn content_disposition(file_name: &str) -> String {
    let plain: String = file_name
        .chars()
        .map(|c| match c {
            '/' | '\\' => '_',
            c if c.is_control() => '_',
            c => c,
        })
        .collect();
    let ascii: String = plain
        .chars()
        // A percent sign would be decoded by some clients.
        .map(|c| match c {
            '"' | '%' => '_',
            c if c.is_ascii() => c,
            _ => '_',
        })
        .collect();
    let encoded = utf8_percent_encode(&plain, VALUE);
    format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_their_letters() {
        assert_eq!(
            content_disposition("notes 1.pdf"),
            "attachment; filename=\"notes 1.pdf\"; filename*=UTF-8''notes%201.pdf"
        );
        assert_eq!(
            content_disposition("Größe \"50 %\".txt"),
            "attachment; filename=\"Gr__e _50 __.txt\"; filename*=UTF-8''Gr%C3%B6%C3%9Fe%20%2250%20%25%22.txt"
        );
    }

    #[test]
    fn names_lead_nowhere_and_end_no_header() {
        for name in ["../../x", "..\\x", "a\r\nSet-Cookie: b=c", "a\0", "\u{85}"] {
            let value = content_disposition(name);
            let is_harmless = |c: char| c.is_ascii() && !c.is_ascii_control();
            assert!(value.chars().all(is_harmless), "{value}");
            assert!(!value.contains(['/', '\\']), "{value}");
        }
    }
}
