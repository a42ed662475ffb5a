//! PDF files.

use tidewire_knowledge::extract::{BlockKind, ExtractError, Limits, Place};

use crate::{docx::deflated, extract, extract_with, short, text, unreadable};

/// A file of these objects, numbered from 1, of which the first is the catalog.
fn pdf(objects: &[Vec<u8>], trailer: &str) -> Vec<u8> {
    let mut file = b"%PDF-1.7\n".to_vec();
    let mut offsets = Vec::new();
    for (number, object) in (1..).zip(objects) {
        offsets.push(file.len());
        file.extend(format!("{number} 0 obj\n").bytes());
        file.extend(object);
        file.extend(b"\nendobj\n");
    }
    let at = file.len();
    let count = objects.len() + 1;
    file.extend(format!("xref\n0 {count}\n0000000000 65535 f \n").bytes());
    for offset in offsets {
        file.extend(format!("{offset:010} 00000 n \n").bytes());
    }
    file.extend(
        format!("trailer\n<</Root 1 0 R/Size {count}{trailer}>>\nstartxref\n{at}\n%%EOF\n").bytes(),
    );
    file
}

fn object(text: impl Into<String>) -> Vec<u8> {
    text.into().into_bytes()
}

fn stream(dictionary: &str, data: &[u8]) -> Vec<u8> {
    let mut object = format!("<</Length {}{dictionary}>>stream\n", data.len()).into_bytes();
    object.extend(data);
    object.extend(b"\nendstream");
    object
}

/// The objects of a file with pages of these contents. More may follow from number 4 + 2 · pages.
fn pages(contents: &[Vec<u8>], resources: &str) -> Vec<Vec<u8>> {
    let kids: Vec<_> = (0..contents.len())
        .map(|at| format!("{} 0 R", 4 + 2 * at))
        .collect();
    let mut objects = vec![
        object("<</Type/Catalog/Pages 2 0 R>>"),
        object(format!(
            "<</Type/Pages/Kids[{}]/Count {}>>",
            kids.join(" "),
            kids.len()
        )),
        object("<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>"),
    ];
    for (at, content) in contents.iter().enumerate() {
        objects.push(object(format!(
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents {} 0 R/Resources<</Font<</F 3 0 R>>{resources}>>>>",
            5 + 2 * at
        )));
        objects.push(content.clone());
    }
    objects
}

fn words(text: &str) -> Vec<u8> {
    stream(
        "",
        format!("BT /F 12 Tf 50 700 Td ({text}) Tj ET").as_bytes(),
    )
}

#[tokio::test]
async fn pages_headings_paragraphs_and_lists_are_read() {
    let content = "BT /F 24 Tf 50 700 Td (A Title) Tj /F 12 Tf 0 -40 Td (First line of a para-) Tj 0 -14 Td \
                   [(graph. K)20(erned) -300 (words.)] TJ 0 -30 Td (\\225 an item) Tj 0 -14 Td (that goes on) Tj ET";
    let file = pdf(
        &pages(&[stream("", content.as_bytes()), words("caf\\351")], ""),
        "/Info<</Title(My\\040Title)>>",
    );
    let read = extract(&file, "a").await.unwrap();
    assert_eq!(read.title.as_deref(), Some("My Title"));
    let blocks: Vec<_> = read
        .blocks
        .iter()
        .map(|b| (b.kind, &*b.text, b.place))
        .collect();
    assert_eq!(
        blocks,
        [
            (BlockKind::Heading(1), "A Title", Place::Page(1)),
            (
                BlockKind::Paragraph,
                "First line of a paragraph. Kerned words.",
                Place::Page(1)
            ),
            (
                BlockKind::ListItem,
                "• an item that goes on",
                Place::Page(1)
            ),
            (BlockKind::Paragraph, "café", Place::Page(2)),
        ]
    );
}

#[tokio::test]
async fn what_stands_on_every_page_is_read_once() {
    let page = |number: usize| {
        let text = format!(
            "BT /F 10 Tf 50 780 Td (The Running Head) Tj 0 -80 Td (Text {}.) Tj 0 -600 Td (Page {number}) Tj 300 0 Td ({number}) Tj ET",
            ["one", "two", "three", "four"][number - 1],
        );
        stream("", text.as_bytes())
    };
    let file = pdf(&pages(&[page(1), page(2), page(3), page(4)], ""), "");
    let read = text(&file, "a.pdf").await;
    assert_eq!(
        read,
        "The Running Head\nText one.\nPage 1 1\nText two.\nText three.\nText four."
    );
}

#[tokio::test]
async fn a_scan_is_told_from_a_page_without_text() {
    let scan = stream(
        "",
        b"q 600 0 0 800 0 0 cm BI /W 1 /H 1 /BPC 8 /CS /G ID x EI Q",
    );
    let said = unreadable(&pdf(&pages(&[scan], ""), ""), "a.pdf").await;
    assert!(said.contains("pictures"), "{said}");
    let said = unreadable(
        &pdf(&pages(&[stream("", b"0 0 m 9 9 l S")], ""), ""),
        "a.pdf",
    )
    .await;
    assert!(said.contains("no text"), "{said}");
}

#[tokio::test]
async fn an_encrypted_document_is_named() {
    let mut objects = pages(&[words("secret")], "");
    let key = "41".repeat(32);
    objects.push(object(format!(
        "<</Filter/Standard/V 1/R 2/O<{key}>/U<{key}>/P -1>>"
    )));
    let file = pdf(&objects, "/Encrypt 6 0 R/ID[<41><41>]");
    assert!(unreadable(&file, "a.pdf").await.contains("password"));
}

#[tokio::test]
async fn a_document_that_was_cut_off_is_read_as_far_as_it_goes() {
    let file = pdf(&pages(&[words("words here")], ""), "");
    let all_but_the_index = &file[..file.len() - 60];
    assert_eq!(text(all_but_the_index, "a.pdf").await, "words here");
    assert!(unreadable(&file[..40], "a.pdf").await.contains("damaged"));
}

#[tokio::test]
async fn pages_that_contain_themselves_end() {
    let file = pdf(
        &[
            object("<</Type/Catalog/Pages 2 0 R>>"),
            object("<</Type/Pages/Kids[2 0 R 2 0 R]/Count 2>>"),
        ],
        "",
    );
    assert!(unreadable(&file, "a.pdf").await.contains("PDF"));
    let mut objects = pages(&[words("once")], "");
    objects[1] = object("<</Type/Pages/Kids[4 0 R 2 0 R 2 0 R]/Count 2147483647>>");
    assert_eq!(text(&pdf(&objects, ""), "a.pdf").await, "once");
}

#[tokio::test]
async fn an_object_stream_in_itself_ends() {
    let mut file = b"%PDF-1.7\n".to_vec();
    let at = file.len();
    // Object 2, the pages, and object 3, the stream itself, are in stream 3.
    let inner = b"2 0 3 10 <</Kids[]>> <<>>";
    file.extend(b"3 0 obj\n");
    file.extend(stream("/Type/ObjStm/N 2/First 9/Extends 3 0 R", inner));
    file.extend(b"\nendobj\n");
    let index = file.len();
    let rows: Vec<u8> = [
        [0, 0, 0],
        [2, 3, 0],
        [2, 3, 0],
        [2, 3, 1],
        [1, u8::try_from(index).unwrap(), 0],
    ]
    .concat();
    file.extend(b"4 0 obj\n");
    file.extend(stream("/Type/XRef/W[1 1 1]/Size 5/Root 1 0 R", &rows));
    file.extend(format!("\nendobj\nstartxref\n{index}\n%%EOF").bytes());
    assert!(at > 0);
    assert!(unreadable(&file, "a.pdf").await.contains("PDF"));
}

#[tokio::test]
async fn objects_may_be_nested_deeply() {
    let mut objects = pages(&[words("words")], "/X 6 0 R");
    objects.push(object(format!(
        "{}{}",
        "[".repeat(200_000),
        "]".repeat(200_000)
    )));
    objects.push(object(format!(
        "{}1{}",
        "<</A".repeat(200_000),
        ">>".repeat(200_000)
    )));
    match extract_with(short(), &pdf(&objects, "/Info 7 0 R"), "a.pdf").await {
        Ok(read) => assert_eq!(read.blocks[0].text, "words"),
        Err(error) => assert!(matches!(error, ExtractError::Unreadable(_)), "{error:?}"),
    }
}

#[tokio::test]
async fn a_stream_that_unpacks_to_gigabytes_takes_no_more_memory_than_is_allowed() {
    let limits = Limits {
        memory_bytes: 256 << 20,
        ..Limits::default()
    };
    // 16 GB of spaces, packed twice.
    let mut packed = vec![0x78, 0xda];
    packed.extend(deflated(b' ', 1000));
    let bomb = stream("/Filter/FlateDecode", &packed);
    let read = extract_with(limits, &pdf(&pages(&[bomb], ""), ""), "a.pdf").await;
    let is_told = match &read {
        Err(ExtractError::TooLarge(reason)) => reason.contains("256 MB of memory"),
        // The reader of PDF may refuse by itself.
        Err(ExtractError::Unreadable(reason)) => reason.contains("no text"),
        _ => false,
    };
    assert!(is_told, "{read:?}");
}

#[tokio::test]
async fn drawings_that_draw_each_other_take_no_more_time_than_is_allowed() {
    let mut objects = pages(&[stream("", b"/X0 Do")], "/XObject<</X0 6 0 R>>");
    for level in 1..=20 {
        let next = 6 + level;
        let form = format!(
            "/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X{level} {next} 0 R>>>>"
        );
        let calls = format!("/X{level} Do ").repeat(10);
        objects.push(stream(&form, calls.as_bytes()));
    }
    objects.push(stream("/Type/XObject/Subtype/Form/BBox[0 0 9 9]", b""));
    let read = extract_with(short(), &pdf(&objects, ""), "a.pdf").await;
    assert!(matches!(read, Err(ExtractError::TooLong(_))), "{read:?}");
}
