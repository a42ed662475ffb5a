//! What the runner asks of whoever does the jobs.

use std::time::Duration;

use async_trait::async_trait;
use tidewire_domain::Job;

/// What became of one try at a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is done, or there is nothing to do: also where its subject is gone, or was found to be
    /// unusable and is marked so.
    Done,
    /// It may succeed later.
    Retry {
        /// Why not now, in a sentence for the owner of what the job is about.
        reason: String,
        /// How long to wait, where somebody said so.
        after: Option<Duration>,
    },
}

impl Outcome {
    /// To be tried again, as late as the number of tries says.
    pub fn retry(reason: &(impl ToString + ?Sized)) -> Self {
        Self::Retry {
            reason: reason.to_string(),
            after: None,
        }
    }
}

/// Does jobs. A job may come twice, also at the same time, and its future may be dropped at any
/// point where it waits: whatever it does must bear that.
#[async_trait]
pub trait JobHandler: Send + Sync + 'static {
    /// Tries to do it.
    async fn run(&self, job: &Job) -> Outcome;

    /// It was given up for this reason: shows it where the owner looks.
    async fn give_up(&self, job: &Job, reason: &str);
}
