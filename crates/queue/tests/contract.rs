//! The contract of the port, on every adapter.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{fs, path::Path, sync::Arc};

use tidewire_domain::Timestamp;
use tidewire_queue::{SqliteQueue, contract::Subject, queue_contract};
use tokio::time::Instant;

/// The other queue on the same file stands for another process. Time passes when all wait for it.
fn sqlite_subject() -> Subject {
    tokio::time::pause();
    let began = Instant::now();
    let clock = Arc::new(move || {
        let passed = i64::try_from(began.elapsed().as_millis()).unwrap();
        Timestamp::from_millis(1_790_000_000_000 + passed)
    });
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("jobs.db");
    let open = || {
        let queue = SqliteQueue::open(&path).unwrap();
        Arc::new(queue.with_clock(Arc::clone(&clock) as _))
    };
    let queue = open();
    let writer = Arc::clone(&queue);
    let write = move |text| {
        let queue = Arc::clone(&writer);
        async move { queue.enqueue_text(text).await.map(drop).unwrap() }
    };
    Subject::new(queue, open(), write, folder)
}

queue_contract!(sqlite, async { sqlite_subject() });

#[test]
fn every_case_is_listed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/contract");
    let listed = fs::read_to_string(folder.join("cases.rs")).unwrap();
    let mut cases = 0;
    for file in fs::read_dir(&folder).unwrap() {
        let file = file.unwrap().path();
        let topic = file.file_stem().unwrap().to_str().unwrap();
        for line in fs::read_to_string(&file).unwrap().lines() {
            if let Some(case) = line.strip_prefix("pub async fn ") {
                let case = case.split('(').next().unwrap();
                assert!(
                    listed.contains(&format!(" {topic}: {case},")),
                    "{topic}: {case} is missing in cases.rs"
                );
                cases += 1;
            }
        }
    }
    assert!(cases > 20, "only {cases} cases were found");
}
