//! Schemas of other releases.

use std::{
    sync::{Barrier, mpsc},
    thread,
    time::Duration,
};

use tidewire_domain::{ConversationId, Library, Store, StoreError};
use tidewire_store::SqliteStore;

use crate::scene::{alice, assert_sound, conversation, inspect};

fn version(path: &std::path::Path) -> i64 {
    inspect(path)
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .unwrap()
}

#[tokio::test]
async fn a_newer_schema_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tidewire.db");
    let store = SqliteStore::open(&path).unwrap();
    let id = conversation(&store).await.unwrap();
    store.close().await;
    let known = version(&path);
    inspect(&path)
        .pragma_update(None, "user_version", known + 1)
        .unwrap();
    match SqliteStore::open(&path) {
        Err(StoreError::NewerSchema {
            found,
            known: of_this,
        }) => {
            assert_eq!((found, of_this), (known + 1, known));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(version(&path), known + 1);
    inspect(&path)
        .pragma_update(None, "user_version", known)
        .unwrap();
    let store = SqliteStore::open(&path).unwrap();
    store.conversation(&alice(), id).await.unwrap();
}

/// The schema that the first release left behind.
const FIRST_SCHEMA: &str = include_str!("../../src/sqlite/migrations/1_initial.sql");

#[tokio::test]
async fn a_database_of_the_first_release_keeps_its_rows_and_gains_documents() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tidewire.db");
    let old = inspect(&path);
    old.execute_batch(FIRST_SCHEMA).unwrap();
    old.pragma_update(None, "user_version", 1).unwrap();
    let id = ConversationId::new();
    old.execute(
        "INSERT INTO conversations (id, principal, title, created_at, updated_at)
         VALUES (?1, 'alice', 'kept', 1, 1)",
        [id.to_string()],
    )
    .unwrap();
    drop(old);
    let store = SqliteStore::open(&path).unwrap();
    let kept = store.conversation(&alice(), id).await.unwrap();
    assert_eq!(kept.title.as_deref(), Some("kept"));
    assert_eq!(store.collections(&alice()).await.unwrap(), []);
    assert_sound(&inspect(&path));
}

#[test]
fn a_database_of_something_else_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tidewire.db");
    inspect(&path)
        .execute_batch("CREATE TABLE conversations (mine TEXT)")
        .unwrap();
    let opened = SqliteStore::open(&path);
    assert!(opened.is_err(), "{opened:?}");
    assert_eq!(version(&path), 0);
    let tables = "SELECT group_concat(name) FROM sqlite_schema";
    let left: String = inspect(&path)
        .query_one(tables, [], |row| row.get(0))
        .unwrap();
    assert_eq!(left, "conversations");
}

#[test]
fn stores_that_start_at_once_make_one_schema() {
    for _ in 0..20 {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tidewire.db");
        let barrier = Barrier::new(8);
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    barrier.wait();
                    SqliteStore::open(&path).unwrap();
                });
            }
        });
        assert_sound(&inspect(&path));
        assert_eq!(version(&path), 2);
    }
}

#[test]
fn a_file_that_another_process_is_making_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tidewire.db");
    let other = inspect(&path);
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let (tell, told) = mpsc::channel();
    thread::scope(|scope| {
        scope.spawn(|| tell.send(SqliteStore::open(&path).map(drop)).unwrap());
        let early = told.recv_timeout(Duration::from_millis(100));
        assert!(early.is_err(), "it did not wait: {early:?}");
        other.execute_batch("COMMIT").unwrap();
        told.recv().unwrap().unwrap();
    });
}
