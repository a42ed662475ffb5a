//! DOCX files.

use std::{
    fmt::Write as _,
    io::{Cursor, Write},
};

use flate2::{Compress, Compression, FlushCompress};
use tidewire_knowledge::extract::ExtractError;
use zip::{ZipWriter, write::SimpleFileOptions};

use crate::{extract, text, unreadable};

const TYPES: (&str, &[u8]) = ("[Content_Types].xml", b"<Types/>");

fn archive(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, part) in parts {
        archive
            .start_file(*name, SimpleFileOptions::default())
            .expect("it works");
        archive.write_all(part).expect("it works");
    }
    archive.finish().expect("it works").into_inner()
}

fn document(body: &str) -> Vec<u8> {
    let document = format!(
        "<w:document><w:body><w:p><w:r><w:t>{body}</w:t></w:r></w:p></w:body></w:document>"
    );
    archive(&[TYPES, ("word/document.xml", document.as_bytes())])
}

/// A DEFLATE stream of so many times 16 MB of one byte, made without compressing all of it: what ends
/// with a flush can be repeated.
pub(crate) fn deflated(byte: u8, times: usize) -> Vec<u8> {
    let mut compress = Compress::new(Compression::best(), false);
    let mut piece = Vec::with_capacity(1 << 20);
    let block = vec![byte; 16 << 20];
    compress
        .compress_vec(&block, &mut piece, FlushCompress::Full)
        .expect("it works");
    assert_eq!(compress.total_in(), block.len() as u64);
    let mut stream = piece.repeat(times);
    // The last block, empty.
    stream.extend([3, 0]);
    stream
}

/// An archive whose entry `name` holds this compressed stream.
fn archive_of(name: &str, stream: &[u8], size: u32) -> Vec<u8> {
    let mut file = Vec::new();
    let mut directory = Vec::new();
    let mut entries = 0_u16;
    let packed = u32::try_from(stream.len()).expect("it works");
    for (name, method, stream, packed, size) in [
        ("[Content_Types].xml", 0_u16, &b"<Types/>"[..], 8_u32, 8_u32),
        (name, 8, stream, packed, size),
    ] {
        let offset = u32::try_from(file.len()).expect("it works");
        let mut common = Vec::new();
        for number in [20, 0, method, 0, 0] {
            common.extend(number.to_le_bytes());
        }
        for number in [0, packed, size] {
            common.extend(number.to_le_bytes());
        }
        common.extend(u16::try_from(name.len()).expect("it works").to_le_bytes());
        common.extend(0_u16.to_le_bytes());
        file.extend(b"PK\x03\x04");
        file.extend(&common);
        file.extend(name.as_bytes());
        file.extend(stream);
        directory.extend(b"PK\x01\x02\x14\0");
        directory.extend(&common);
        directory.extend([0; 10]);
        directory.extend(offset.to_le_bytes());
        directory.extend(name.as_bytes());
        entries += 1;
    }
    let at = u32::try_from(file.len()).expect("it works");
    file.extend(&directory);
    file.extend(b"PK\x05\x06\0\0\0\0");
    file.extend(entries.to_le_bytes());
    file.extend(entries.to_le_bytes());
    file.extend(
        u32::try_from(directory.len())
            .expect("it works")
            .to_le_bytes(),
    );
    file.extend(at.to_le_bytes());
    file.extend([0; 2]);
    file
}

#[tokio::test]
async fn a_part_that_unpacks_to_gigabytes_is_refused() {
    let file = archive_of("word/document.xml", &deflated(b' ', 255), 255 << 24);
    assert!(file.len() < 8 << 20, "{}", file.len());
    let read = extract(&file, "a.docx").await;
    assert!(
        matches!(&read, Err(ExtractError::TooLarge(reason)) if reason.contains("unpacks")),
        "{read:?}"
    );
    // An archive may also say that it is small.
    let file = archive_of("word/document.xml", &deflated(b' ', 255), 1000);
    let read = extract(&file, "a.docx").await;
    assert!(
        matches!(
            read,
            Err(ExtractError::TooLarge(_) | ExtractError::Unreadable(_))
        ),
        "{read:?}"
    );
}

#[tokio::test]
async fn an_archive_in_an_archive_is_not_unpacked() {
    let inner = archive_of("a.zip", &deflated(0, 4), 4 << 24);
    let file = archive(&[("b.zip", &inner), ("c.zip", &inner)]);
    assert!(unreadable(&file, "a.docx").await.contains("ZIP archive"));
}

#[tokio::test]
async fn a_document_may_have_many_parts() {
    let mut archive = ZipWriter::new_append(Cursor::new(document("words"))).unwrap();
    for number in 0..10_000 {
        let name = format!("word/media/{number}");
        archive
            .start_file(name, SimpleFileOptions::default())
            .unwrap();
    }
    let file = archive.finish().unwrap().into_inner();
    assert_eq!(text(&file, "a.docx").await, "words");
}

#[tokio::test]
async fn entities_do_not_expand() {
    let mut bomb = "<!DOCTYPE a [<!ENTITY a0 \"ha\">".to_owned();
    for level in 1..30 {
        let before = level - 1;
        let _ = write!(bomb, "<!ENTITY a{level} \"&a{before};&a{before};\">");
    }
    bomb += "]><w:document><w:p><w:r><w:t>&a29;</w:t></w:r></w:p></w:document>";
    let file = archive(&[TYPES, ("word/document.xml", bomb.as_bytes())]);
    assert!(unreadable(&file, "a.docx").await.contains("DTD"));
}

#[tokio::test]
async fn elements_may_be_nested_deeply() {
    let nested = format!(
        "{}deep{}",
        "<w:t>".repeat(100_000),
        "</w:t>".repeat(100_000)
    );
    assert_eq!(text(&document(&nested), "a.docx").await, "deep");
}

#[tokio::test]
async fn a_document_that_was_cut_off_is_damaged() {
    let file = document(&"words ".repeat(1000));
    for length in [file.len() / 2, file.len() - 30, 40] {
        assert!(
            unreadable(&file[..length], "a.docx")
                .await
                .contains("damaged")
        );
    }
}
