//! Publishing: what is pending, and what settles it.

use tidewire_domain::{DocumentStatus, DocumentStep};

use super::scene::{Subject, index_of, is_lost, name, read_step};
use crate::contract::scene::{alice, at};

/// A document that was read is pending until it is published, and ready then.
pub async fn what_was_read_is_pending_until_it_is_published(subject: &Subject) {
    let document = subject.read().await;
    let pending = subject.pending().await;
    assert_eq!(pending.len(), 1);
    assert_eq!((pending[0].id, pending[0].is_removal), (document.id, false));
    assert_eq!(pending[0].title, "Notes");
    assert_eq!(document.status, DocumentStatus::Ingesting);

    let lease = subject.lease().await;
    let next = subject.publish(&lease, &pending).await;
    assert_eq!((next.epoch, next.version), (lease.epoch, lease.version + 1));
    assert_eq!(next.index, Some(index_of(&lease)));
    assert_eq!(subject.pending_ids().await, []);
    let ready = subject.document(document.id).await;
    assert_eq!(
        (ready.status, ready.updated_at),
        (DocumentStatus::Ready, at(20))
    );
}

/// The published version is told with its file; the next lease begins with it.
pub async fn the_published_version_is_told(subject: &Subject) {
    subject.read().await;
    let seen = subject.other.collections(&alice()).await.unwrap();
    assert_eq!(seen.len(), 1);
    assert_eq!((&seen[0].name, seen[0].version), (&name(), 0));
    assert_eq!((&seen[0].index, seen[0].published_at), (&None, None));

    let lease = subject.lease().await;
    assert_eq!((lease.version, &lease.index), (0, &None));
    let next = subject.publish(&lease, &subject.pending().await).await;
    let seen = subject.other.collections(&alice()).await.unwrap();
    assert_eq!((seen[0].version, seen[0].published_at), (1, Some(at(20))));
    assert_eq!(seen[0].index, Some(index_of(&lease)));

    subject
        .library
        .release_collection(&alice(), &next)
        .await
        .unwrap();
    let later = subject.lease().await;
    assert_eq!((later.version, later.index), (1, Some(index_of(&lease))));
}

/// A change that comes between the look and the publication stays pending.
pub async fn a_change_during_publishing_stays_pending(subject: &Subject) {
    let (kept, again, deleted) = (
        subject.read().await.id,
        subject.read().await.id,
        subject.read().await.id,
    );
    let looked_at = subject.pending().await;
    assert_eq!(looked_at.len(), 3);
    let lease = subject.lease().await;
    subject.step(again, read_step()).await;
    subject
        .library
        .delete_document(&alice(), deleted, at(5))
        .await
        .unwrap();
    subject.publish(&lease, &looked_at).await;

    let mut left = subject.pending_ids().await;
    left.sort_unstable();
    let mut expected = vec![(again, false), (deleted, true)];
    expected.sort_unstable();
    assert_eq!(left, expected);
    assert_eq!(subject.document(kept).await.status, DocumentStatus::Ready);
    assert_eq!(
        subject.document(again).await.status,
        DocumentStatus::Ingesting
    );
}

/// A removal that is settled is forgotten: its id is free again.
pub async fn a_settled_removal_is_forgotten(subject: &Subject) {
    let id = subject.ready().await.id;
    subject
        .library
        .delete_document(&alice(), id, at(5))
        .await
        .unwrap();
    let removal = subject.pending().await;
    assert_eq!(removal.len(), 1);
    let lease = subject.lease().await;
    subject.publish(&lease, &removal).await;
    assert_eq!(subject.pending_ids().await, []);
    let new = tidewire_domain::NewDocument {
        id,
        ..super::scene::new_document()
    };
    subject.made(new).await;
}

/// A step that changes nothing in the index leaves a pending change pending.
pub async fn a_pending_change_survives_later_steps(subject: &Subject) {
    let id = subject.read().await.id;
    subject.step(id, DocumentStep::Began).await;
    assert_eq!(subject.pending_ids().await, [(id, false)]);
}

/// The same publication once more publishes nothing again, and settles what is left.
pub async fn a_publication_may_be_repeated(subject: &Subject) {
    let (one, two) = (subject.read().await.id, subject.read().await.id);
    let pending = subject.pending().await;
    let lease = subject.lease().await;
    let first = subject.publish(&lease, &pending[..1]).await;
    let second = subject.publish(&lease, &pending).await;
    assert_eq!(first, second);
    let seen = subject.other.collections(&alice()).await.unwrap();
    assert_eq!(seen[0].version, 1);
    for id in [one, two] {
        assert_eq!(subject.document(id).await.status, DocumentStatus::Ready);
    }
    // Two versions on, the first publication is history.
    subject.publish(&second, &[]).await;
    assert!(is_lost(&subject.try_publish(&lease, &pending).await));
}

/// The oldest change comes first, and no more than were asked for.
pub async fn the_oldest_change_comes_first(subject: &Subject) {
    let mut ids = Vec::new();
    for millis in [30, 10, 20] {
        let id = subject.queued().await.id;
        subject.step(id, DocumentStep::Began).await;
        let library = &subject.library;
        library
            .step_document(&alice(), id, read_step(), at(millis))
            .await
            .unwrap();
        ids.push(id);
    }
    let order = [(ids[1], false), (ids[2], false), (ids[0], false)];
    assert_eq!(subject.pending_ids().await, order);
    let two = subject
        .library
        .pending_documents(&alice(), &name(), 2)
        .await
        .unwrap();
    assert_eq!(
        two.iter().map(|one| one.id).collect::<Vec<_>>(),
        [ids[1], ids[2]]
    );
}

/// Changes to be settled that are made up, or of another collection, settle nothing.
pub async fn what_is_not_pending_is_not_settled(subject: &Subject) {
    let elsewhere = tidewire_domain::NewDocument {
        collection: "other".parse().unwrap(),
        ..super::scene::new_document()
    };
    let id = subject.made(elsewhere).await.id;
    subject.step(id, DocumentStep::Began).await;
    subject.step(id, read_step()).await;
    let other = "other".parse().unwrap();
    let pending = subject
        .library
        .pending_documents(&alice(), &other, 9)
        .await
        .unwrap();
    assert_eq!(pending.len(), 1);
    let queued = subject.queued().await;
    let mut made_up = pending[0].clone();
    made_up.id = queued.id;
    let lease = subject.lease().await;
    subject
        .publish(&lease, &[pending[0].clone(), made_up])
        .await;
    assert_eq!(subject.document(id).await.status, DocumentStatus::Ingesting);
    assert_eq!(subject.document(queued.id).await, queued);
}
