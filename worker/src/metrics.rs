//! What the worker counts.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counters of one worker since its start. The queue itself knows its depth and its oldest job.
#[derive(Debug, Default)]
pub struct Metrics {
    in_flight: AtomicU64,
    done: AtomicU64,
    retried: AtomicU64,
    failed: AtomicU64,
}

/// The counters at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Snapshot {
    /// Jobs that run now.
    pub in_flight: u64,
    /// Jobs that were done.
    pub done: u64,
    /// Tries after which a job went back to the queue.
    pub retried: u64,
    /// Jobs that were given up.
    pub failed: u64,
}

impl Metrics {
    /// The counters now.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot {
            in_flight: self.in_flight.load(Ordering::Relaxed),
            done: self.done.load(Ordering::Relaxed),
            retried: self.retried.load(Ordering::Relaxed),
            failed: self.failed.load(Ordering::Relaxed),
        }
    }

    /// Counts a job that runs, until the guard goes.
    pub(crate) fn begin(&self) -> InFlight<'_> {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        InFlight(self)
    }

    pub(crate) fn count_done(&self) {
        self.done.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn count_retried(&self) {
        self.retried.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn count_failed(&self) {
        self.failed.fetch_add(1, Ordering::Relaxed);
    }
}

/// A job that runs.
pub(crate) struct InFlight<'a>(&'a Metrics);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}
