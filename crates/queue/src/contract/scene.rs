//! What the cases play with.

use std::{any::Any, pin::Pin, sync::Arc, time::Duration};

use tidewire_domain::{Delivery, DocumentId, Job, JobQueue, PrincipalId};

/// Longer than any case runs.
pub(super) const LONG: Duration = Duration::from_mins(10);
/// As short as every queue can.
pub(super) const SHORT: Duration = Duration::from_secs(1);
/// Longer than [`SHORT`], by enough.
pub(super) const LONGER: Duration = Duration::from_secs(2);

type Writing = Pin<Box<dyn Future<Output = ()> + Send>>;

/// An empty queue under test.
pub struct Subject {
    pub(super) queue: Arc<dyn JobQueue>,
    pub(super) other: Arc<dyn JobQueue>,
    write: Box<dyn Fn(String) -> Writing + Send + Sync>,
    _keep: Box<dyn Any + Send + Sync>,
}

impl Subject {
    /// `other` stands for another process on the same queue. `write` adds a text in the place where
    /// the queue keeps a job, as another release may. `keep` lives as long as the case: a folder, a
    /// server.
    pub fn new<F>(
        queue: Arc<dyn JobQueue>,
        other: Arc<dyn JobQueue>,
        write: impl Fn(String) -> F + Send + Sync + 'static,
        keep: impl Any + Send + Sync,
    ) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        Self {
            queue,
            other,
            write: Box::new(move |text| Box::pin(write(text))),
            _keep: Box::new(keep),
        }
    }

    pub(super) async fn write(&self, text: &str) {
        (self.write)(text.to_owned()).await;
    }

    /// Adds a job, without a delay.
    pub(super) async fn enqueue(&self, job: &Job) {
        self.queue.enqueue(job, Duration::ZERO).await.unwrap();
    }

    /// The one job that comes, for so long.
    pub(super) async fn take(&self, visibility: Duration) -> Delivery {
        take(&*self.queue, visibility).await
    }

    /// Asserts that no job is handed out in so long a time.
    pub(super) async fn expect_nothing_for(&self, time: Duration) {
        let found = self.other.receive(10, time, LONG).await.unwrap();
        assert_eq!(found, []);
    }
}

pub(super) async fn take(queue: &dyn JobQueue, visibility: Duration) -> Delivery {
    let mut found = queue.receive(10, LONG, visibility).await.unwrap();
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

/// A job of this principal.
pub(super) fn job(principal: &str) -> Job {
    Job::IngestDocument {
        principal: PrincipalId::new(principal),
        document_id: DocumentId::new(),
    }
}
