//! Where files are kept: adapters of [`tidewire_domain::BlobStore`].
//!
//! [`LocalBlobs`] keeps them under a folder of this machine.

mod attachment;
#[cfg(feature = "contract")]
pub mod contract;
mod local;
mod principal_name;
mod reading;

pub use attachment::content_disposition;
pub use local::{BLOB_ROUTE, Grant, GrantError, LocalBlobs};
