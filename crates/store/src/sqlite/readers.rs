//! The connections that read.

use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use tidewire_domain::StoreError;
use tokio::{sync::Semaphore, task::spawn_blocking};

use super::{connection::open_reader, database::Database, fault::Fault};

/// Reads are short and mostly served from memory: more at once would only fight for the cores.
const CONNECTIONS: u32 = 4;

/// A few connections, opened when they are first needed. Reads run beside the writer and see what
/// was committed before they began.
#[derive(Debug)]
pub(super) struct Readers {
    database: Arc<Database>,
    permits: Arc<Semaphore>,
    idle: Arc<Mutex<Vec<Connection>>>,
}

impl Readers {
    pub(super) fn new(database: Arc<Database>) -> Self {
        Self {
            database,
            permits: Arc::new(Semaphore::new(CONNECTIONS as usize)),
            idle: Arc::default(),
        }
    }

    /// Runs `work` on one state of the database. Dropping the future does not end the work.
    pub(super) async fn read<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    {
        let permit = Arc::clone(&self.permits)
            .acquire_owned()
            .await
            .map_err(|_| self.database.closed())?;
        let (database, idle) = (Arc::clone(&self.database), Arc::clone(&self.idle));
        let read = move || {
            let idle_one = lock(&idle).pop();
            let connection = match idle_one {
                Some(connection) => connection,
                None => open_reader(&database)?,
            };
            let result = {
                let transaction = connection.unchecked_transaction()?;
                work(&transaction)
            };
            // A connection that failed may go on failing: the next read opens another.
            if !matches!(result, Err(Fault::Sqlite(_))) {
                lock(&idle).push(connection);
            }
            drop(permit);
            result
        };
        match spawn_blocking(read).await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(Fault::Refused(error))) => Err(error),
            Ok(Err(Fault::Sqlite(error))) => Err(self.database.explain(&error)),
            Err(_) => Err(self.database.closed()),
        }
    }

    /// Waits for the reads that run and closes the connections. Later reads fail.
    pub(super) async fn close(&self) {
        let all = self.permits.acquire_many(CONNECTIONS).await;
        self.permits.close();
        drop(all);
        lock(&self.idle).clear();
    }
}

fn lock(idle: &Mutex<Vec<Connection>>) -> std::sync::MutexGuard<'_, Vec<Connection>> {
    idle.lock().unwrap_or_else(PoisonError::into_inner)
}
