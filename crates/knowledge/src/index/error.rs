//! What goes wrong with indexes and the documents behind them.

use tidewire_domain::{BlobError, KnowledgeError, StoreError};

/// Why there is no index, by what the caller does about it.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// A newer release wrote it.
    #[error(
        "the index has format {found}, this release knows {known}: run the newer release, or read the documents once more with this one"
    )]
    NewerFormat {
        /// Of the file.
        found: i64,
        /// The newest that this release knows.
        known: i64,
    },
    /// The file is not there. It may have been a moment ago: ask for it once more.
    #[error("the file of the index is gone")]
    Gone,
    /// The file is damaged, or none of ours.
    #[error("the index is damaged: {0}")]
    Corrupt(String),
    /// The disk is full.
    #[error("the disk is full")]
    Full,
    /// Another publisher took over; it publishes what is pending.
    #[error("another publisher took the collection over")]
    LeaseLost,
    /// Something cannot be reached or does not answer; trying again may help.
    #[error("the documents cannot be reached: {0}")]
    Unavailable(String),
}

impl From<rusqlite::Error> for IndexError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::CannotOpen) => Self::Gone,
            Some(
                ErrorCode::SystemIoFailure
                | ErrorCode::OutOfMemory
                | ErrorCode::PermissionDenied
                | ErrorCode::ReadOnly
                | ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked,
            ) => Self::Unavailable(error.to_string()),
            // Our statements fit our files: where one fails, the file is not as we made it.
            _ => Self::Corrupt(error.to_string()),
        }
    }
}

impl From<std::io::Error> for IndexError {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Self::Full,
            std::io::ErrorKind::NotFound => Self::Gone,
            _ => Self::Unavailable(error.to_string()),
        }
    }
}

impl From<BlobError> for IndexError {
    fn from(error: BlobError) -> Self {
        match error {
            BlobError::NotFound => Self::Gone,
            BlobError::Full => Self::Full,
            other => Self::Unavailable(other.to_string()),
        }
    }
}

impl From<StoreError> for IndexError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::LeaseLost => Self::LeaseLost,
            StoreError::Full => Self::Full,
            other => Self::Unavailable(other.to_string()),
        }
    }
}

impl From<IndexError> for KnowledgeError {
    fn from(error: IndexError) -> Self {
        match error {
            IndexError::NewerFormat { .. } | IndexError::Corrupt(_) => {
                Self::Corrupt(error.to_string())
            }
            other => Self::Unavailable(other.to_string()),
        }
    }
}
