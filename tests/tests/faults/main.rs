//! What breaks, and what is left of it: models, processes, disks, readers.
#![expect(
    clippy::unwrap_used,
    reason = "what a test does not expect must end it, also outside of the test's own function"
)]

mod crash;
mod full_disk;
mod model;
mod model_on_v1;
mod refused_writes;
mod shutdown;
mod slow_reader;
mod two_processes;
