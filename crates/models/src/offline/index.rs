//! The full-text index over passages: FTS5 in an in-memory database.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use rusqlite::Connection;

use super::passage::Passage;

// Contentless: the texts stand in the program already. Porter's stemmer brings "tests", "testing"
// and "tested" together.
const SCHEMA: &str = "
    CREATE VIRTUAL TABLE passages USING fts5(
        heading, parents, title, body,
        content = '', tokenize = 'porter unicode61 remove_diacritics 2'
    );";

// A word in a heading says what the passage is about; one in the text may stand there in passing.
const SELECT: &str =
    "SELECT rowid, bm25(passages, 8.0, 2.0, 1.5, 1.0) FROM passages WHERE passages MATCH ?1";

/// Results are kept for so many expressions. People ask with few words, and the documentation never
/// changes while the program runs.
const MAX_KEPT: usize = 2048;

/// The rows that match an expression, with their BM25 scores (higher is better).
pub(super) type Rows = Arc<[(u32, f32)]>;

/// The index. Rows are numbered as the passages are.
pub(super) struct Index {
    // A search holds the lock for microseconds, a few hundred where nothing is kept yet. A pool
    // would have to copy the database for each of its connections.
    shelf: Mutex<Shelf>,
}

struct Shelf {
    connection: Connection,
    kept: HashMap<String, Rows>,
}

impl Index {
    /// Indexes these passages.
    pub(super) fn build(passages: &[Passage]) -> Result<Self, rusqlite::Error> {
        let mut connection = Connection::open_in_memory()?;
        connection.execute_batch(SCHEMA)?;
        let transaction = connection.transaction()?;
        {
            let mut insert = transaction.prepare(
                "INSERT INTO passages (rowid, heading, parents, title, body) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?;
            for (row, passage) in (0_i64..).zip(passages) {
                insert.execute((
                    row,
                    &passage.heading,
                    &passage.parents,
                    passage.document.title,
                    passage.text(),
                ))?;
            }
        }
        // One segment is quicker to search than several.
        transaction.execute("INSERT INTO passages (passages) VALUES ('optimize')", ())?;
        transaction.commit()?;
        Ok(Self {
            shelf: Mutex::new(Shelf {
                connection,
                kept: HashMap::new(),
            }),
        })
    }

    /// The passages that match each of these FTS5 expressions.
    pub(super) fn search<'a>(
        &self,
        expressions: impl Iterator<Item = &'a str>,
    ) -> Result<Vec<Rows>, rusqlite::Error> {
        // A panic elsewhere leaves what is only read as good as it was.
        let mut guard = self.shelf.lock().unwrap_or_else(PoisonError::into_inner);
        let Shelf { connection, kept } = &mut *guard;
        let mut select = connection.prepare_cached(SELECT)?;
        expressions
            .map(|expression| {
                if let Some(rows) = kept.get(expression) {
                    return Ok(Arc::clone(rows));
                }
                let rows: Rows = select
                    .query_map([expression], |row| {
                        Ok((row.get(0)?, -row.get::<_, f32>(1)?))
                    })?
                    .collect::<Result<_, rusqlite::Error>>()?;
                if kept.len() == MAX_KEPT {
                    kept.clear();
                }
                kept.insert(expression.to_owned(), Arc::clone(&rows));
                Ok(rows)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_bounded() {
        let index = Index::build(&[]).expect("an index");
        let expressions: Vec<String> = (0..3 * MAX_KEPT).map(|n| format!("\"w{n}\"")).collect();
        let rows = index
            .search(expressions.iter().map(String::as_str))
            .expect("no syntax error");
        assert_eq!(rows.len(), 3 * MAX_KEPT);
        let shelf = index.shelf.lock().unwrap();
        assert!((1..=MAX_KEPT).contains(&shelf.kept.len()));
    }
}
