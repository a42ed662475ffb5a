//! Connections to the database file.

use std::{
    thread,
    time::{Duration, Instant},
};

use rusqlite::{Connection, ErrorCode, OpenFlags};
use tidewire_domain::StoreError;

use super::{database::Database, fault::Fault, migration::migrate};

/// How long one process waits while another one writes.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// More than there are statements, so that each is compiled once.
const STATEMENTS: usize = 64;

/// Makes the file and its schema where they are missing. There is one writing connection a process.
pub(super) fn open_writer(database: &Database) -> Result<Connection, StoreError> {
    database.create()?;
    let open = || {
        let mut connection = connect(database)?;
        switch_to_wal(&connection)?;
        // Commits reach the disk at the next checkpoint: a crash of the process loses nothing, one
        // of the machine the last moments, and neither damages the file.
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        // A burst must not leave a large file behind for good.
        connection.pragma_update(None, "journal_size_limit", 64 << 20)?;
        // In KiB, used when it is needed: the pages that a tick of thousands of turns touches.
        connection.pragma_update(None, "cache_size", -8192)?;
        migrate(database, &mut connection)?;
        Ok(connection)
    };
    open().map_err(|fault| match fault {
        Fault::Refused(error) => error,
        Fault::Sqlite(error) => database.explain(&error),
    })
}

/// Opens a connection that cannot write.
pub(super) fn open_reader(database: &Database) -> Result<Connection, rusqlite::Error> {
    let connection = connect(database)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

fn connect(database: &Database) -> Result<Connection, rusqlite::Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(database.path(), flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.pragma_update(None, "foreign_keys", true)?;
    Ok(connection)
}

/// The one statement in which `SQLite` does not wait for other processes by itself.
fn switch_to_wal(connection: &Connection) -> Result<(), rusqlite::Error> {
    let until = Instant::now() + BUSY_TIMEOUT;
    loop {
        match connection.pragma_update(None, "journal_mode", "wal") {
            Err(error)
                if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
                    && Instant::now() < until =>
            {
                thread::sleep(Duration::from_millis(1));
            }
            other => return other,
        }
    }
}
