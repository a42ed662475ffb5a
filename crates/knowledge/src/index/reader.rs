//! Searches one version of an index.

use std::{
    cmp::Ordering,
    path::{Path, PathBuf},
    sync::{Mutex, OnceLock, PoisonError},
};

use rusqlite::Connection;
use tidewire_domain::DocumentId;

use super::{
    IndexError,
    file::open_reader,
    format::{EMBEDDING, check_format, read_setting},
    vector::Matrix,
};

/// Connections that are kept open. More searches at once open more, and close them again.
const KEPT_CONNECTIONS: usize = 4;

// A word in the title or in a heading says what the passage is about; one in the text may stand
// there in passing.
const SEARCH: &str = "SELECT rowid, rank FROM words
     WHERE words MATCH ?1 AND rank MATCH 'bm25(1.5, 2.0, 1.0)' ORDER BY rank LIMIT ?2";

/// A passage that fits, by its number in the index.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hit {
    /// The passage.
    pub passage: i64,
    /// How well it fits, beside others of the same search.
    pub score: f64,
}

impl Hit {
    /// The better first; of two that are as good the earlier.
    pub(super) fn compare(&self, other: &Self) -> Ordering {
        other
            .score
            .total_cmp(&self.score)
            .then(self.passage.cmp(&other.passage))
    }
}

/// A passage with its document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPassage {
    /// The document.
    pub document_id: DocumentId,
    /// Its title.
    pub title: String,
    /// Where in the document.
    pub locator: String,
    /// The text.
    pub text: String,
}

/// One version of a collection's index, open for searches. Nobody writes its file any more. All
/// methods block for milliseconds.
#[derive(Debug)]
pub struct Index {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
    embedding: Option<String>,
    matrix: OnceLock<Matrix>,
}

impl Index {
    /// Opens the file. [`IndexError::NewerFormat`] where a newer release wrote it,
    /// [`IndexError::Corrupt`] where it is no index, [`IndexError::Gone`] where it is missing.
    pub fn open(path: &Path) -> Result<Self, IndexError> {
        let connection = open_reader(path)?;
        check_format(&connection)?;
        let embedding = read_setting(&connection, EMBEDDING)?;
        // Reads the first page of each table: a file that was cut off is noticed here.
        connection.query_one("SELECT max(rowid) FROM words_docsize", [], |_| Ok(()))?;
        connection.query_one("SELECT max(pk) FROM passages", [], |_| Ok(()))?;
        Ok(Self {
            path: path.to_owned(),
            idle: Mutex::new(vec![connection]),
            embedding,
            matrix: OnceLock::new(),
        })
    }

    /// The model whose vectors it holds.
    pub fn embedding(&self) -> Option<&str> {
        self.embedding.as_deref()
    }

    /// The passages that have words of an expression of [`build_expression`], by BM25, best first.
    ///
    /// [`build_expression`]: super::build_expression
    pub fn find_words(&self, expression: &str, limit: u32) -> Result<Vec<Hit>, IndexError> {
        self.read(|connection| {
            let hits = connection
                .prepare_cached(SEARCH)?
                .query_map((expression, limit), |row| {
                    Ok(Hit {
                        passage: row.get(0)?,
                        score: -row.get::<_, f64>(1)?,
                    })
                })?
                .collect::<Result<_, _>>()?;
            Ok(hits)
        })
    }

    /// The passages nearest to a vector of the model that it holds vectors of, nearest first.
    pub fn find_nearest(&self, vector: &[f32], limit: u32) -> Result<Vec<Hit>, IndexError> {
        let matrix = if let Some(matrix) = self.matrix.get() {
            matrix
        } else {
            let loaded = self.read(Matrix::load)?;
            self.matrix.get_or_init(|| loaded)
        };
        Ok(matrix.nearest(vector, limit as usize))
    }

    /// Reads a passage.
    pub fn passage(&self, number: i64) -> Result<StoredPassage, IndexError> {
        self.read(|connection| {
            let (id, title, locator, text): (String, _, _, _) = connection
                .prepare_cached(
                    "SELECT d.id, d.title, p.locator, p.text
                     FROM passages p JOIN documents d ON d.pk = p.document WHERE p.pk = ?1",
                )?
                .query_one([number], |row| {
                    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
                })?;
            let document_id = id
                .parse()
                .map_err(|_| IndexError::Corrupt("a document's id is none".into()))?;
            Ok(StoredPassage {
                document_id,
                title,
                locator,
                text,
            })
        })
    }

    fn read<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, IndexError>,
    ) -> Result<T, IndexError> {
        let kept = self.lock().pop();
        let connection = match kept {
            Some(connection) => connection,
            None => open_reader(&self.path)?,
        };
        let result = work(&connection);
        // One that failed may go on failing: the next read opens another.
        if result.is_ok() {
            let mut idle = self.lock();
            if idle.len() < KEPT_CONNECTIONS {
                idle.push(connection);
            }
        }
        result
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
