//! Files in a folder of this machine.

mod blobs;
mod draft;
mod etag;
mod failure;
mod grant;
mod listing;
mod pieces;

pub use blobs::LocalBlobs;
pub use grant::{BLOB_ROUTE, Grant, GrantError};
