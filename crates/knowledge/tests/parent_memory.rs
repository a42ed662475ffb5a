//! A bomb takes the memory of the child, and none of the parent. Alone in its process, which is what
//! is measured.
#![cfg(target_os = "linux")]

use std::fs;

use tidewire_knowledge::extract::{ExtractError, Extractor, Hint, Limits, Source};

/// The most memory that this process ever had.
fn peak_kb() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("it is there");
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM:"))
        .expect("it is told");
    let number = line.split_whitespace().nth(1).expect("it is told");
    number.parse().expect("it is a number")
}

#[tokio::test]
async fn a_bomb_takes_no_memory_of_the_parent() {
    // 90 MB of text, of which more is said than is allowed.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.txt");
    fs::write(&path, "some words\n\n".repeat(7_500_000)).unwrap();
    let program = env!("CARGO_BIN_EXE_tidewire-extract").into();
    let limits = Limits {
        output_bytes: 4 << 20,
        ..Limits::default()
    };
    let extractor = Extractor::new(program, Vec::new(), limits);
    let before = peak_kb();
    let read = extractor
        .extract(Source::Path(&path), Hint::default(), &mut |_, _| {})
        .await;
    assert!(matches!(read, Err(ExtractError::TooLarge(_))), "{read:?}");

    let flood = vec![
        "-c".into(),
        "echo '{\"ready\":1}'; exec cat /dev/zero".into(),
    ];
    let limits = Limits {
        output_bytes: 4 << 20,
        ..Limits::default()
    };
    let extractor = Extractor::new("/bin/sh".into(), flood, limits);
    let read = extractor
        .extract(Source::Bytes(b""), Hint::default(), &mut |_, _| {})
        .await;
    assert!(matches!(read, Err(ExtractError::TooLarge(_))), "{read:?}");
    let grown = peak_kb() - before;
    assert!(grown < 64 << 10, "grew by {grown} kB");
}
