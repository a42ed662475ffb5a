//! The file itself: made, refused, closed, emptied.

use std::{fs, path::Path};

use rusqlite::Connection;
use tidewire_domain::{ConversationPatch, FinishReason, FinishTurn, Store, StoreError};
use tidewire_store::SqliteStore;

use crate::scene::{
    alice, append, assert_sound, at_once, conversation, count, holder, inspect, is_stored, now,
    turn,
};

fn error(path: &Path) -> StoreError {
    SqliteStore::open(path).expect_err("it must not open")
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_can_read_it() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tidewire.db");
    let store = SqliteStore::open(&path).unwrap();
    conversation(&store).await.unwrap();
    let mut seen = 0;
    for file in fs::read_dir(folder.path()).unwrap() {
        let mode = file.unwrap().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        seen += 1;
    }
    assert_eq!(seen, 3, "the database, its log and its shared memory");
}

#[tokio::test]
async fn after_a_close_everything_is_in_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tidewire.db");
    let store = SqliteStore::open(&path).unwrap();
    let id = conversation(&store).await.unwrap();
    store.conversation(&alice(), id).await.unwrap();
    store.close().await;
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);

    assert!(matches!(
        store.ready().await,
        Err(StoreError::Unavailable(_))
    ));
    assert!(matches!(
        conversation(&store).await,
        Err(StoreError::Unavailable(_))
    ));
    store.close().await;
    let again = SqliteStore::open(&path).unwrap();
    again.conversation(&alice(), id).await.unwrap();
}

#[tokio::test]
async fn what_was_asked_before_a_close_is_answered() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tidewire.db");
    let store = SqliteStore::open(&path).unwrap();
    let asked = (0..100).map(|_| conversation(&store));
    let (made, ()) = tokio::join!(at_once(asked), store.close());
    assert_eq!(made.iter().filter(|made| made.is_ok()).count(), 100);
    assert_eq!(count(&inspect(&path), "conversations"), 100);
}

#[tokio::test]
async fn the_thread_ends_with_the_store() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tidewire.db");
    let store = SqliteStore::open(&path).unwrap();
    let id = conversation(&store).await.unwrap();
    drop(store);
    // An exclusive lock is refused for as long as another connection is open.
    let other = inspect(&path);
    other
        .busy_timeout(std::time::Duration::from_secs(5))
        .unwrap();
    other
        .pragma_update(None, "locking_mode", "exclusive")
        .unwrap();
    other.execute_batch("BEGIN EXCLUSIVE; COMMIT").unwrap();
    assert_eq!(count(&other, "conversations"), 1);
    drop(other);
    SqliteStore::open(&path)
        .unwrap()
        .conversation(&alice(), id)
        .await
        .unwrap();
}

#[test]
fn what_is_no_database_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.txt");
    fs::write(&path, "Dear diary, this is no database at all.".repeat(100)).unwrap();
    let before = fs::read(&path).unwrap();
    let StoreError::Corrupt(text) = error(&path) else {
        panic!("it must be corrupt");
    };
    assert!(
        text.contains("notes.txt") && text.contains("restore a backup"),
        "{text}"
    );
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn a_missing_folder_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let StoreError::Unavailable(text) = error(&folder.path().join("nowhere/tidewire.db")) else {
        panic!("it must be unavailable");
    };
    assert!(
        text.contains("nowhere") && text.contains("check that its folder exists"),
        "{text}"
    );
}

#[tokio::test]
async fn a_damaged_file_is_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tidewire.db");
    let store = SqliteStore::open(&path).unwrap();
    for _ in 0..200 {
        conversation(&store).await.unwrap();
    }
    store.close().await;
    let root = "SELECT rootpage FROM sqlite_schema WHERE name = 'conversations'";
    let page: u32 = inspect(&path)
        .query_one(root, [], |row| row.get(0))
        .unwrap();
    let mut bytes = fs::read(&path).unwrap();
    let start = (page as usize - 1) * 4096;
    bytes[start..start + 4096].fill(0xa5);
    fs::write(&path, bytes).unwrap();
    let store = SqliteStore::open(&path).unwrap();
    let read = conversation(&store).await;
    let Err(StoreError::Corrupt(text)) = read else {
        panic!("{read:?}");
    };
    assert!(
        text.contains("tidewire.db") && text.contains("restore a backup"),
        "{text}"
    );
}

#[tokio::test]
async fn a_row_of_another_making_is_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tidewire.db");
    let store = SqliteStore::open(&path).unwrap();
    let key = turn(&store, &holder(1)).await.unwrap();
    let other = inspect(&path);
    other
        .execute(
            "UPDATE messages SET parts = '[{\"type\":\"hologram\"}]'",
            [],
        )
        .unwrap();
    let page = tidewire_domain::PageRequest {
        limit: 9,
        cursor: None,
    };
    let read = store.messages(&alice(), key.conversation_id, page).await;
    assert!(matches!(read, Err(StoreError::Corrupt(_))), "{read:?}");
    // The others stay readable.
    store
        .conversation(&alice(), key.conversation_id)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_deletion_leaves_no_row_behind() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tidewire.db");
    let store = SqliteStore::open(&path).unwrap();
    let (gone, kept) = (
        turn(&store, &holder(1)).await.unwrap(),
        turn(&store, &holder(1)).await.unwrap(),
    );
    for seq in 1..=20 {
        let appends = vec![append(&gone, seq, 9000), append(&kept, seq, 9000)];
        let said = store.append(&holder(1), appends, now()).await.unwrap();
        assert!(said.into_iter().all(is_stored));
    }
    let end = FinishTurn {
        key: gone.clone(),
        epoch: 1,
        batch: append(&gone, 21, 10).batch,
        parts: vec![],
        usage: None,
        finish_reason: FinishReason::Stop,
        at: now(),
    };
    store.finish_turn(end).await.unwrap();
    store
        .delete_conversation(&alice(), gone.conversation_id)
        .await
        .unwrap();
    let file = inspect(&path);
    for (table, rows) in [
        ("conversations", 1),
        ("messages", 2),
        ("turns", 1),
        ("turn_batches", 20),
    ] {
        assert_eq!(count(&file, table), rows, "{table}");
    }
    store
        .delete_conversation(&alice(), kept.conversation_id)
        .await
        .unwrap();
    assert_eq!(count(&file, "turn_batches"), 0);
    assert_sound(&file);
}

#[tokio::test]
async fn a_long_path_of_messages_is_deleted() {
    // Deeper than SQLite lets triggers nest.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tidewire.db");
    let store = SqliteStore::open(&path).unwrap();
    let id = conversation(&store).await.unwrap();
    Connection::open(&path)
        .unwrap()
        .execute_batch(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
             INSERT INTO messages (pk, id, conversation, parent, role, parts, created_at)
             SELECT i, 'm' || i, 1, nullif(i - 1, 0), 'user', '[]', 0 FROM n",
        )
        .unwrap();
    store.delete_conversation(&alice(), id).await.unwrap();
    assert_eq!(count(&inspect(&path), "messages"), 0);
}

#[tokio::test]
async fn holders_of_nothing_are_forgotten_after_a_day() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tidewire.db");
    let store = SqliteStore::open(&path).unwrap();
    store.register_holder(&holder(1), now()).await.unwrap();
    store.register_holder(&holder(2), now()).await.unwrap();
    turn(&store, &holder(2)).await.unwrap();
    let later = tidewire_domain::Timestamp::from_millis(now().as_millis() + 25 * 3_600_000);
    store.register_holder(&holder(3), later).await.unwrap();
    assert_eq!(count(&inspect(&path), "holders"), 2);
    assert_eq!(store.running().await.unwrap()[0].holder, holder(2));
}

#[tokio::test]
async fn commands_that_share_a_commit_fail_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tidewire.db");
    let store = SqliteStore::open(&path).unwrap();
    let id = conversation(&store).await.unwrap();
    // One row breaks whatever writes to it; its neighbours in the group must not notice.
    let file = inspect(&path);
    file.execute_batch(
        "CREATE TRIGGER trap BEFORE UPDATE ON conversations WHEN new.title = 'trap'
         BEGIN SELECT raise(ROLLBACK, 'caught'); END",
    )
    .unwrap();
    let titled = |title: &str| ConversationPatch {
        title: Some(title.into()),
        ..ConversationPatch::default()
    };
    let me = alice();
    let mut asked = Vec::new();
    for number in 0..50 {
        let title = if number == 25 { "trap" } else { "fine" };
        asked.push(store.update_conversation(&me, id, titled(title), now()));
    }
    let said = at_once(asked).await;
    assert_eq!(said.iter().filter(|said| said.is_err()).count(), 1);
    let read = store.conversation(&me, id).await.unwrap();
    assert_eq!(read.title.as_deref(), Some("fine"));
}
