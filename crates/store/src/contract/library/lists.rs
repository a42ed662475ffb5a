//! Lists and their cursors.

use tidewire_domain::{Document, DocumentQuery, NewDocument, StoreError};

use super::scene::{Subject, name, new_document, new_source};
use crate::contract::scene::{alice, at, page};

fn query(limit: u32, cursor: Option<String>, collection: Option<&str>) -> DocumentQuery {
    DocumentQuery {
        collection: collection.map(|name| name.parse().unwrap()),
        page: page(limit, cursor),
    }
}

async fn all_documents(subject: &Subject, limit: u32, collection: Option<&str>) -> Vec<Document> {
    let mut found = Vec::new();
    let mut cursor = None;
    loop {
        let asked = query(limit, cursor, collection);
        let page = subject.other.documents(&alice(), asked).await.unwrap();
        assert!(page.items.len() <= limit as usize);
        found.extend(page.items);
        assert!(found.len() <= 100, "pages of {limit} repeat");
        cursor = page.next_cursor;
        if cursor.is_none() {
            return found;
        }
    }
}

/// The newest first, also of one moment; whole, whatever the pages' size; by collection.
pub async fn documents_are_listed_newest_first(subject: &Subject) {
    for moment in [5, 1, 3, 3, 3, 2] {
        let collection = if moment == 3 {
            "threes".parse().unwrap()
        } else {
            name()
        };
        let new = NewDocument {
            collection,
            ..new_document()
        };
        subject
            .library
            .create_document(&alice(), new, at(moment))
            .await
            .unwrap();
    }
    let all = all_documents(subject, 100, None).await;
    assert!(all.is_sorted_by_key(|one| std::cmp::Reverse((one.created_at, one.id))));
    assert_eq!(all.len(), 6);
    let threes = all_documents(subject, 100, Some("threes")).await;
    assert_eq!(threes.len(), 3);
    assert_eq!(all_documents(subject, 100, Some("none")).await, []);
    for limit in [1, 2, 3, 5] {
        assert_eq!(all_documents(subject, limit, None).await, all);
        assert_eq!(all_documents(subject, limit, Some("threes")).await, threes);
    }
}

/// What is deleted is on no page.
pub async fn deleted_documents_are_not_listed(subject: &Subject) {
    let (gone, kept) = (subject.ready().await, subject.queued().await);
    subject
        .library
        .delete_document(&alice(), gone.id, at(5))
        .await
        .unwrap();
    assert_eq!(all_documents(subject, 10, None).await, [kept]);
}

/// Collections come by name, once they hold a document or were published.
pub async fn collections_are_listed_by_name(subject: &Subject) {
    let names = async || {
        let found = subject.other.collections(&alice()).await.unwrap();
        found
            .into_iter()
            .map(|one| one.name.to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(names().await, [""; 0]);
    for name in ["b", "a_2", "a", "a-1"] {
        let collection = name.parse().unwrap();
        subject
            .made(NewDocument {
                collection,
                ..new_document()
            })
            .await;
    }
    assert_eq!(names().await, ["a", "a-1", "a_2", "b"]);
    // A lease alone makes none; a publication does, and it outlives its documents.
    let lease = subject.lease().await;
    assert_eq!(names().await, ["a", "a-1", "a_2", "b"]);
    subject.publish(&lease, &[]).await;
    assert_eq!(names().await, ["a", "a-1", "a_2", "b", "documents"]);
}

/// The newest first, whole, whatever the pages' size.
pub async fn sources_are_listed_newest_first(subject: &Subject) {
    for moment in [5, 1, 3, 3, 2] {
        let new = new_source("https://example.org");
        subject
            .library
            .create_source(&alice(), new, at(moment))
            .await
            .unwrap();
    }
    let all = subject
        .other
        .sources(&alice(), page(100, None))
        .await
        .unwrap()
        .items;
    assert_eq!(all.len(), 5);
    assert!(all.is_sorted_by_key(|one| std::cmp::Reverse((one.created_at, one.id))));
    for limit in [1, 2, 5] {
        let (mut found, mut cursor) = (Vec::new(), None);
        loop {
            let asked = page(limit, cursor);
            let next = subject.other.sources(&alice(), asked).await.unwrap();
            found.extend(next.items);
            cursor = next.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(found, all);
    }
}

/// A cursor that the list did not give out is an error.
pub async fn an_odd_cursor_is_refused(subject: &Subject) {
    let invalid = |error: Option<StoreError>| matches!(error, Some(StoreError::InvalidCursor));
    subject.queued().await;
    subject.queued().await;
    let library = &subject.library;
    let of_documents = library
        .documents(&alice(), query(1, None, None))
        .await
        .unwrap()
        .next_cursor;
    let source = subject.source().await.id;
    for odd in [Some("x".to_owned()), Some(String::new()), of_documents] {
        assert!(odd.is_some());
        assert!(invalid(
            library.sources(&alice(), page(1, odd.clone())).await.err()
        ));
        assert!(invalid(
            library
                .source_items(&alice(), source, page(1, odd.clone()))
                .await
                .err()
        ));
        if odd.as_deref().is_some_and(|text| text.len() < 2) {
            assert!(invalid(
                library.documents(&alice(), query(1, odd, None)).await.err()
            ));
        }
    }
}
