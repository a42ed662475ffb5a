//! The port behind which queues stand, and the jobs that they carry.

use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::{CollectionName, DocumentId, JobId, Lease, PrincipalId, SourceId, Timestamp};

/// Work for the worker. Every job may be delivered more than once, and in any order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "job", rename_all = "snake_case")]
pub enum Job {
    /// Reads a document's file into passages, and publishes them.
    IngestDocument {
        /// Whose it is.
        principal: PrincipalId,
        /// The document.
        document_id: DocumentId,
    },
    /// Publishes what is pending in a collection: after a deletion.
    PublishCollection {
        /// Whose it is.
        principal: PrincipalId,
        /// The collection.
        collection: CollectionName,
    },
    /// Looks at a source.
    RefreshSource {
        /// Whose it is.
        principal: PrincipalId,
        /// The source.
        source_id: SourceId,
    },
    /// Produces a turn that was begun for the queue.
    RunTurn {
        /// The lease that it was begun under, which the worker takes over: of many deliveries one.
        lease: Lease,
    },
    /// Deletes everything of a principal.
    DeleteUserData {
        /// Whose.
        principal: PrincipalId,
    },
}

impl Job {
    /// Its name, as in metrics and logs.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::IngestDocument { .. } => "ingest_document",
            Self::PublishCollection { .. } => "publish_collection",
            Self::RefreshSource { .. } => "refresh_source",
            Self::RunTurn { .. } => "run_turn",
            Self::DeleteUserData { .. } => "delete_user_data",
        }
    }
}

/// The right to end a delivery, as its queue names it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Receipt(pub String);

/// A job that was handed out. Others do not see it until its visibility ends.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivery {
    /// Names the job through all of its deliveries.
    pub id: JobId,
    /// The right to end this delivery.
    pub receipt: Receipt,
    /// The job, or the text that is none of this release's.
    pub job: Result<Job, String>,
    /// Which delivery this is, from 1.
    pub attempt: u32,
    /// When it was enqueued.
    pub enqueued_at: Timestamp,
}

/// A queue as it stands. Remote queues know this roughly, and late.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct QueueStats {
    /// Jobs that could be handed out.
    pub ready: u64,
    /// Jobs that are enqueued for later.
    pub delayed: u64,
    /// Jobs that are handed out.
    pub in_flight: u64,
    /// Jobs that were given up.
    pub dead: u64,
    /// How long the oldest of the ready ones has waited, where the queue knows.
    pub oldest_age: Option<Duration>,
}

/// Why a queue did not do what it was asked, by what the caller does about it.
#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    /// The delivery ended: its visibility ran out, or it was ended before. Another may have the job.
    #[error("the delivery is no longer this worker's")]
    ReceiptLost,
    /// The job does not fit the queue.
    #[error("the job is larger than the queue takes: {size_bytes} of {max_bytes} bytes")]
    TooLarge {
        /// Of the job.
        size_bytes: usize,
        /// Of the queue.
        max_bytes: usize,
    },
    /// The disk is full.
    #[error("the disk is full")]
    Full,
    /// It cannot be reached or does not answer; trying again may help.
    #[error("the queue is not available: {0}")]
    Unavailable(String),
}

/// A job that was given up, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct DeadJob {
    /// The job's name through all of its deliveries.
    pub id: JobId,
    /// The job, or the text that is none of this release's.
    pub job: Result<Job, String>,
    /// How often it was tried.
    pub attempts: u32,
    /// Why it was given up.
    pub reason: String,
    /// When.
    pub at: Timestamp,
}

/// How often a job is delivered before the queue itself gives it up.
pub const MAX_DELIVERIES: u32 = 5;

/// Where jobs wait. A job is delivered at least once; one that was delivered [`MAX_DELIVERIES`]
/// times without an end goes to the dead letters.
#[async_trait]
pub trait JobQueue: Send + Sync {
    /// Adds a job, to be handed out after `delay`.
    async fn enqueue(&self, job: &Job, delay: Duration) -> Result<JobId, QueueError>;

    /// Hands out up to `max` jobs, 1 to 10, for `visibility`. Waits up to `wait` for the first.
    async fn receive(
        &self,
        max: u32,
        wait: Duration,
        visibility: Duration,
    ) -> Result<Vec<Delivery>, QueueError>;

    /// Keeps a delivery from others for `visibility` from now.
    async fn extend(&self, receipt: &Receipt, visibility: Duration) -> Result<(), QueueError>;

    /// Ends deliveries whose jobs are done. Those that were lost are done all the same.
    async fn complete(&self, receipts: &[Receipt]) -> Result<(), QueueError>;

    /// Gives a delivery back, to be handed out again after `delay`.
    async fn give_back(&self, receipt: &Receipt, delay: Duration) -> Result<(), QueueError>;

    /// Moves a job to the dead letters, with the reason.
    async fn bury(&self, delivery: &Delivery, reason: &str) -> Result<(), QueueError>;

    /// How many jobs there are.
    async fn stats(&self) -> Result<QueueStats, QueueError>;

    /// Some of the dead letters, for whoever operates it.
    async fn dead_jobs(&self, max: u32) -> Result<Vec<DeadJob>, QueueError>;
}
