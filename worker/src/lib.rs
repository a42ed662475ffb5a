//! The worker: takes jobs from the queue, does them with bounded concurrency, and gives them back
//! where it must end before they do. Ports in, nothing else: it knows no settings and no HTTP.

mod backoff;
mod finisher;
mod job;
mod metrics;
mod runner;

pub use job::{JobHandler, Outcome};
pub use metrics::{Metrics, Snapshot};
pub use runner::{Worker, WorkerLimits};
