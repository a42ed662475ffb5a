//! The file, and what may be wrong with it.

use std::fs;

use tidewire_domain::{JobQueue, QueueError};
use tidewire_queue::SqliteQueue;

use crate::scene::{MINUTE, NONE, Place, enqueue};

fn refusal(place: &Place) -> String {
    match SqliteQueue::open(&place.path()) {
        Err(QueueError::Unavailable(text)) => text,
        other => panic!("{other:?}"),
    }
}

#[cfg(unix)]
#[tokio::test]
async fn only_its_owner_can_read_it() {
    use std::os::unix::fs::PermissionsExt;

    let place = Place::new();
    let queue = place.open();
    enqueue(&queue).await;
    let mut files = 0;
    for file in fs::read_dir(place.path().parent().unwrap()).unwrap() {
        let mode = file.unwrap().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        files += 1;
    }
    assert_eq!(files, 3);
}

#[test]
fn what_is_no_queue_is_named_and_left_alone() {
    let place = Place::new();
    fs::write(place.path(), "a text of some length, which is no database").unwrap();
    let text = refusal(&place);
    assert!(
        text.contains("jobs.db") && text.contains("move it away"),
        "{text}"
    );
    let left = fs::read_to_string(place.path()).unwrap();
    assert!(left.starts_with("a text"));
}

#[test]
fn a_queue_of_a_newer_release_is_left_alone() {
    let place = Place::new();
    drop(place.open());
    let file = rusqlite::Connection::open(place.path()).unwrap();
    file.pragma_update(None, "user_version", 99).unwrap();
    let text = refusal(&place);
    assert!(text.contains("newer release"), "{text}");
}

#[test]
fn a_missing_folder_is_named() {
    let place = Place::new();
    fs::remove_dir(place.path().parent().unwrap()).unwrap();
    let text = refusal(&place);
    assert!(
        text.contains("jobs.db") && text.contains("folder"),
        "{text}"
    );
}

#[tokio::test]
async fn a_full_disk_is_told_and_loses_nothing() {
    let place = Place::new();
    let queue = place.open();
    enqueue(&queue).await;
    queue.limit_pages(1).await.unwrap();
    let job = tidewire_domain::Job::DeleteUserData {
        principal: tidewire_domain::PrincipalId::new(&"x".repeat(100_000)),
    };
    let refused = queue.enqueue(&job, NONE).await;
    assert!(matches!(refused, Err(QueueError::Full)), "{refused:?}");
    // What needs no room still works.
    let found = queue.receive(10, NONE, MINUTE).await.unwrap();
    assert_eq!(found.len(), 1);
    queue.complete(&[found[0].receipt.clone()]).await.unwrap();
    queue.limit_pages(1000).await.unwrap();
    queue.enqueue(&job, NONE).await.unwrap();
    let found = queue.receive(10, NONE, MINUTE).await.unwrap();
    assert_eq!(found[0].job, Ok(job));
}
