//! The items of sources.

use tidewire_domain::{DocumentId, SourceId, SourceItem, StoreError};

use super::scene::{Subject, is_missing};
use crate::contract::scene::{alice, at, page};

fn item(key: &str) -> SourceItem {
    SourceItem {
        key: key.into(),
        title: format!("about {key}"),
        url: None,
        fingerprint: None,
        document_id: None,
        error: None,
        updated_at: at(1),
    }
}

async fn all_items(subject: &Subject, source: SourceId) -> Vec<SourceItem> {
    let found = subject
        .other
        .source_items(&alice(), source, page(1000, None))
        .await
        .unwrap();
    assert_eq!(found.next_cursor, None);
    found.items
}

/// An item is stored in the place of the one that has its key.
pub async fn an_item_takes_the_place_of_its_key(subject: &Subject) {
    let source = subject.source().await.id;
    let library = &subject.library;
    library
        .put_source_item(&alice(), source, item("a"))
        .await
        .unwrap();
    let full = SourceItem {
        url: Some("https://example.org/a".into()),
        fingerprint: Some("f".into()),
        document_id: Some(DocumentId::new()),
        error: Some("There is no transcript.".into()),
        updated_at: at(9),
        ..item("a")
    };
    library
        .put_source_item(&alice(), source, full.clone())
        .await
        .unwrap();
    assert_eq!(all_items(subject, source).await, [full]);
}

/// Items come by key, whole, whatever the pages' size; keys are any text.
pub async fn items_are_listed_by_key(subject: &Subject) {
    let source = subject.source().await.id;
    let mut keys = ["b", "a", "https://example.org/?q=1:2", "ü", "", "a:b", "A"];
    for key in keys {
        subject
            .library
            .put_source_item(&alice(), source, item(key))
            .await
            .unwrap();
    }
    keys.sort_unstable();
    let found = all_items(subject, source).await;
    assert_eq!(
        found.iter().map(|one| one.key.as_str()).collect::<Vec<_>>(),
        keys
    );
    for limit in [1, 2, 7] {
        let (mut pages, mut cursor) = (Vec::new(), None);
        loop {
            let asked = page(limit, cursor);
            let next = subject
                .other
                .source_items(&alice(), source, asked)
                .await
                .unwrap();
            pages.extend(next.items);
            cursor = next.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(pages, found, "in pages of {limit}");
    }
}

/// A cursor of another source's items is an error.
pub async fn a_cursor_of_another_source_is_refused(subject: &Subject) {
    let (one, two) = (subject.source().await.id, subject.source().await.id);
    let library = &subject.library;
    for key in ["a", "b"] {
        library
            .put_source_item(&alice(), one, item(key))
            .await
            .unwrap();
    }
    let cursor = library
        .source_items(&alice(), one, page(1, None))
        .await
        .unwrap()
        .next_cursor;
    let said = library.source_items(&alice(), two, page(1, cursor)).await;
    assert!(matches!(said, Err(StoreError::InvalidCursor)));
}

/// What is forgotten is gone; what is not there may be forgotten.
pub async fn an_item_is_forgotten(subject: &Subject) {
    let source = subject.source().await.id;
    let library = &subject.library;
    library
        .put_source_item(&alice(), source, item("a"))
        .await
        .unwrap();
    library
        .put_source_item(&alice(), source, item("b"))
        .await
        .unwrap();
    for _ in 0..2 {
        library
            .delete_source_item(&alice(), source, "a")
            .await
            .unwrap();
        assert_eq!(all_items(subject, source).await, [item("b")]);
    }
}

/// Items go with their source, and none is stored without one.
pub async fn items_go_with_their_source(subject: &Subject) {
    let source = subject.source().await.id;
    let library = &subject.library;
    library
        .put_source_item(&alice(), source, item("a"))
        .await
        .unwrap();
    library.delete_source(&alice(), source).await.unwrap();
    assert!(is_missing(
        &library.source_items(&alice(), source, page(9, None)).await
    ));
    assert!(is_missing(
        &library.put_source_item(&alice(), source, item("b")).await
    ));
    assert!(is_missing(
        &library.delete_source_item(&alice(), source, "a").await
    ));
}
