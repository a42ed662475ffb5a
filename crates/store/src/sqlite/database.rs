//! The database file, and its failures in words.

use std::{
    fs::OpenOptions,
    io,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use rusqlite::{Error, ErrorCode};
use tidewire_domain::StoreError;

/// Names the file that everything is kept in.
#[derive(Debug, Clone)]
pub(super) struct Database {
    path: PathBuf,
}

impl Database {
    pub(super) fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Makes the file, unless it is there, so that only its owner can read it. What `SQLite` puts
    /// beside it takes over its mode.
    pub(super) fn create(&self) -> Result<(), StoreError> {
        // Closing a file drops the locks that this process has on it, by whatever descriptor, and
        // SQLite's with them: nobody may open it in between.
        static CREATION: Mutex<()> = Mutex::new(());
        let _creation = CREATION.lock().unwrap_or_else(PoisonError::into_inner);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        match options.open(&self.path) {
            Ok(_) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
                ) =>
            {
                Err(StoreError::Full)
            }
            Err(error) => Err(StoreError::Unavailable(format!(
                "the database {} cannot be made ({error}): check that its folder exists and that this user may write there",
                self.path.display()
            ))),
        }
    }

    /// Says what `error` means to whoever runs the app.
    pub(super) fn explain(&self, error: &Error) -> StoreError {
        let file = self.path.display();
        match error {
            Error::SqliteFailure(failure, _) => match failure.code {
                ErrorCode::DiskFull => StoreError::Full,
                ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => {
                    StoreError::Unavailable(format!(
                        "another process holds the database {file}: try again, or end that process"
                    ))
                }
                ErrorCode::CannotOpen => StoreError::Unavailable(format!(
                    "the database {file} cannot be opened: check that it exists and that this user may read and write it and its folder"
                )),
                ErrorCode::ReadOnly
                | ErrorCode::PermissionDenied
                | ErrorCode::AuthorizationForStatementDenied => StoreError::Unavailable(format!(
                    "the database {file} cannot be written: give this user the right to write it and its folder"
                )),
                ErrorCode::SystemIoFailure => StoreError::Unavailable(format!(
                    "the disk failed under the database {file}: check the disk, this user's quota there, and the system's log"
                )),
                ErrorCode::DatabaseCorrupt => {
                    StoreError::Corrupt(format!("the database {file} is damaged: restore a backup"))
                }
                ErrorCode::NotADatabase => StoreError::Corrupt(format!(
                    "{file} is not a SQLite database: restore a backup, or move it away to start with an empty one"
                )),
                _ => StoreError::Unavailable(format!(
                    "the database {file} refused what it was asked (SQLite code {}): try again, and report it if it stays",
                    failure.extended_code
                )),
            },
            Error::FromSqlConversionFailure(..)
            | Error::IntegralValueOutOfRange(..)
            | Error::InvalidColumnType(..)
            | Error::Utf8Error(..) => StoreError::Corrupt(format!(
                "a row in the database {file} is not as this release writes it: run the release that wrote it, or restore a backup"
            )),
            _ => StoreError::Unavailable(format!(
                "the database {file} refused what it was asked: try again, and report it if it stays"
            )),
        }
    }

    pub(super) fn closed(&self) -> StoreError {
        StoreError::Unavailable(format!(
            "the database {} is closed: the app is shutting down",
            self.path.display()
        ))
    }
}
