//! The database file, and the one connection that a process has to it.

use std::{
    fs::OpenOptions,
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

use rusqlite::{Connection, ErrorCode, OpenFlags};
use tidewire_domain::QueueError;
use tokio::task::spawn_blocking;

use super::{explanation::explain, migration::migrate};

/// How long one process waits while another one writes.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// More than there are statements, so that each is compiled once.
const STATEMENTS: usize = 32;

/// The file and the connection. All work goes through the one connection, a piece at a time: jobs
/// take far longer than what the queue does about them.
#[derive(Debug)]
pub(super) struct Database {
    path: PathBuf,
    connection: Arc<tokio::sync::Mutex<Connection>>,
}

impl Database {
    /// Makes the file and its schema where they are missing.
    pub(super) fn open(path: &Path) -> Result<Self, QueueError> {
        create(path)?;
        let mut connection = connect(path).map_err(|error| explain(path, &error))?;
        migrate(path, &mut connection)?;
        Ok(Self {
            path: path.to_owned(),
            connection: Arc::new(tokio::sync::Mutex::new(connection)),
        })
    }

    /// Runs `work` on a thread where it may block. Dropping the future does not end the work.
    pub(super) async fn run<T, F>(&self, work: F) -> Result<T, QueueError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Connection) -> Result<T, rusqlite::Error> + Send + 'static,
    {
        let mut connection = Arc::clone(&self.connection).lock_owned().await;
        match spawn_blocking(move || work(&mut connection)).await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => Err(explain(&self.path, &error)),
            Err(_) => Err(QueueError::Unavailable(format!(
                "the queue {} is closed: the app is shutting down",
                self.path.display()
            ))),
        }
    }
}

/// Makes the file, unless it is there, so that only its owner can read it. What `SQLite` puts
/// beside it takes over its mode.
fn create(path: &Path) -> Result<(), QueueError> {
    // Closing a file drops the locks that this process has on it, by whatever descriptor, and
    // SQLite's with them: nobody may open it in between.
    static CREATION: Mutex<()> = Mutex::new(());
    let _creation = CREATION.lock().unwrap_or_else(PoisonError::into_inner);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path).map_err(|error| (error.kind(), error)) {
        Ok(_) | Err((io::ErrorKind::AlreadyExists, _)) => Ok(()),
        Err((io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded, _)) => {
            Err(QueueError::Full)
        }
        Err((_, error)) => Err(QueueError::Unavailable(format!(
            "the queue {} cannot be made ({error}): check that its folder exists and that this user may write there",
            path.display()
        ))),
    }
}

fn connect(path: &Path) -> Result<Connection, rusqlite::Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    switch_to_wal(&connection)?;
    // A job that was accepted survives a power failure: nobody would ask for it again.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "journal_size_limit", 4 << 20)?;
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
