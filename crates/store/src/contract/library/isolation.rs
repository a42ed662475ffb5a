//! What is one principal's is not there for another.

use tidewire_domain::{DocumentQuery, DocumentStep, NewDocument, SourceItem};

use super::scene::{Subject, index_of, is_lost, is_missing, name, new_document, read_step};
use crate::contract::scene::{alice, at, bob, page};

/// Documents of another are not read, listed, stepped or deleted.
pub async fn nobody_reaches_anothers_documents(subject: &Subject) {
    let document = subject.ready().await;
    let (library, id) = (&subject.library, document.id);
    assert!(is_missing(&library.document(&bob(), id).await));
    let everything = DocumentQuery {
        collection: None,
        page: page(9, None),
    };
    assert_eq!(
        library.documents(&bob(), everything).await.unwrap().items,
        []
    );
    for step in [
        DocumentStep::Requeued { size_bytes: 1 },
        DocumentStep::Began,
        read_step(),
    ] {
        assert!(is_missing(
            &library.step_document(&bob(), id, step, at(5)).await
        ));
    }
    assert!(is_missing(
        &library.delete_document(&bob(), id, at(5)).await
    ));
    assert_eq!(subject.document(id).await, document);
}

/// Ids are each principal's own: the same one names two documents.
pub async fn an_id_may_be_anothers_too(subject: &Subject) {
    let hers = subject.ready().await;
    let new = NewDocument {
        id: hers.id,
        title: "his".into(),
        ..new_document()
    };
    let his = subject
        .library
        .create_document(&bob(), new, at(5))
        .await
        .unwrap();
    assert_eq!(subject.document(hers.id).await, hers);
    assert_eq!(subject.other.document(&bob(), hers.id).await.unwrap(), his);
    subject
        .library
        .delete_document(&bob(), his.id, at(6))
        .await
        .unwrap();
    assert_eq!(subject.document(hers.id).await, hers);
}

/// Collections of the same name are two: what is pending, leased and published is each one's own.
pub async fn nobody_reaches_anothers_collection(subject: &Subject) {
    let document = subject.read().await;
    let pending = subject.pending().await;
    let library = &subject.library;
    assert_eq!(library.collections(&bob()).await.unwrap(), []);
    assert_eq!(
        library.pending_documents(&bob(), &name(), 9).await.unwrap(),
        []
    );

    let hers = subject.lease().await;
    let his = library
        .lease_collection(&bob(), &name(), at(10), at(1010))
        .await
        .unwrap()
        .unwrap();
    // His publication settles nothing of hers, whatever it names.
    library
        .publish_collection(&bob(), &his, &index_of(&his), &pending, at(1010), at(20))
        .await
        .unwrap();
    assert_eq!(subject.document(document.id).await, document);
    assert_eq!(subject.pending().await, pending);
    assert_eq!(library.collections(&alice()).await.unwrap()[0].version, 0);

    // Her lease is nothing in his hands. Epochs may be equal: hers is raised beyond his.
    library.release_collection(&alice(), &hers).await.unwrap();
    let hers = subject.lease().await;
    let published = library
        .publish_collection(&bob(), &hers, &index_of(&hers), &[], at(1010), at(20))
        .await;
    assert!(is_lost(&published));
    assert!(is_lost(
        &library.renew_collection(&bob(), &hers, at(9000)).await
    ));
    library.release_collection(&bob(), &hers).await.unwrap();
    let held = library
        .lease_collection(&alice(), &name(), at(11), at(1000))
        .await
        .unwrap();
    assert_eq!(held, None);
}

/// Sources and items of another are not read, listed, changed or deleted.
pub async fn nobody_reaches_anothers_sources(subject: &Subject) {
    let source = subject.source().await;
    let (library, id) = (&subject.library, source.id);
    let item = SourceItem {
        key: "k".into(),
        title: "t".into(),
        url: None,
        fingerprint: None,
        document_id: None,
        error: None,
        updated_at: at(1),
    };
    library
        .put_source_item(&alice(), id, item.clone())
        .await
        .unwrap();

    assert!(is_missing(&library.source(&bob(), id).await));
    assert_eq!(
        library.sources(&bob(), page(9, None)).await.unwrap().items,
        []
    );
    assert!(is_missing(
        &library.update_source(&bob(), source.clone(), at(5)).await
    ));
    assert!(is_missing(&library.delete_source(&bob(), id).await));
    assert!(is_missing(
        &library.source_items(&bob(), id, page(9, None)).await
    ));
    assert!(is_missing(
        &library.put_source_item(&bob(), id, item.clone()).await
    ));
    assert!(is_missing(
        &library.delete_source_item(&bob(), id, "k").await
    ));

    assert_eq!(library.source(&alice(), id).await.unwrap(), source);
    let items = library
        .source_items(&alice(), id, page(9, None))
        .await
        .unwrap()
        .items;
    assert_eq!(items, [item]);
}
