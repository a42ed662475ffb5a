//! What the tests play with.

use std::{path::PathBuf, sync::Arc, time::Duration};

use tempfile::TempDir;
use tidewire_domain::{DocumentId, Job, JobQueue, PrincipalId, Timestamp};
use tidewire_queue::SqliteQueue;
use tokio::time::Instant;

pub(crate) const NONE: Duration = Duration::ZERO;
pub(crate) const MINUTE: Duration = Duration::from_mins(1);

/// A folder for a queue.
pub(crate) struct Place {
    folder: TempDir,
    began: Instant,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            began: Instant::now(),
        }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("jobs.db")
    }

    /// A queue in which it is as late as tokio says.
    pub(crate) fn open(&self) -> SqliteQueue {
        let began = self.began;
        let clock = move || {
            let passed = i64::try_from(began.elapsed().as_millis()).unwrap();
            Timestamp::from_millis(1_790_000_000_000 + passed)
        };
        let queue = SqliteQueue::open(&self.path()).unwrap();
        queue.with_clock(Arc::new(clock))
    }
}

pub(crate) fn job() -> Job {
    Job::IngestDocument {
        principal: PrincipalId::new("alice"),
        document_id: DocumentId::new(),
    }
}

pub(crate) async fn enqueue(queue: &SqliteQueue) {
    queue.enqueue(&job(), NONE).await.unwrap();
}
