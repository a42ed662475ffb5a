//! What a failure of the database means to whoever runs the app.

use std::path::Path;

use rusqlite::{Error, ErrorCode};
use tidewire_domain::QueueError;

/// The error for what failed on the file at `path`.
pub(super) fn explain(path: &Path, error: &Error) -> QueueError {
    let file = path.display();
    let Error::SqliteFailure(failure, _) = error else {
        return QueueError::Unavailable(format!(
            "a row in the queue {file} is not as this release writes it: run the release that wrote it, or move the file away to start with an empty queue"
        ));
    };
    QueueError::Unavailable(match failure.code {
        ErrorCode::DiskFull => return QueueError::Full,
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => {
            format!("another process holds the queue {file}: try again, or end that process")
        }
        ErrorCode::CannotOpen
        | ErrorCode::ReadOnly
        | ErrorCode::PermissionDenied
        | ErrorCode::AuthorizationForStatementDenied => format!(
            "the queue {file} cannot be opened: check that its folder exists and that this user may read and write both"
        ),
        ErrorCode::SystemIoFailure => format!(
            "the disk failed under the queue {file}: check the disk, this user's quota there, and the system's log"
        ),
        ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => format!(
            "the queue {file} is damaged: restore a backup, or move it away to start with an empty queue"
        ),
        _ => format!(
            "the queue {file} refused what it was asked (SQLite code {}): try again, and report it if it stays",
            failure.extended_code
        ),
    })
}
