//! Processes that share a file, and one that is killed while it writes.

use std::{
    collections::HashMap,
    env,
    io::{self, BufRead, BufReader, Write},
    path::Path,
    process::{Child, Command, Stdio},
    sync::Arc,
};

use tidewire_domain::{Store, StoreError, TurnId};
use tidewire_store::SqliteStore;

use crate::scene::{
    alice, append, assert_sound, conversation, holder, inspect, is_stored, now, turn,
};

/// Runs [`child`] in a process of its own.
fn spawn(path: &Path, holder: u8, writers: u32, batches: u64) -> Child {
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["--exact", "processes::child", "--ignored", "--nocapture"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    writeln!(stdin, "{holder} {writers} {batches} {}", path.display()).unwrap();
    child
}

/// So many writers, each with a turn of its own, tell of every batch that was acknowledged.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the other tests start it"]
async fn child() {
    let order = io::stdin()
        .lines()
        .next()
        .transpose()
        .unwrap()
        .unwrap_or_default();
    let mut words = order.splitn(4, ' ');
    let mut number = || words.next().and_then(|word| word.parse::<u64>().ok());
    let (Some(by), Some(writers), Some(batches)) = (number(), number(), number()) else {
        return;
    };
    let store = Arc::new(SqliteStore::open(Path::new(words.next().unwrap())).unwrap());
    let by = holder(u8::try_from(by).unwrap());
    let mut tasks = Vec::new();
    for _ in 0..writers {
        let (store, by) = (Arc::clone(&store), by.clone());
        tasks.push(tokio::spawn(async move {
            let key = turn(&store, &by).await.unwrap();
            for seq in 1..=batches {
                // Some fit a page, some do not.
                let batch = append(&key, seq, usize::try_from(seq % 13).unwrap() * 700 + 1);
                let said = store.append(&by, vec![batch], now()).await.unwrap();
                assert!(is_stored(said[0]));
                writeln!(io::stdout(), "acknowledged {} {seq}", key.turn_id).unwrap();
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
}

/// The last acknowledged number of each turn, as the child told until its end or, where `kill_after`
/// says so, until it was killed.
fn listen(mut child: Child, kill_after: Option<usize>) -> HashMap<TurnId, u64> {
    let mut told = HashMap::new();
    let mut lines = 0;
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        let mut words = line
            .split(' ')
            .skip_while(|word| *word != "acknowledged")
            .skip(1);
        let (Some(turn), Some(seq)) = (words.next(), words.next()) else {
            continue;
        };
        // A line of a killed process may be cut off.
        if let (Ok(turn), Ok(seq)) = (turn.parse(), seq.parse()) {
            told.insert(turn, seq);
        }
        lines += 1;
        if Some(lines) == kill_after {
            child.kill().unwrap();
        }
    }
    let status = child.wait().unwrap();
    assert_eq!(status.success(), kill_after.is_none(), "{status}");
    told
}

/// The log has every number up to the turn's last one, and at least what was acknowledged.
async fn assert_kept(store: &SqliteStore, told: &HashMap<TurnId, u64>) {
    for (turn, acknowledged) in told {
        let page = store.events(&alice(), *turn, 0, u64::MAX).await.unwrap();
        assert!(
            page.turn.last_seq >= *acknowledged,
            "{} of {acknowledged}",
            page.turn.last_seq
        );
        let numbers: Vec<_> = page.batches.iter().map(|batch| batch.first_seq).collect();
        assert_eq!(numbers, (1..=page.turn.last_seq).collect::<Vec<_>>());
        for batch in &page.batches {
            let body_bytes = usize::try_from(batch.first_seq % 13).unwrap() * 700 + 1;
            assert_eq!(batch.body.len(), body_bytes);
        }
    }
}

#[tokio::test]
async fn processes_that_write_at_once_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tidewire.db");
    // They also race for who makes the schema.
    let children: Vec<_> = (1..=4).map(|by| spawn(&path, by, 2, 100)).collect();
    let mut told = HashMap::new();
    for child in children {
        told.extend(listen(child, None));
    }
    assert_eq!(told.len(), 8);
    assert!(told.values().all(|last| *last == 100));
    let store = SqliteStore::open(&path).unwrap();
    assert_kept(&store, &told).await;
    assert_eq!(store.running().await.unwrap().len(), 8);
    assert_sound(&inspect(&path));
}

#[tokio::test]
async fn a_killed_process_loses_nothing_that_was_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tidewire.db");
    let mut told = HashMap::new();
    for (by, kill_after) in [(1, 1), (2, 57), (3, 500), (4, 1500), (5, 230)] {
        let child = spawn(&path, by, 8, u64::MAX);
        told.extend(listen(child, Some(kill_after)));
        let store = SqliteStore::open(&path).unwrap();
        assert_kept(&store, &told).await;
        assert_sound(&inspect(&path));
    }
    assert!(told.len() > 30, "only {} turns were told of", told.len());
}

#[tokio::test]
async fn another_process_that_holds_the_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tidewire.db");
    let store = SqliteStore::open(&path).unwrap();
    let id = conversation(&store).await.unwrap();
    let other = inspect(&path);
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    // Reads go on; writes wait, and then say why.
    store.conversation(&alice(), id).await.unwrap();
    let said = conversation(&store).await;
    let Err(StoreError::Unavailable(text)) = said else {
        panic!("{said:?}");
    };
    assert!(
        text.contains("tidewire.db") && text.contains("another process"),
        "{text}"
    );
    other.execute_batch("COMMIT").unwrap();
    conversation(&store).await.unwrap();
}
