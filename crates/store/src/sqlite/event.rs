//! The logs of turns in their table.

use bytes::Bytes;
use rusqlite::{CachedStatement, Connection};
use tidewire_domain::{EventBatch, EventPage, PrincipalId, TurnId};

use super::{
    column::{Count, stored},
    fault::Fault,
    lease::Held,
    turn,
};

/// Writes the logs of turns; compiled once for many of them.
pub(super) struct Logs<'c> {
    connection: &'c Connection,
    insert: CachedStatement<'c>,
    advance: CachedStatement<'c>,
}

impl<'c> Logs<'c> {
    pub(super) fn prepare(connection: &'c Connection) -> Result<Self, Fault> {
        Ok(Self {
            connection,
            insert: connection.prepare_cached(
                "INSERT INTO turn_batches (turn, previous, first_seq, last_seq, format, body)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?,
            advance: connection.prepare_cached(
                "UPDATE turns SET last_batch = ?2, last_seq = ?3 WHERE message = ?1",
            )?,
        })
    }

    /// Stores the batch if its numbers follow the last stored one. An empty batch has no numbers
    /// and nothing to store.
    pub(super) fn push(&mut self, turn: &Held, batch: &EventBatch) -> Result<bool, Fault> {
        if batch.body.is_empty() {
            return Ok(true);
        }
        if batch.first_seq != turn.last_seq + 1 || batch.last_seq < batch.first_seq {
            return Ok(false);
        }
        let last_seq = stored(batch.last_seq);
        self.insert.execute((
            turn.pk,
            turn.last_batch,
            stored(batch.first_seq),
            last_seq,
            batch.format,
            batch.body.as_ref(),
        ))?;
        let pk = self.connection.last_insert_rowid();
        self.advance.execute((turn.pk, pk, last_seq))?;
        Ok(true)
    }
}

/// Deletes the logs of all turns of a conversation.
pub(super) fn delete_all(connection: &Connection, conversation: i64) -> Result<(), Fault> {
    connection
        .prepare_cached(
            "WITH RECURSIVE chain (pk, previous) AS (
                 SELECT b.pk, b.previous FROM turns t JOIN turn_batches b ON b.pk = t.last_batch
                 WHERE t.conversation = ?1
                 UNION ALL
                 SELECT b.pk, b.previous FROM chain JOIN turn_batches b ON b.pk = chain.previous
             )
             DELETE FROM turn_batches WHERE pk IN (SELECT pk FROM chain)",
        )?
        .execute([conversation])?;
    Ok(())
}

pub(super) fn read(
    connection: &Connection,
    principal: &PrincipalId,
    id: TurnId,
    after_seq: u64,
    max_bytes: u64,
) -> Result<EventPage, Fault> {
    let (pk, turn) = turn::find(connection, principal, id)?;
    // From the last batch back to the one that holds the wanted number, then forward from there.
    let mut statement = connection.prepare_cached(
        "WITH RECURSIVE chain (pk, previous, first_seq) AS (
             SELECT b.pk, b.previous, b.first_seq
             FROM turns t JOIN turn_batches b ON b.pk = t.last_batch
             WHERE t.message = ?1 AND t.last_seq > ?2
             UNION ALL
             SELECT b.pk, b.previous, b.first_seq
             FROM chain JOIN turn_batches b ON b.pk = chain.previous
             WHERE chain.first_seq > ?2 + 1
         )
         SELECT b.first_seq, b.last_seq, b.format, b.body
         FROM chain JOIN turn_batches b ON b.pk = chain.pk
         ORDER BY chain.pk",
    )?;
    let mut rows = statement.query((pk, stored(after_seq)))?;
    let mut batches = Vec::new();
    let mut bytes = 0_u64;
    while let Some(row) = rows.next()? {
        let body = row.get_ref(3)?.as_blob().map_err(rusqlite::Error::from)?;
        bytes = bytes.saturating_add(body.len() as u64);
        if bytes > max_bytes && !batches.is_empty() {
            break;
        }
        batches.push(EventBatch {
            first_seq: row.get::<_, Count>(0)?.0,
            last_seq: row.get::<_, Count>(1)?.0,
            format: row.get(2)?,
            body: Bytes::copy_from_slice(body),
        });
    }
    Ok(EventPage { turn, batches })
}
