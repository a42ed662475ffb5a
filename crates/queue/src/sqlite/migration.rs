//! The schema, step by step.

use std::path::Path;

use rusqlite::{Connection, Transaction, TransactionBehavior};
use rusqlite_migration::{Error, HookError, M, Migrations};
use tidewire_domain::QueueError;

use super::explanation::explain;

/// Only ever longer: a step that a release came with stays as it is.
const STEPS: [&str; 1] = [include_str!("migrations/1_initial.sql")];

/// Brings the schema up to date. Does not write where it is.
pub(super) fn migrate(path: &Path, connection: &mut Connection) -> Result<(), QueueError> {
    connection.set_transaction_behavior(TransactionBehavior::Immediate);
    let file = path.display();
    loop {
        let found = version(connection).map_err(|error| explain(path, &error))?;
        if found == STEPS.len() {
            return Ok(());
        }
        if found > STEPS.len() {
            return Err(QueueError::Unavailable(format!(
                "a newer release wrote the queue {file}: run that release, or move the file away to start with an empty queue"
            )));
        }
        match steps().to_latest(connection) {
            Ok(()) => {}
            Err(Error::RusqliteError { err, .. }) => return Err(explain(path, &err)),
            // Another process was faster: look again.
            Err(Error::Hook(_)) if version(connection).is_ok_and(|now| now > found) => {}
            Err(_) => {
                return Err(QueueError::Unavailable(format!(
                    "{file} is no queue of this app: move it away to start with an empty queue"
                )));
            }
        }
    }
}

/// The library reads the version before its transaction begins, when another process may be on the
/// same steps: so each step looks again inside of it, and the slower process takes none.
fn steps() -> Migrations<'static> {
    STEPS
        .into_iter()
        .enumerate()
        .map(|(step, sql)| {
            M::up_with_hook("", move |transaction: &Transaction| {
                if version(transaction)? > step {
                    return Err(HookError::Hook("the step was taken".into()));
                }
                Ok(transaction.execute_batch(sql)?)
            })
        })
        .collect()
}

fn version(connection: &Connection) -> Result<usize, rusqlite::Error> {
    connection
        .pragma_query_value(None, "user_version", |row| row.get::<_, u32>(0))
        .map(|version| version as usize)
}
