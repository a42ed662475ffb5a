//! Files of attackers, of broken programs and of people who are in a hurry, read by the real child.

mod docx;
mod pdf;
mod text;

use std::{fs::File, path::Path, time::Duration};

use tidewire_knowledge::extract::{ExtractError, Extracted, Extractor, Hint, Limits, Source};

fn extractor(limits: Limits) -> Extractor {
    let program = env!("CARGO_BIN_EXE_tidewire-extract").into();
    Extractor::new(program, Vec::new(), limits)
}

async fn extract_with(
    limits: Limits,
    file: &[u8],
    file_name: &str,
) -> Result<Extracted, ExtractError> {
    let hint = Hint {
        file_name,
        media_type: "",
    };
    extractor(limits)
        .extract(Source::Bytes(file), hint, &mut |_, _| {})
        .await
}

async fn extract(file: &[u8], file_name: &str) -> Result<Extracted, ExtractError> {
    extract_with(Limits::default(), file, file_name).await
}

/// The text of a document, a block a line.
async fn text(file: &[u8], file_name: &str) -> String {
    let read = extract(file, file_name).await.expect("it can be read");
    let texts: Vec<_> = read.blocks.into_iter().map(|block| block.text).collect();
    texts.join("\n")
}

/// What the owner of a file that cannot be read is told.
async fn unreadable(file: &[u8], file_name: &str) -> String {
    match extract(file, file_name).await {
        Err(ExtractError::Unreadable(reason)) => reason,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_empty_file_is_refused() {
    assert!(unreadable(b"", "a.pdf").await.contains("empty"));
}

#[tokio::test]
async fn a_file_that_is_too_large_is_refused_before_it_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sparse.txt");
    File::create(&path).unwrap().set_len(2 << 30).unwrap();
    // No child is there to read it.
    let extractor = Extractor::new("/nowhere".into(), Vec::new(), Limits::default());
    let read = extractor
        .extract(Source::Path(&path), Hint::default(), &mut |_, _| {})
        .await;
    assert!(matches!(read, Err(ExtractError::TooLarge(reason)) if reason.contains("100 MB")));
}

#[tokio::test]
async fn a_file_that_is_gone_is_tried_again_later() {
    let read = extractor(Limits::default())
        .extract(
            Source::Path(Path::new("/nowhere")),
            Hint::default(),
            &mut |_, _| {},
        )
        .await;
    assert!(
        matches!(read, Err(ExtractError::Unavailable(_))),
        "{read:?}"
    );
}

#[tokio::test]
async fn a_file_is_read_by_its_path() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.txt");
    std::fs::write(&path, "words").unwrap();
    let read = extractor(Limits::default())
        .extract(Source::Path(&path), Hint::default(), &mut |_, _| {})
        .await;
    assert_eq!(read.unwrap().blocks[0].text, "words");
}

/// Limits that a bomb meets soon.
fn short() -> Limits {
    Limits {
        cpu_seconds: 2,
        wall: Duration::from_secs(100),
        ..Limits::default()
    }
}
