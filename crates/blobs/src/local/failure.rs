//! What a failure of the file system means to the caller.

use std::io::{Error, ErrorKind};

use tidewire_domain::BlobError;

/// The error for what failed.
#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
pub(super) fn explain(error: Error) -> BlobError {
    match error.kind() {
        // A file where a folder would have to be: then nothing is under it.
        ErrorKind::NotFound | ErrorKind::NotADirectory => BlobError::NotFound,
        ErrorKind::AlreadyExists => BlobError::Exists,
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => BlobError::Full,
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => BlobError::Denied(format!(
            "{error}: give this user the right to read and write the folder `blobs` in the data directory"
        )),
        _ => BlobError::Unavailable(error.to_string()),
    }
}
