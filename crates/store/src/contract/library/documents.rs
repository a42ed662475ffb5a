//! Documents: making, reading, deleting.

use tidewire_domain::{
    DocumentId, DocumentStatus, DocumentStep, NewDocument, Origin, SourceId, StoreError,
};

use super::scene::{Subject, is_missing, name, new_document, read_step};
use crate::contract::scene::{alice, at};

/// Every field comes back.
pub async fn a_document_comes_back(subject: &Subject) {
    let new = NewDocument {
        title: "Straße \u{1f30a} 'notes'".into(),
        origin: Some(Origin {
            source_id: SourceId::new(),
            item_key: "https://example.org/a?b=\"c\"".into(),
        }),
        url: Some("https://example.org/a".into()),
        status: DocumentStatus::AwaitingUpload,
        size_bytes: 0,
        ..new_document()
    };
    let made = subject.made(new.clone()).await;
    assert_eq!(subject.document(new.id).await, made);
    assert_eq!(made.id, new.id);
    assert_eq!(made.collection, name());
    assert_eq!((made.title, made.file_name), (new.title, new.file_name));
    assert_eq!((made.origin, made.url), (new.origin, new.url));
    assert_eq!((made.status, made.size_bytes), (new.status, 0));
    assert_eq!((made.reason, made.passages), (None, 0));
    assert_eq!((made.created_at, made.updated_at), (at(0), at(0)));
}

/// A second document of the same id is refused, and changes nothing; also after a deletion that is
/// not settled.
pub async fn an_id_is_used_once(subject: &Subject) {
    let document = subject.ready().await;
    let again = || NewDocument {
        id: document.id,
        title: "other".into(),
        ..new_document()
    };
    let library = &subject.library;
    let said = library.create_document(&alice(), again(), at(5)).await;
    assert!(matches!(said, Err(StoreError::Changed)), "{said:?}");
    assert_eq!(subject.document(document.id).await, document);
    library
        .delete_document(&alice(), document.id, at(6))
        .await
        .unwrap();
    let said = library.create_document(&alice(), again(), at(7)).await;
    assert!(matches!(said, Err(StoreError::Changed)), "{said:?}");
}

/// What was deleted is gone for every method at once.
pub async fn a_deleted_document_is_gone_at_once(subject: &Subject) {
    for document in [
        subject.queued().await,
        subject.read().await,
        subject.ready().await,
    ] {
        let (library, id) = (&subject.library, document.id);
        let deleted = library.delete_document(&alice(), id, at(5)).await.unwrap();
        assert_eq!(deleted.id, id);
        assert!(is_missing(&subject.other.document(&alice(), id).await));
        assert!(is_missing(
            &library.delete_document(&alice(), id, at(6)).await
        ));
        for step in [DocumentStep::Began, read_step()] {
            assert!(is_missing(
                &library.step_document(&alice(), id, step, at(6)).await
            ));
        }
    }
    let nothing = DocumentId::new();
    assert!(is_missing(
        &subject.library.document(&alice(), nothing).await
    ));
}

/// A deletion stays pending where passages may be in the index, and nothing does where none are.
pub async fn a_deletion_is_pending_where_it_must_be(subject: &Subject) {
    let (queued, read) = (subject.queued().await, subject.read().await);
    for id in [queued.id, read.id] {
        subject
            .library
            .delete_document(&alice(), id, at(5))
            .await
            .unwrap();
    }
    assert_eq!(subject.pending_ids().await, [(read.id, true)]);
}
