//! Tells what a file is: by what is in it first, then by its name, then by what its sender said.

use std::io::Cursor;

use infer::MatcherType;
use zip::ZipArchive;

use super::{Refusal, subtitle};

/// So many bytes at the start are looked at.
const HEAD_BYTES: usize = 64 << 10;

/// What is known of a file beside its bytes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Hint<'a> {
    /// The name that it was uploaded under.
    pub file_name: &'a str,
    /// The media type that its sender declared; may be empty.
    pub media_type: &'a str,
}

/// A format that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Pdf,
    Docx,
    Html,
    Markdown,
    /// The cells are parted by commas, or what stands for them.
    Csv,
    /// The cells are parted by tabs.
    Tsv,
    /// `WebVTT` or `SubRip`.
    Subtitles,
    Text,
}

/// What this file is.
pub(crate) fn detect(file: &[u8], hint: Hint<'_>) -> Result<Format, Refusal> {
    let head = &file[..file.len().min(HEAD_BYTES)];
    if file.is_empty() {
        return Err(Refusal::unreadable(
            "The file is empty. Check it where it was made, and upload it again.",
        ));
    }
    // Some writers put a few bytes before it.
    if memchr::memmem::find(&head[..head.len().min(1024)], b"%PDF-").is_some() {
        return Ok(Format::Pdf);
    }
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        return archive(file);
    }
    if head.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        return Err(old_office(file));
    }
    if head.starts_with(b"{\\rtf") {
        return Err(Refusal::unreadable(
            "This is an RTF file, which cannot be read. Save it as DOCX or PDF, and upload that.",
        ));
    }
    let has_mark = [&b"\xef\xbb\xbf"[..], b"\xff\xfe", b"\xfe\xff"]
        .iter()
        .any(|mark| head.starts_with(mark));
    if !has_mark && let Some(problem) = foreign(head) {
        return Err(problem);
    }
    if !has_mark && !super::encoding::is_utf16(head) && is_binary(head) {
        return Err(Refusal::unreadable(
            "This is not text, and of no format that can be read. PDF, DOCX, HTML, Markdown, plain \
             text, CSV, TSV, VTT and SRT can.",
        ));
    }
    let text = super::encoding::decode(head, hint.media_type);
    Ok(textual(&text).unwrap_or_else(|| named(hint)))
}

/// What a text is, where it says so itself.
fn textual(head: &str) -> Option<Format> {
    let start = head.trim_start();
    if subtitle::is_subtitle(start) {
        return Some(Format::Subtitles);
    }
    let mut rest = start;
    // What may stand before a document: a declaration and comments.
    loop {
        let skipped = [("<?xml", "?>"), ("<!--", "-->")]
            .iter()
            .find_map(|(open, close)| {
                let inner = rest.strip_prefix(open)?;
                Some(inner.split_once(close)?.1.trim_start())
            });
        match skipped {
            Some(after) => rest = after,
            None => break,
        }
    }
    let is_html = ["<!doctype html", "<html"].iter().any(|tag| {
        rest.get(..tag.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(tag))
    });
    is_html.then_some(Format::Html)
}

/// What a text is by its name, else by its declared type, else just text.
fn named(hint: Hint<'_>) -> Format {
    let extension = hint.file_name.rsplit_once('.').map_or("", |(_, end)| end);
    let by_name = match &*extension.to_ascii_lowercase() {
        "html" | "htm" | "xhtml" => Some(Format::Html),
        "md" | "markdown" | "mdown" | "mkd" => Some(Format::Markdown),
        "csv" => Some(Format::Csv),
        "tsv" | "tab" => Some(Format::Tsv),
        "vtt" | "srt" => Some(Format::Subtitles),
        "txt" | "text" | "log" => Some(Format::Text),
        _ => None,
    };
    let essence = hint.media_type.split(';').next().unwrap_or_default().trim();
    by_name.unwrap_or_else(|| match &*essence.to_ascii_lowercase() {
        "text/html" | "application/xhtml+xml" => Format::Html,
        "text/markdown" | "text/x-markdown" => Format::Markdown,
        "text/csv" | "application/csv" => Format::Csv,
        "text/tab-separated-values" => Format::Tsv,
        "text/vtt" | "application/x-subrip" => Format::Subtitles,
        _ => Format::Text,
    })
}

/// What a ZIP archive is, by what is in it.
fn archive(file: &[u8]) -> Result<Format, Refusal> {
    let archive = ZipArchive::new(Cursor::new(file)).map_err(|_| {
        Refusal::unreadable(
            "This looks like a DOCX file or another ZIP archive, but its end is missing or damaged. \
             Open it where it was made, save it anew, and upload that.",
        )
    })?;
    let has = |name: &str| archive.index_for_name(name).is_some();
    let has_folder = |folder: &str| {
        archive
            .file_names_raw()
            .any(|name| name.starts_with(folder.as_bytes()))
    };
    if has("[Content_Types].xml") {
        if has_folder("word/") {
            return Ok(Format::Docx);
        }
        if has_folder("xl/") {
            return Err(Refusal::unreadable(
                "This is an Excel workbook, which cannot be read. Save its sheets as CSV, and upload \
                 those.",
            ));
        }
        if has_folder("ppt/") {
            return Err(Refusal::unreadable(
                "This is a PowerPoint presentation, which cannot be read. Save it as PDF, and upload \
                 that.",
            ));
        }
    }
    if has("META-INF/container.xml") {
        return Err(Refusal::unreadable(
            "This is an EPUB book, which cannot be read. Turn it into a PDF, and upload that.",
        ));
    }
    if has("content.xml") && has("mimetype") {
        return Err(Refusal::unreadable(
            "This is an OpenDocument file, which cannot be read. Save it as DOCX or PDF, and upload \
             that.",
        ));
    }
    Err(Refusal::unreadable(
        "This is a ZIP archive, not a document that can be read: unpack it, and upload the files in it.",
    ))
}

/// What Office wrote before 2007, and the shell of what it encrypts.
fn old_office(file: &[u8]) -> Refusal {
    let name: Vec<u8> = "EncryptedPackage"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    Refusal::unreadable(if memchr::memmem::find(file, &name).is_some() {
        "This Office file is protected by a password. Remove the password, and upload it again."
    } else {
        "This is a file of an old Office format (DOC, XLS or PPT), which cannot be read. Save it as \
         DOCX or PDF, and upload that."
    })
}

/// Names a file of a format that holds no text for us.
fn foreign(head: &[u8]) -> Option<Refusal> {
    let found = infer::get(head)?;
    let name = found.extension().to_ascii_uppercase();
    let reason = match found.matcher_type() {
        MatcherType::Image => format!(
            "This is a picture ({name}), and text in pictures cannot be read. Recognise its text \
             (OCR), and upload that."
        ),
        MatcherType::Audio | MatcherType::Video => format!(
            "This is a recording ({name}), which cannot be read. Upload its subtitles as VTT or SRT."
        ),
        MatcherType::Archive => format!(
            "This is an archive ({name}), not a document that can be read: unpack it, and upload the \
             files in it."
        ),
        // Scripts, web pages and the like are text.
        MatcherType::Text => return None,
        _ if !is_binary(head) => return None,
        _ => format!(
            "This is a file of the format {name}, which holds no text that can be read. PDF, DOCX, \
             HTML, Markdown, plain text, CSV, TSV, VTT and SRT can."
        ),
    };
    Some(Refusal::Unreadable(reason))
}

/// Whether more than one byte in a hundred is a control character that no text needs.
fn is_binary(head: &[u8]) -> bool {
    let odd = head
        .iter()
        .filter(|&&byte| byte < b' ' && !matches!(byte, b'\t' | b'\n' | 0x0c | b'\r' | 0x1b))
        .count();
    odd * 100 > head.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn format(file: &[u8], file_name: &str, media_type: &str) -> Result<Format, Refusal> {
        let hint = Hint {
            file_name,
            media_type,
        };
        detect(file, hint)
    }

    #[test]
    fn what_is_in_a_file_wins_over_its_name() {
        assert_eq!(
            format(b"%PDF-1.7\n", "a.txt", "text/plain"),
            Ok(Format::Pdf)
        );
        assert_eq!(format(b"WEBVTT\n\n", "a.pdf", ""), Ok(Format::Subtitles));
        let page = b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- x --><!DOCTYPE HTML>\n<p>a";
        assert_eq!(format(page, "a.csv", "text/csv"), Ok(Format::Html));
        assert_eq!(
            format(b"just words", "a.pdf", "application/pdf"),
            Ok(Format::Text)
        );
    }

    #[test]
    fn a_name_wins_over_a_declared_type() {
        assert_eq!(format(b"# a", "A.MD", "text/html"), Ok(Format::Markdown));
        assert_eq!(
            format(b"a,b", "a", "text/csv; charset=utf-8"),
            Ok(Format::Csv)
        );
        assert_eq!(format(b"a\tb", "a.tsv", ""), Ok(Format::Tsv));
        assert_eq!(format(b"fn a() {}", "a.rs", ""), Ok(Format::Text));
    }

    #[test]
    fn what_cannot_be_read_is_named_with_the_way_out() {
        let said = |file: &[u8]| match format(file, "a.txt", "") {
            Err(Refusal::Unreadable(reason)) => reason,
            other => panic!("{other:?}"),
        };
        assert!(said(b"").contains("empty"));
        assert!(said(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR").contains("picture (PNG)"));
        assert!(said(b"\x1f\x8b\x08\0\0\0\0\0\0\0").contains("archive (GZ)"));
        assert!(said(b"{\\rtf1\\ansi a}").contains("RTF"));
        assert!(said(&[&b"\x7fELF\x02\x01\x01"[..], &[0; 60]].concat()).contains("ELF"));
        assert!(said(&[b'a', 1, 2, 3, 0].repeat(99)).contains("not text"));
        assert!(said(b"PK\x03\x04 and no end").contains("damaged"));
        assert!(said(b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0").contains("ZIP archive"));
        let mut office = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
        assert!(said(&office).contains("old Office"));
        office.extend("EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes));
        assert!(said(&office).contains("password"));
    }

    #[test]
    fn a_text_with_a_few_odd_bytes_is_still_text() {
        let mut text = "words and words ".repeat(20).into_bytes();
        text[40] = 0;
        assert_eq!(format(&text, "a.txt", ""), Ok(Format::Text));
    }
}
