//! What every adapter of [`tidewire_domain::Store`] must do, as cases that [`store_contract!`] turns
//! into tests; and in [`library`] the same for [`tidewire_domain::Library`].
//!
//! An adapter joins with one line, in a test that has tokio's macros at hand:
//!
//! ```text
//! tidewire_store::store_contract!(sqlite, async { Subject::new(store, other, folder) });
//! ```
//!
//! [`store_contract!`]: crate::store_contract

#![expect(
    clippy::unwrap_used,
    reason = "a case fails by panicking, as a test does"
)]

mod cases;
pub mod conversations;
pub mod events;
pub mod finish;
pub mod isolation;
pub mod leases;
pub mod library;
pub mod lists;
pub mod messages;
pub mod parents;
mod scene;
pub mod texts;
pub mod turns;

pub use scene::Subject;
