//! What every adapter of [`tidewire_domain::BlobStore`] must do, as cases that [`blobs_contract!`]
//! turns into tests.
//!
//! An adapter joins with one line, in a test that has tokio's macros at hand:
//!
//! ```text
//! tidewire_blobs::blobs_contract!(local, async { Subject::new(store, other, base_url, folder) });
//! ```
//!
//! [`blobs_contract!`]: crate::blobs_contract

#![expect(
    clippy::unwrap_used,
    reason = "a case fails by panicking, as a test does"
)]

mod cases;
pub mod content;
pub mod isolation;
pub mod lists;
pub mod presigned;
mod scene;

pub use scene::Subject;
