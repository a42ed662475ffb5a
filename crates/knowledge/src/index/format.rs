//! The file's format.

use rusqlite::{Connection, OptionalExtension};

use super::IndexError;

/// The format that this release writes, in `user_version`. Older ones are brought up when the next
/// version of a collection is built from them, and read as they are until then.
pub(super) const FORMAT: i64 = 1;

// The full-text table keeps no texts: they stand in `passages`, as they are quoted. What is indexed
// may so be another form of them, see `script`. Porter's stemmer brings "tests" and "tested"
// together; other languages lose nothing by it that matters.
const SCHEMA: &str = "
    CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE documents (
        pk INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        title TEXT NOT NULL,
        -- A hash of all that was indexed of it, so that the same once more changes nothing.
        fingerprint BLOB NOT NULL
    ) STRICT;
    CREATE TABLE passages (
        pk INTEGER PRIMARY KEY,
        document INTEGER NOT NULL REFERENCES documents (pk),
        locator TEXT NOT NULL,
        text TEXT NOT NULL
    ) STRICT;
    CREATE INDEX passages_by_document ON passages (document);
    CREATE VIRTUAL TABLE words USING fts5(
        title, headings, text,
        content = '', contentless_delete = 1,
        tokenize = 'porter unicode61 remove_diacritics 2'
    );
    -- The scale as a little-endian f32, then a signed byte for each dimension.
    CREATE TABLE vectors (passage INTEGER PRIMARY KEY, cells BLOB NOT NULL) STRICT;
";

/// The model that made the vectors.
pub(super) const EMBEDDING: &str = "embedding";

/// Makes the tables of an empty file.
pub(super) fn create_schema(connection: &Connection) -> Result<(), IndexError> {
    connection.execute_batch(SCHEMA)?;
    connection.pragma_update(None, "user_version", FORMAT)?;
    Ok(())
}

/// Refuses what this release cannot read.
pub(super) fn check_format(connection: &Connection) -> Result<(), IndexError> {
    let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    match found {
        FORMAT => Ok(()),
        newer if newer > FORMAT => Err(IndexError::NewerFormat {
            found: newer,
            known: FORMAT,
        }),
        other => Err(IndexError::Corrupt(format!("it has format {other}"))),
    }
}

/// A setting of the file.
pub(super) fn read_setting(
    connection: &Connection,
    name: &str,
) -> Result<Option<String>, IndexError> {
    Ok(connection
        .prepare_cached("SELECT value FROM settings WHERE name = ?1")?
        .query_one([name], |row| row.get(0))
        .optional()?)
}

/// Sets it, or takes it away.
pub(super) fn write_setting(
    connection: &Connection,
    name: &str,
    value: Option<&str>,
) -> Result<(), IndexError> {
    match value {
        Some(value) => connection
            .prepare_cached("INSERT OR REPLACE INTO settings (name, value) VALUES (?1, ?2)")?
            .execute([name, value])?,
        None => connection
            .prepare_cached("DELETE FROM settings WHERE name = ?1")?
            .execute([name])?,
    };
    Ok(())
}
