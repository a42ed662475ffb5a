//! Why a piece of work on the database came to nothing.

use tidewire_domain::StoreError;

/// What a piece of work ends with when it does not end well.
#[derive(Debug)]
pub(super) enum Fault {
    /// The rows say no.
    Refused(StoreError),
    /// The database failed.
    Sqlite(rusqlite::Error),
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Refused(error)
    }
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}
