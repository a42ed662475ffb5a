//! What every adapter of [`tidewire_domain::JobQueue`] must do, as cases that [`queue_contract!`]
//! turns into tests.
//!
//! An adapter joins with one line, in a test that has tokio's macros at hand:
//!
//! ```text
//! tidewire_queue::queue_contract!(sqlite, async { Subject::new(queue, other, write, folder) });
//! ```
//!
//! Where a case needs time to pass, it waits for the job that comes by it, or for the end of a wait
//! in which none comes. An adapter whose clock is tokio's pauses that clock.
//!
//! [`queue_contract!`]: crate::queue_contract

#![expect(
    clippy::unwrap_used,
    reason = "a case fails by panicking, as a test does"
)]

mod cases;
pub mod dead_letters;
pub mod deliveries;
pub mod ends;
mod scene;
pub mod stats;

pub use scene::Subject;
