//! Steps of documents.

use tidewire_domain::{Document, DocumentStatus, DocumentStep, NewDocument};

use super::scene::{Subject, failed_step, new_document, read_step};
use crate::contract::scene::{alice, at};

fn all_steps() -> [DocumentStep; 5] {
    [
        DocumentStep::Uploaded { size_bytes: 34 },
        DocumentStep::Requeued { size_bytes: 56 },
        DocumentStep::Began,
        read_step(),
        failed_step(),
    ]
}

async fn in_status(subject: &Subject, status: DocumentStatus) -> Document {
    match status {
        DocumentStatus::AwaitingUpload => {
            subject
                .made(NewDocument {
                    status,
                    ..new_document()
                })
                .await
        }
        DocumentStatus::Queued => subject.queued().await,
        DocumentStatus::Ingesting => {
            let id = subject.queued().await.id;
            subject.step(id, DocumentStep::Began).await
        }
        DocumentStatus::Ready => subject.ready().await,
        DocumentStatus::Failed => {
            let id = subject.queued().await.id;
            subject.step(id, failed_step()).await
        }
    }
}

/// From each status each step leads where it must, or nowhere.
pub async fn steps_are_taken_from_the_states_they_name(subject: &Subject) {
    use DocumentStatus::{AwaitingUpload, Failed, Ingesting, Queued, Ready};
    // In the order of `all_steps`; what is `None` changes nothing.
    let table = [
        (
            AwaitingUpload,
            [Some(Queued), None, None, None, Some(Failed)],
        ),
        (Queued, [None, None, Some(Ingesting), None, Some(Failed)]),
        (
            Ingesting,
            [None, None, Some(Ingesting), Some(Ingesting), Some(Failed)],
        ),
        (Ready, [None, Some(Queued), None, None, None]),
        (Failed, [None, Some(Queued), None, None, None]),
    ];
    for (from, leads) in table {
        for (step, to) in all_steps().into_iter().zip(leads) {
            let before = in_status(subject, from).await;
            assert_eq!(before.status, from);
            let after = subject
                .library
                .step_document(&alice(), before.id, step.clone(), at(99))
                .await
                .unwrap();
            match to {
                Some(to) => {
                    assert_eq!(after.status, to, "{from:?} {step:?}");
                    assert_eq!(after.updated_at, at(99));
                }
                None => assert_eq!(after, before, "{from:?} {step:?}"),
            }
            assert_eq!(subject.document(before.id).await, after);
        }
    }
}

/// Each step brings what it says, and nothing else.
pub async fn a_step_brings_what_it_says(subject: &Subject) {
    let made = in_status(subject, DocumentStatus::AwaitingUpload).await;
    let uploaded = subject
        .step(made.id, DocumentStep::Uploaded { size_bytes: 34 })
        .await;
    assert_eq!(
        (uploaded.size_bytes, uploaded.title.as_str()),
        (34, "notes.md")
    );
    subject.step(made.id, DocumentStep::Began).await;
    let read = subject.step(made.id, read_step()).await;
    assert_eq!(
        (read.title.as_str(), read.passages, read.size_bytes),
        ("Notes", 7, 34)
    );
    let failed = subject.step(made.id, failed_step()).await;
    assert!(failed.reason.unwrap().contains("encrypted"));
    let requeued = subject
        .step(made.id, DocumentStep::Requeued { size_bytes: 56 })
        .await;
    assert_eq!((requeued.reason, requeued.size_bytes), (None, 56));
    subject.step(made.id, DocumentStep::Began).await;
    let untitled = DocumentStep::Read {
        title: None,
        passages: 1,
    };
    let read = subject.step(made.id, untitled).await;
    assert_eq!((read.title.as_str(), read.passages), ("Notes", 1));
}

/// A document that fails after an earlier file of it was read is to be taken out, and stays failed.
pub async fn what_fails_later_is_taken_out(subject: &Subject) {
    let id = subject.ready().await.id;
    subject
        .step(id, DocumentStep::Requeued { size_bytes: 1 })
        .await;
    subject.step(id, DocumentStep::Began).await;
    assert_eq!(subject.pending_ids().await, []);
    subject.step(id, failed_step()).await;
    assert_eq!(subject.pending_ids().await, [(id, true)]);
    let lease = subject.lease().await;
    subject.publish(&lease, &subject.pending().await).await;
    assert_eq!(subject.pending_ids().await, []);
    assert_eq!(subject.document(id).await.status, DocumentStatus::Failed);
    // Now that nothing of it is in the index a deletion leaves nothing behind.
    subject
        .library
        .delete_document(&alice(), id, at(30))
        .await
        .unwrap();
    assert_eq!(subject.pending_ids().await, []);
}

/// One that was never read leaves nothing to be taken out.
pub async fn what_fails_first_is_not_pending(subject: &Subject) {
    let id = subject.queued().await.id;
    subject.step(id, failed_step()).await;
    assert_eq!(subject.pending_ids().await, []);
}
