//! The schema, step by step.

use rusqlite::{Connection, Transaction, TransactionBehavior};
use rusqlite_migration::{Error, HookError, M, Migrations};
use tidewire_domain::StoreError;

use super::{database::Database, fault::Fault};

/// Only ever longer: a step that a release came with stays as it is.
const STEPS: [&str; 2] = [
    include_str!("migrations/1_initial.sql"),
    include_str!("migrations/2_library.sql"),
];

/// Brings the schema up to date. Does not write where it is.
pub(super) fn migrate(database: &Database, connection: &mut Connection) -> Result<(), Fault> {
    let known = i64::try_from(STEPS.len()).expect("there are few steps");
    connection.set_transaction_behavior(TransactionBehavior::Immediate);
    loop {
        let found = version(connection)?;
        if found == known {
            return Ok(());
        }
        if found > known {
            return Err(StoreError::NewerSchema { found, known }.into());
        }
        match steps().to_latest(connection) {
            Ok(()) => {}
            Err(Error::RusqliteError { err, .. }) => return Err(err.into()),
            // Another process was faster: look again.
            Err(Error::Hook(_)) if version(connection)? > found => {}
            Err(_) => {
                return Err(StoreError::Corrupt(format!(
                    "the database {} has no schema of this app: move it away to start with an empty one",
                    database.path().display()
                ))
                .into());
            }
        }
    }
}

/// The library reads the version before its transaction begins, when another process may be on the
/// same steps: so each step looks again inside of it, and the slower process takes none.
fn steps() -> Migrations<'static> {
    STEPS
        .into_iter()
        .zip(0_i64..)
        .map(|(sql, step)| {
            M::up_with_hook("", move |transaction: &Transaction| {
                if version(transaction)? > step {
                    return Err(HookError::Hook("the step was taken".into()));
                }
                Ok(transaction.execute_batch(sql)?)
            })
        })
        .collect()
}

fn version(connection: &Connection) -> Result<i64, rusqlite::Error> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}
