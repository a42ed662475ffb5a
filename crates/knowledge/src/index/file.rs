//! Connections to the file of an index.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::IndexError;

/// In KiB. Searches touch few pages, and the system keeps the file in memory too.
const READER_CACHE: i64 = -4096;

/// In KiB. What a build touches again and again should not be written out in between.
const BUILDER_CACHE: i64 = -65_536;

/// Opens a file that nobody writes: no locks, no look at whether it changed.
pub(super) fn open_reader(path: &Path) -> Result<Connection, IndexError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_URI
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(immutable_uri(path)?, flags)?;
    connection.pragma_update(None, "query_only", true)?;
    connection.pragma_update(None, "cache_size", READER_CACHE)?;
    Ok(connection)
}

/// Opens a file that nobody else has and that is thrown away where the work on it breaks off: no
/// journal, no waiting for the disk.
pub(super) fn open_builder(path: &Path) -> Result<Connection, IndexError> {
    let connection = Connection::open(path)?;
    connection.pragma_update(None, "locking_mode", "exclusive")?;
    connection.pragma_update(None, "journal_mode", "off")?;
    connection.pragma_update(None, "synchronous", "off")?;
    connection.pragma_update(None, "cache_size", BUILDER_CACHE)?;
    connection.set_prepared_statement_cache_capacity(32);
    Ok(connection)
}

fn immutable_uri(path: &Path) -> Result<String, IndexError> {
    let path = path
        .to_str()
        .ok_or_else(|| IndexError::Unavailable("the cache's path is not UTF-8".into()))?;
    let mut uri = String::from("file:");
    for sign in path.chars() {
        match sign {
            '%' => uri.push_str("%25"),
            '?' => uri.push_str("%3f"),
            '#' => uri.push_str("%23"),
            plain => uri.push(plain),
        }
    }
    uri.push_str("?immutable=1&mode=ro");
    Ok(uri)
}
