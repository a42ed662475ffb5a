//! A full disk. `SQLite` says the same when it may not have more pages.

use tidewire_domain::{ConversationPatch, Store, StoreError};
use tidewire_store::SqliteStore;

use crate::scene::{
    alice, append, assert_sound, at_once, conversation, holder, inspect, is_stored, now, turn,
};

fn is_full<T>(result: &Result<T, StoreError>) -> bool {
    matches!(result, Err(StoreError::Full))
}

#[tokio::test]
async fn a_full_disk_is_told_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tidewire.db");
    let store = SqliteStore::open(&path).unwrap();
    let key = turn(&store, &holder(1)).await.unwrap();
    store.limit_pages(60).await.unwrap();

    let mut stored = 0;
    let refused = loop {
        let appends = vec![append(&key, stored + 1, 9000)];
        match store.append(&holder(1), appends, now()).await {
            Ok(said) => {
                assert!(said.into_iter().all(is_stored));
                stored += 1;
            }
            Err(error) => break error,
        }
        assert!(stored < 100, "it must be full by now");
    };
    assert!(matches!(refused, StoreError::Full), "{refused:?}");
    assert!(stored > 5);

    // What has no room is refused as a whole, what needs none still works.
    let two = vec![
        append(&key, stored + 1, 10),
        append(&key, stored + 2, 90_000),
    ];
    assert!(is_full(&store.append(&holder(1), two, now()).await));
    let read = store.turn(&alice(), key.turn_id).await.unwrap();
    assert_eq!(read.last_seq, stored);
    let change = ConversationPatch::default();
    store
        .update_conversation(&alice(), key.conversation_id, change, now())
        .await
        .unwrap();
    store.ready().await.unwrap();
    let log = store
        .events(&alice(), key.turn_id, 0, u64::MAX)
        .await
        .unwrap()
        .batches;
    assert_eq!(log.len() as u64, stored);
    assert_sound(&inspect(&path));

    store.limit_pages(u32::MAX).await.unwrap();
    let two = vec![
        append(&key, stored + 1, 10),
        append(&key, stored + 2, 90_000),
    ];
    let said = store.append(&holder(1), two, now()).await.unwrap();
    assert!(said.into_iter().all(is_stored));
}

#[tokio::test]
async fn room_is_made_by_deleting() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tidewire.db");
    let store = SqliteStore::open(&path).unwrap();
    let (large, small) = (
        turn(&store, &holder(1)).await.unwrap(),
        turn(&store, &holder(1)).await.unwrap(),
    );
    store
        .append(&holder(1), vec![append(&large, 1, 400_000)], now())
        .await
        .unwrap();
    store.limit_pages(1).await.unwrap();
    let append = vec![append(&small, 1, 100_000)];
    assert!(is_full(
        &store.append(&holder(1), append.clone(), now()).await
    ));
    store
        .delete_conversation(&alice(), large.conversation_id)
        .await
        .unwrap();
    let said = store.append(&holder(1), append, now()).await.unwrap();
    assert!(said.into_iter().all(is_stored));
}

#[tokio::test]
async fn of_commands_that_share_a_commit_those_that_fit_are_stored() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tidewire.db");
    let store = SqliteStore::open(&path).unwrap();
    let id = conversation(&store).await.unwrap();
    store.limit_pages(1).await.unwrap();
    let me = alice();
    let titled = |title: String| ConversationPatch {
        title: Some(title),
        ..ConversationPatch::default()
    };
    let change = |title: String| store.update_conversation(&me, id, titled(title), now());
    let said = at_once([
        change("a".into()),
        change("b".repeat(1_000_000)),
        change("c".into()),
    ])
    .await;
    assert!(
        said[0].is_ok() && is_full(&said[1]) && said[2].is_ok(),
        "{said:?}"
    );
    let read = store.conversation(&me, id).await.unwrap();
    assert_eq!(read.title.as_deref(), Some("c"));
}
