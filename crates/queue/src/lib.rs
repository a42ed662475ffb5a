//! The queues that hand jobs to the worker: adapters of [`tidewire_domain::JobQueue`].
//!
//! [`SqliteQueue`] keeps jobs in one `SQLite` file, which several processes of one machine may
//! share.

use std::time::Duration;

use tidewire_domain::MAX_DELIVERIES;

#[cfg(feature = "contract")]
pub mod contract;
mod job_text;
mod sqlite;

pub use sqlite::SqliteQueue;

/// The longest job as text: what a message of SQS may have (256 KiB), less room for what is kept
/// beside the job and, where it is given up, for the reason.
pub const MAX_JOB_BYTES: usize = 248 * 1024;

/// How long dead letters are kept.
pub const DEAD_LETTERS_KEPT: Duration = Duration::from_hours(14 * 24);

/// The reason of a job that the queue itself gave up.
fn spent_reason() -> String {
    format!(
        "it was delivered {MAX_DELIVERIES} times and never ended: the worker may have crashed on it"
    )
}
