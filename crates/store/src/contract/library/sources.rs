//! Sources: making, changing, deleting, and which are due.

use tidewire_domain::{NewSource, RunCounts, Schedule, Source, SourceKind, SourceRun, StoreError};

use super::scene::{Subject, is_missing, name, new_source};
use crate::contract::scene::{alice, at, bob};

/// Every kind and every field comes back.
pub async fn a_source_comes_back(subject: &Subject) {
    let kinds = [
        SourceKind::Feed {
            url: "https://example.org/feed?x=\"1\"".into(),
        },
        SourceKind::YoutubePlaylist {
            playlist_id: "PL-x_1".into(),
        },
        SourceKind::WebPage {
            url: "https://example.org/ü".into(),
        },
    ];
    for kind in kinds {
        let new = NewSource {
            kind: kind.clone(),
            title: "Straße".into(),
            collection: "news".parse().unwrap(),
            schedule: Some(Schedule {
                cron: "0 7 * * 1".into(),
                time_zone: "Europe/Lisbon".into(),
            }),
            next_run_at: Some(at(60)),
        };
        let made = subject
            .library
            .create_source(&alice(), new.clone(), at(1))
            .await
            .unwrap();
        assert_eq!(subject.other.source(&alice(), made.id).await.unwrap(), made);
        assert_eq!((made.kind, made.title), (kind, new.title));
        assert_eq!(
            (made.collection, made.schedule),
            (new.collection, new.schedule)
        );
        assert_eq!((made.next_run_at, made.last_run), (Some(at(60)), None));
        assert_eq!((made.created_at, made.updated_at), (at(1), at(1)));
        assert_eq!(made.validators, None);
    }
}

/// A change is stored whole, under the next revision, if the source is as the caller read it.
pub async fn of_two_changes_one_is_refused(subject: &Subject) {
    let read = subject.source().await;
    let changed = Source {
        kind: SourceKind::WebPage {
            url: "https://example.org/other".into(),
        },
        title: "Other".into(),
        collection: "other".parse().unwrap(),
        schedule: Some(Schedule {
            cron: "* * * * *".into(),
            time_zone: "UTC".into(),
        }),
        next_run_at: Some(at(7)),
        last_run: Some(SourceRun {
            started_at: at(3),
            finished_at: None,
            counts: RunCounts {
                new: 1,
                changed: 2,
                unchanged: 3,
                gone: 4,
                failed: 5,
            },
            error: Some("The server says \"no\".".into()),
        }),
        validators: Some("\"etag\"".into()),
        ..read.clone()
    };
    let stored = subject
        .library
        .update_source(&alice(), changed.clone(), at(4))
        .await
        .unwrap();
    assert!(stored.revision > read.revision);
    let expected = Source {
        revision: stored.revision,
        updated_at: at(4),
        ..changed.clone()
    };
    assert_eq!(stored, expected);
    assert_eq!(
        subject.other.source(&alice(), read.id).await.unwrap(),
        expected
    );

    let late = subject.other.update_source(&alice(), changed, at(5)).await;
    assert!(matches!(late, Err(StoreError::Changed)), "{late:?}");
    assert_eq!(
        subject.other.source(&alice(), read.id).await.unwrap(),
        expected
    );
    subject
        .library
        .update_source(&alice(), stored, at(6))
        .await
        .unwrap();
}

/// A deleted source is gone for every method.
pub async fn a_deleted_source_is_gone(subject: &Subject) {
    let source = subject.source().await;
    let library = &subject.library;
    library.delete_source(&alice(), source.id).await.unwrap();
    assert!(is_missing(&subject.other.source(&alice(), source.id).await));
    assert!(is_missing(
        &library.delete_source(&alice(), source.id).await
    ));
    assert!(is_missing(
        &library.update_source(&alice(), source, at(5)).await
    ));
}

/// Sources of all principals that are due come the longest due first; others do not.
pub async fn what_is_due_comes_in_order(subject: &Subject) {
    let mut ids = Vec::new();
    let due = [
        (alice(), Some(30)),
        (bob(), Some(10)),
        (alice(), Some(20)),
        (bob(), Some(31)),
        (alice(), None),
    ];
    for (principal, millis) in due {
        let new = NewSource {
            next_run_at: millis.map(at),
            ..new_source("https://example.org")
        };
        ids.push(
            subject
                .library
                .create_source(&principal, new, at(0))
                .await
                .unwrap()
                .id,
        );
    }
    let found = subject.other.due_sources(at(30), 9).await.unwrap();
    let seen: Vec<_> = found
        .iter()
        .map(|one| (one.principal.clone(), one.id, one.due_at))
        .collect();
    let expected = [
        (bob(), ids[1], at(10)),
        (alice(), ids[2], at(20)),
        (alice(), ids[0], at(30)),
    ];
    assert_eq!(seen, expected);
    let first = subject.other.due_sources(at(30), 1).await.unwrap();
    assert_eq!((first.len(), first[0].id), (1, ids[1]));
    assert_eq!(subject.other.due_sources(at(9), 9).await.unwrap(), []);
    // One that was looked at is due at its next time.
    let mut source = subject.library.source(&bob(), ids[1]).await.unwrap();
    source.next_run_at = Some(at(90));
    subject
        .library
        .update_source(&bob(), source, at(30))
        .await
        .unwrap();
    let found = subject.other.due_sources(at(30), 9).await.unwrap();
    assert_eq!(
        found.iter().map(|one| one.id).collect::<Vec<_>>(),
        [ids[2], ids[0]]
    );
}

/// A source outlives nothing of its documents, and they outlive it.
pub async fn documents_outlive_their_source(subject: &Subject) {
    let source = subject.source().await.id;
    let new = tidewire_domain::NewDocument {
        origin: Some(tidewire_domain::Origin {
            source_id: source,
            item_key: "k".into(),
        }),
        ..super::scene::new_document()
    };
    let document = subject.made(new).await;
    subject
        .library
        .delete_source(&alice(), source)
        .await
        .unwrap();
    assert_eq!(subject.document(document.id).await, document);
    assert_eq!(document.collection, name());
}
