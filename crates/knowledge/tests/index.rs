//! One index: what is put in is found, and nothing that users ask can break it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{fs, path::Path};

use proptest::prelude::*;
use tidewire_domain::DocumentId;
use tidewire_knowledge::{
    Chunk, IndexError,
    index::{Index, IndexBuilder, Vectors, build_expression},
};

fn chunk(text: &str) -> Chunk {
    Chunk {
        headings: vec!["Guide".into(), "Part".into()],
        locator: "Part".into(),
        text: text.into(),
    }
}

fn build(path: &Path, embedding: Option<&str>, work: impl FnOnce(&mut IndexBuilder)) {
    let mut builder = IndexBuilder::open(path, embedding).unwrap();
    work(&mut builder);
    builder.finish().unwrap();
}

fn texts(path: &Path, question: &str) -> Vec<String> {
    let index = Index::open(path).unwrap();
    let Some(expression) = build_expression(question) else {
        return Vec::new();
    };
    let hits = index.find_words(&expression, 50).unwrap();
    hits.into_iter()
        .map(|hit| index.passage(hit.passage).unwrap().text)
        .collect()
}

#[test]
fn what_is_put_in_is_found_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a ?#%.sqlite");
    let id = DocumentId::new();
    build(&path, None, |builder| {
        let chunks = [
            chunk("Tides follow the moon."),
            chunk("Waves follow the wind."),
        ];
        builder.put(id, "The sea", &chunks, None).unwrap();
    });
    let index = Index::open(&path).unwrap();
    let expression = build_expression("what follows the moon?").unwrap();
    let hits = index.find_words(&expression, 1).unwrap();
    let found = index.passage(hits[0].passage).unwrap();
    assert_eq!(found.text, "Tides follow the moon.");
    assert_eq!((found.document_id, found.title.as_str()), (id, "The sea"));
    assert_eq!(found.locator, "Part");
}

#[test]
fn words_are_found_by_their_stem_without_accents_and_in_titles_and_headings() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("i.sqlite");
    build(&path, None, |builder| {
        let id = DocumentId::new();
        builder
            .put(id, "Über Bücher", &[chunk("Sorting is stable.")], None)
            .unwrap();
        builder
            .put(DocumentId::new(), "日本", &[chunk("猫は魚を食べる")], None)
            .unwrap();
    });
    for question in ["sorted", "SORTS", "bucher", "BÜCHER", "parts", "guide"] {
        assert!(!texts(&path, question).is_empty(), "{question}");
    }
    assert_eq!(texts(&path, "魚を食べますか"), ["猫は魚を食べる"]);
    assert_eq!(texts(&path, "犬"), [""; 0]);
}

#[test]
fn a_document_takes_the_place_of_what_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("i.sqlite");
    let id = DocumentId::new();
    build(&path, None, |builder| {
        builder
            .put(id, "t", &[chunk("old tides"), chunk("old waves")], None)
            .unwrap();
        builder
            .put(DocumentId::new(), "t", &[chunk("other tides")], None)
            .unwrap();
    });
    build(&path, None, |builder| {
        builder.put(id, "t", &[chunk("new winds")], None).unwrap();
    });
    assert_eq!(texts(&path, "tides waves"), ["other tides"]);
    assert_eq!(texts(&path, "winds"), ["new winds"]);
}

#[test]
fn the_same_change_twice_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("i.sqlite");
    let (id, gone) = (DocumentId::new(), DocumentId::new());
    let chunks = [chunk("one tide"), chunk("two tides")];
    let change = |builder: &mut IndexBuilder| {
        builder.put(id, "t", &chunks, None).unwrap();
        builder.remove(gone).unwrap();
    };
    build(&path, None, change);
    let before = fs::read(&path).unwrap();
    build(&path, None, change);
    assert_eq!(texts(&path, "tides").len(), 2);
    // But for SQLite's own counters in the first hundred bytes the file is the same.
    assert!(fs::read(&path).unwrap()[100..] == before[100..]);
}

#[test]
fn what_is_taken_out_leaves_no_trace_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("i.sqlite");
    let id = DocumentId::new();
    let many: Vec<Chunk> = (0..500)
        .map(|n| chunk(&format!("xylophone number {n}")))
        .collect();
    build(&path, None, |builder| {
        builder.put(id, "t", &many, None).unwrap();
    });
    let size_before = fs::metadata(&path).unwrap().len();
    build(&path, None, |builder| {
        builder
            .put(DocumentId::new(), "t", &[chunk("kept")], None)
            .unwrap();
        builder.remove(id).unwrap();
    });
    assert_eq!(texts(&path, "xylophone"), [""; 0]);
    assert_eq!(texts(&path, "kept"), ["kept"]);
    let bytes = fs::read(&path).unwrap();
    assert!(!bytes.windows(9).any(|window| window == b"xylophone"));
    assert!(
        (bytes.len() as u64) < size_before / 2,
        "{} bytes",
        bytes.len()
    );
}

#[test]
fn vectors_find_what_no_word_does() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("i.sqlite");
    let vectors = Vectors::new("m", &[vec![1.0, 0.0], vec![0.0, 1.0]]).unwrap();
    let chunks = [chunk("east"), chunk("north")];
    build(&path, Some("m"), |builder| {
        builder
            .put(DocumentId::new(), "t", &chunks, Some(&vectors))
            .unwrap();
        builder
            .put(DocumentId::new(), "t", &[chunk("nowhere")], None)
            .unwrap();
    });
    let index = Index::open(&path).unwrap();
    assert_eq!(index.embedding(), Some("m"));
    let hits = index.find_nearest(&[0.2, 0.9], 9).unwrap();
    assert_eq!(hits.len(), 2);
    assert_eq!(index.passage(hits[0].passage).unwrap().text, "north");
}

#[test]
fn vectors_of_another_model_are_not_mixed_in() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("i.sqlite");
    let id = DocumentId::new();
    let old = Vectors::new("old", &[vec![1.0, 0.0]]).unwrap();
    build(&path, Some("old"), |builder| {
        builder.put(id, "t", &[chunk("east")], Some(&old)).unwrap();
    });
    build(&path, Some("new"), |builder| {
        builder
            .put(DocumentId::new(), "t", &[chunk("west")], Some(&old))
            .unwrap();
    });
    let index = Index::open(&path).unwrap();
    assert_eq!(index.embedding(), Some("new"));
    assert_eq!(index.find_nearest(&[1.0, 0.0], 9).unwrap(), []);
    assert_eq!(texts(&path, "east west").len(), 2);
    // Once its vectors of the new model are there, a document that is otherwise the same has them.
    let new = Vectors::new("new", &[vec![1.0, 0.0]]).unwrap();
    build(&path, Some("new"), |builder| {
        builder.put(id, "t", &[chunk("east")], Some(&new)).unwrap();
    });
    let index = Index::open(&path).unwrap();
    assert_eq!(index.find_nearest(&[1.0, 0.0], 9).unwrap().len(), 1);
}

#[test]
fn a_file_of_a_newer_release_is_told_apart_from_a_damaged_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("i.sqlite");
    build(&path, None, |_| {});
    let known: i64 = {
        let file = rusqlite::Connection::open(&path).unwrap();
        let known = file
            .pragma_query_value(None, "user_version", |row| row.get(0))
            .unwrap();
        file.pragma_update(None, "user_version", known + 1).unwrap();
        known
    };
    let opened = Index::open(&path);
    let Err(error @ IndexError::NewerFormat { .. }) = opened else {
        panic!("{opened:?}");
    };
    assert!(error.to_string().contains(&format!("format {}", known + 1)));
    assert!(matches!(
        IndexBuilder::open(&path, None).map(drop),
        Err(IndexError::NewerFormat { .. })
    ));
    for bytes in [
        &b"not a database, but long enough to be taken for one ............"[..],
        b"",
    ] {
        fs::write(&path, bytes).unwrap();
        let opened = Index::open(&path);
        assert!(matches!(opened, Err(IndexError::Corrupt(_))), "{opened:?}");
    }
    fs::remove_file(&path).unwrap();
    assert!(matches!(Index::open(&path), Err(IndexError::Gone)));
}

#[test]
fn a_reader_writes_nothing_beside_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("i.sqlite");
    build(&path, None, |builder| {
        builder
            .put(DocumentId::new(), "t", &[chunk("tide")], None)
            .unwrap();
    });
    assert_eq!(texts(&path, "tide").len(), 1);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

fn sample() -> (tempfile::TempDir, Index) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("i.sqlite");
    build(&path, None, |builder| {
        let chunks = [
            chunk("Tides NEAR the \"moon\""),
            chunk("日本語 and text:words*"),
        ];
        builder.put(DocumentId::new(), "t", &chunks, None).unwrap();
    });
    let index = Index::open(&path).unwrap();
    (folder, index)
}

#[test]
fn nothing_that_users_ask_is_an_error() {
    let (_folder, index) = sample();
    let signs = prop::sample::select(vec![
        "\"", "'", "*", "(", ")", ":", "^", "-", "+", "{", "}", ",", "\0", " ", " AND ", " OR ",
        " NOT ", "NEAR(", "text:", "title :", "日本", "ü", "½", "²", "𝟘", "ﷺ", "İ", "\u{300}", "ก็",
        "moon", "rank", "words", ";", "--", "%", "\\",
    ]);
    let mut runner = proptest::test_runner::TestRunner::default();
    let pieces =
        prop::collection::vec(signs.prop_map(String::from), 0..12).prop_map(|all| all.concat());
    runner
        .run(&prop_oneof![any::<String>(), pieces], |question| {
            if let Some(expression) = build_expression(&question) {
                let found = index.find_words(&expression, 5);
                prop_assert!(found.is_ok(), "{question:?} {expression} {found:?}");
            }
            Ok(())
        })
        .unwrap();
}
