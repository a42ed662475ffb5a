//! Builds the next version of an index.

use std::{fs, path::Path};

use rusqlite::{Connection, OptionalExtension};
use sha2::{Digest, Sha256};
use tidewire_domain::DocumentId;

use super::{
    IndexError, Vectors,
    file::open_builder,
    format::{EMBEDDING, check_format, create_schema, read_setting, write_setting},
    script::space_out,
};
use crate::Chunk;

/// Parts of the full-text index are brought together once so much of it is new, in hundredths.
const OPTIMIZE_PERCENT: u64 = 10;

/// The file is written anew once so much of it is empty, in hundredths.
const VACUUM_PERCENT: u64 = 25;

/// How many passages were put in or taken out since the parts were brought together.
const CHANGED: &str = "changed_passages";

/// What a build came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Built {
    /// Passages in the index.
    pub passages: u64,
    /// The file's size.
    pub size_bytes: u64,
}

/// Makes a version of an index from the one before it. Every change may be made twice.
pub struct IndexBuilder {
    connection: Connection,
    embedding: Option<String>,
    changed_passages: u64,
}

impl IndexBuilder {
    /// Builds on the file at `path`, which is a copy of the version before, or is made where it is
    /// missing. Nobody else has it. `embedding` names the model whose vectors are taken in; those
    /// of another model are thrown away, since they cannot be compared.
    pub fn open(path: &Path, embedding: Option<&str>) -> Result<Self, IndexError> {
        let is_new = !fs::exists(path)?;
        let connection = open_builder(path)?;
        if is_new {
            create_schema(&connection)?;
        } else {
            check_format(&connection)?;
        }
        connection.execute_batch("BEGIN")?;
        let before = read_setting(&connection, EMBEDDING)?;
        if before.as_deref() != embedding {
            connection.execute("DELETE FROM vectors", [])?;
            // The same document once more is another one now.
            connection.execute("UPDATE documents SET fingerprint = x''", [])?;
            write_setting(&connection, EMBEDDING, embedding)?;
        }
        let changed = read_setting(&connection, CHANGED)?;
        Ok(Self {
            connection,
            embedding: embedding.map(str::to_owned),
            changed_passages: changed.and_then(|text| text.parse().ok()).unwrap_or(0),
        })
    }

    /// Puts a document in, in the place of what is there of it.
    pub fn put(
        &mut self,
        id: DocumentId,
        title: &str,
        chunks: &[Chunk],
        vectors: Option<&Vectors>,
    ) -> Result<(), IndexError> {
        let vectors = vectors.filter(|vectors| {
            self.embedding.as_deref() == Some(vectors.model()) && vectors.count() == chunks.len()
        });
        let fingerprint = fingerprint_of(title, chunks, vectors);
        let known: Option<Vec<u8>> = self
            .connection
            .prepare_cached("SELECT fingerprint FROM documents WHERE id = ?1")?
            .query_one([id.to_string()], |row| row.get(0))
            .optional()?;
        if known.as_deref() == Some(&fingerprint) {
            return Ok(());
        }
        self.remove(id)?;
        self.connection
            .prepare_cached("INSERT INTO documents (id, title, fingerprint) VALUES (?1, ?2, ?3)")?
            .execute((id.to_string(), title, fingerprint))?;
        let document = self.connection.last_insert_rowid();
        let spaced_title = space_out(title);
        let mut rows = vectors.map(Vectors::rows);
        for chunk in chunks {
            self.connection
                .prepare_cached(
                    "INSERT INTO passages (document, locator, text) VALUES (?1, ?2, ?3)",
                )?
                .execute((document, &chunk.locator, &chunk.text))?;
            let passage = self.connection.last_insert_rowid();
            self.connection
                .prepare_cached(
                    "INSERT INTO words (rowid, title, headings, text) VALUES (?1, ?2, ?3, ?4)",
                )?
                .execute((
                    passage,
                    &spaced_title,
                    space_out(&chunk.headings.join("\n")),
                    space_out(&chunk.text),
                ))?;
            if let Some(cells) = rows.as_mut().and_then(Iterator::next) {
                self.connection
                    .prepare_cached("INSERT INTO vectors (passage, cells) VALUES (?1, ?2)")?
                    .execute((passage, cells))?;
            }
        }
        self.changed_passages += chunks.len() as u64;
        Ok(())
    }

    /// Takes a document out. One that is not there is out.
    pub fn remove(&mut self, id: DocumentId) -> Result<(), IndexError> {
        let known: Option<i64> = self
            .connection
            .prepare_cached("SELECT pk FROM documents WHERE id = ?1")?
            .query_one([id.to_string()], |row| row.get(0))
            .optional()?;
        let Some(document) = known else {
            return Ok(());
        };
        for sql in [
            "DELETE FROM words WHERE rowid IN (SELECT pk FROM passages WHERE document = ?1)",
            "DELETE FROM vectors WHERE passage IN (SELECT pk FROM passages WHERE document = ?1)",
            "DELETE FROM passages WHERE document = ?1",
            "DELETE FROM documents WHERE pk = ?1",
        ] {
            let rows = self.connection.prepare_cached(sql)?.execute([document])?;
            if sql.starts_with("DELETE FROM passages") {
                self.changed_passages += rows as u64;
            }
        }
        Ok(())
    }

    /// Brings the parts of the full-text index together and gives back what is empty, where that is
    /// worth its time, and closes the file.
    pub fn finish(self) -> Result<Built, IndexError> {
        let connection = self.connection;
        let passages: u64 = count(&connection, "SELECT count(*) FROM passages")?;
        let mut changed = self.changed_passages;
        if changed * 100 > passages * OPTIMIZE_PERCENT {
            connection.execute("INSERT INTO words (words) VALUES ('optimize')", [])?;
            changed = 0;
        }
        write_setting(&connection, CHANGED, Some(&changed.to_string()))?;
        connection.execute_batch("COMMIT")?;
        let pages = count(&connection, "PRAGMA page_count")?;
        let empty = count(&connection, "PRAGMA freelist_count")?;
        if empty * 100 > pages * VACUUM_PERCENT {
            connection.execute_batch("VACUUM")?;
        }
        let size_bytes =
            count(&connection, "PRAGMA page_count")? * count(&connection, "PRAGMA page_size")?;
        connection.close().map_err(|(_, error)| error)?;
        Ok(Built {
            passages,
            size_bytes,
        })
    }
}

fn count(connection: &Connection, sql: &str) -> Result<u64, IndexError> {
    let number: i64 = connection.query_one(sql, [], |row| row.get(0))?;
    Ok(number.cast_unsigned())
}

fn fingerprint_of(title: &str, chunks: &[Chunk], vectors: Option<&Vectors>) -> [u8; 32] {
    let mut hash = Sha256::new();
    let mut add = |text: &str| {
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text);
    };
    add(title);
    for chunk in chunks {
        for heading in &chunk.headings {
            add(heading);
        }
        // No heading is this long: it tells where the headings end.
        add("\0");
        add(&chunk.locator);
        add(&chunk.text);
    }
    for row in vectors.into_iter().flat_map(Vectors::rows) {
        hash.update(row);
    }
    hash.finalize().into()
}
