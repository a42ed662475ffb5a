//! Texts, tables, subtitles and web pages.

use encoding_rs::{SHIFT_JIS, WINDOWS_1252};
use tidewire_knowledge::{
    ChunkLimits, cut,
    extract::{BlockKind, ExtractError, Limits, Place},
};

use crate::{extract, extract_with, short, text, unreadable};

#[tokio::test]
async fn the_name_of_a_file_may_be_wrong() {
    assert_eq!(text(b"just words", "a.pdf").await, "just words");
    let page = b"<!DOCTYPE html><p>a<p>b";
    assert_eq!(text(page, "a.docx").await, "a\nb");
}

#[tokio::test]
async fn texts_in_old_encodings_are_read() {
    let german = "Die Vögel fliegen über die Straße, und die Bäume blühen schön. ".repeat(3);
    let japanese = "これは日本語の文章です。文字コードを調べています。".repeat(3);
    let utf16: Vec<u8> = "\u{feff}grüße"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    assert_eq!(
        text(&WINDOWS_1252.encode(&german).0, "a.txt").await,
        german.trim()
    );
    assert_eq!(
        text(&SHIFT_JIS.encode(&japanese).0, "a.txt").await,
        japanese
    );
    assert_eq!(text(&utf16, "a.txt").await, "grüße");
}

#[tokio::test]
async fn bytes_that_are_no_text_are_refused_and_a_few_are_left_out() {
    let noise: Vec<u8> = (0..5000_u32).map(|n| (n * n % 251) as u8).collect();
    assert!(unreadable(&noise, "a.txt").await.contains("not text"));
    let mut words = "some words ".repeat(100).into_bytes();
    words[10] = 0;
    assert_eq!(
        text(&words, "a.txt").await,
        "some words".to_owned() + &" some words".repeat(99).replacen(' ', "", 1)
    );
}

#[tokio::test]
async fn a_line_without_an_end_becomes_many_passages() {
    let read = extract(&vec![b'x'; 1 << 20], "a.txt").await.unwrap();
    let chunks = cut(&read, &ChunkLimits::default());
    assert!(chunks.iter().all(|chunk| chunk.text.len() <= 2000));
    assert_eq!(
        chunks.iter().map(|chunk| chunk.text.len()).sum::<usize>(),
        1 << 20
    );
}

#[tokio::test]
async fn malformed_subtitles_keep_their_text() {
    let file = b"WEBVTT\n\n00:00:99.000 -> x\nfirst\n\n00:01.000 --> 00:02.000\n<v Ann<b>second\n\n\xff\xfe third";
    let read = extract(file, "a.vtt").await.unwrap();
    assert!(read.blocks.iter().all(|block| block.kind == BlockKind::Cue));
    assert_eq!(read.blocks[1].place, Place::TimeMs(1000));
    let all: String = read.blocks.iter().map(|block| &*block.text).collect();
    for word in ["first", "second", "third"] {
        assert!(all.contains(word), "{all}");
    }
}

#[tokio::test]
async fn tables_may_be_wide_and_their_cells_long() {
    let mut file = "a,b\n\"1\nover\nlines\",2\n".to_owned();
    file += &(0..10_000)
        .map(|n| n.to_string())
        .collect::<Vec<_>>()
        .join(",");
    let read = extract(file.as_bytes(), "a.csv").await.unwrap();
    assert_eq!(read.blocks[1].text, "a: 1 over lines | b: 2");
    assert!(read.blocks[2].text.ends_with("9998 | 9999"));
    for chunk in cut(&read, &ChunkLimits::default()) {
        assert!(chunk.text.len() <= 2000);
    }
}

#[tokio::test]
async fn a_page_may_be_nested_deeply() {
    let page = format!(
        "<!DOCTYPE html>{}deep{}",
        "<div>".repeat(100_000),
        "</div>".repeat(100_000)
    );
    match extract_with(short(), page.as_bytes(), "a.html").await {
        Ok(read) => assert_eq!(read.blocks[0].text, "deep"),
        Err(error) => assert!(matches!(error, ExtractError::TooLong(_)), "{error:?}"),
    }
}

#[tokio::test]
async fn more_text_than_is_allowed_is_refused() {
    let limits = Limits {
        output_bytes: 1 << 20,
        ..Limits::default()
    };
    let file = "some words\n\n".repeat(200_000);
    let read = extract_with(limits, file.as_bytes(), "a.txt").await;
    assert!(matches!(read, Err(ExtractError::TooLarge(reason)) if reason.contains("1 MB of text")));
}
