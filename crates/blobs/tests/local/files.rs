//! The files, and what is done to them.

use std::{
    fs::{self, File},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use tidewire_blobs::{GrantError, LocalBlobs};
use tidewire_domain::{BlobError, BlobStore, Timestamp};

use crate::scene::{Place, key, terms};

async fn put(blobs: &LocalBlobs, path: &str, body: &'static str) {
    let body = Bytes::from_static(body.as_bytes());
    blobs.put(&key(path), body, "text/plain").await.unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn only_their_owner_can_read_them() {
    use std::os::unix::fs::PermissionsExt;

    let place = Place::new();
    put(&place.open(), "documents/1", "secret").await;
    let tree = place.tree();
    assert_eq!(
        tree,
        [".drafts", "alice", "alice/documents", "alice/documents/1"]
    );
    for path in [
        "",
        ".drafts",
        "alice",
        "alice/documents",
        "alice/documents/1",
    ] {
        let metadata = fs::metadata(place.root().join(path)).unwrap();
        let expected = if metadata.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(metadata.permissions().mode() & 0o777, expected, "{path}");
    }
}

#[tokio::test]
async fn emptied_folders_go_with_the_last_file() {
    let place = Place::new();
    let blobs = place.open();
    put(&blobs, "documents/1/original", "a").await;
    put(&blobs, "documents/2", "b").await;
    blobs.delete(&key("documents/1/original")).await.unwrap();
    assert_eq!(
        place.tree(),
        [".drafts", "alice", "alice/documents", "alice/documents/2"]
    );
    blobs.delete(&key("documents/2")).await.unwrap();
    assert_eq!(place.tree(), [".drafts"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_is_put_though_its_folder_is_deleted_meanwhile() {
    let place = Place::new();
    let blobs = Arc::new(place.open());
    let deleting = {
        let blobs = Arc::clone(&blobs);
        tokio::spawn(async move {
            for _ in 0..200 {
                blobs.delete(&key("a/b/c/deleted")).await.unwrap();
                blobs.delete(&key("a/b/c/kept")).await.unwrap();
            }
        })
    };
    for _ in 0..200 {
        put(&blobs, "a/b/c/kept", "x").await;
    }
    deleting.await.unwrap();
    put(&blobs, "a/b/c/kept", "x").await;
    assert_eq!(blobs.get(&key("a/b/c/kept"), 9).await.unwrap(), "x");
}

#[tokio::test]
async fn leftovers_of_a_crash_are_removed_and_uploads_that_run_are_not() {
    let place = Place::new();
    let blobs = place.open();
    let drafts = place.root().join(".drafts");
    fs::write(drafts.join("left"), "half a file").unwrap();
    // Another process writes it.
    let written = File::create(drafts.join("written")).unwrap();
    written.lock().unwrap();
    put(&blobs, "a", "kept").await;
    let reopened = place.open();
    assert_eq!(
        place.tree(),
        [".drafts", ".drafts/written", "alice", "alice/a"]
    );
    drop(written);
    assert_eq!(reopened.get(&key("a"), 9).await.unwrap(), "kept");
    place.open();
    assert_eq!(place.tree(), [".drafts", "alice", "alice/a"]);
}

#[tokio::test]
async fn a_file_that_another_program_changed_has_another_etag() {
    let place = Place::new();
    let blobs = place.open();
    put(&blobs, "a", "before").await;
    let before = blobs.info(&key("a")).await.unwrap();
    assert_eq!(place.open().info(&key("a")).await.unwrap(), before);
    let path = place.root().join("alice/a");
    fs::write(&path, "after!").unwrap();
    let after = blobs.info(&key("a")).await.unwrap();
    assert_eq!(after.size_bytes, before.size_bytes);
    assert_ne!(after.etag, before.etag);
    put(&blobs, "b", "after!").await;
    assert_eq!(blobs.info(&key("b")).await.unwrap(), after);
}

#[tokio::test]
async fn a_path_that_is_a_folder_of_others_is_named() {
    let place = Place::new();
    let blobs = place.open();
    put(&blobs, "a/b", "x").await;
    for path in ["a", "a/b/c"] {
        let body = Bytes::from_static(b"y");
        for said in [
            blobs.put(&key(path), body.clone(), "text/plain").await,
            blobs.put_new(&key(path), body, "text/plain").await,
        ] {
            let Err(BlobError::Unavailable(text)) = said else {
                panic!("{path}: {said:?}");
            };
            assert!(text.contains(path), "{text}");
        }
    }
    assert_eq!(blobs.get(&key("a/b"), 9).await.unwrap(), "x");
}

#[test]
fn a_file_in_the_place_of_the_folder_is_named() {
    let place = Place::new();
    fs::create_dir_all(place.root().parent().unwrap()).unwrap();
    fs::write(place.root(), "x").unwrap();
    let said = LocalBlobs::open(&place.root(), &[7; 32]).map(|_| ());
    let Err(BlobError::Unavailable(text)) = said else {
        panic!("{said:?}");
    };
    assert!(text.contains("data/blobs"), "{text}");
}

#[tokio::test]
async fn a_presigned_request_ends_when_it_was_said_to() {
    let place = Place::new();
    let blobs = place.open();
    let minute = Duration::from_mins(1);
    let before = Timestamp::now().as_millis();
    let request = blobs.presign_put(&key("a"), &terms(1), minute).await;
    let url = request.unwrap().url;
    let at = |millis| {
        let now = Timestamp::from_millis(before + millis);
        blobs.verify("PUT", &url, Some("text/plain"), now)
    };
    assert!(at(59_999).is_ok());
    // Made within a minute of that, for a minute.
    assert_eq!(at(121_000), Err(GrantError::Expired));
    let ages = Duration::MAX;
    let request = blobs.presign_put(&key("a"), &terms(1), ages).await.unwrap();
    let week = 7 * 24 * 3_600_000;
    let later = |millis| {
        let now = Timestamp::from_millis(before + millis);
        blobs.verify("PUT", &request.url, Some("text/plain"), now)
    };
    assert!(later(week - 1).is_ok());
    assert_eq!(later(week + 61_000), Err(GrantError::Expired));
}

#[test]
fn the_secret_is_not_shown() {
    let place = Place::new();
    let shown = format!("{:?}", place.open());
    assert!(shown.contains("blobs") && !shown.contains('7'), "{shown}");
}
