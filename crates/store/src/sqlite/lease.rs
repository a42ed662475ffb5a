//! Holders, and who may write which turn.

use rusqlite::{CachedStatement, Connection, OptionalExtension};
use tidewire_domain::{Holder, Lease, Renewal, Timestamp, TurnId, TurnKey};

use super::{
    column::{Count, Parsed, stored},
    fault::Fault,
};

/// How long the row of a holder without turns is kept.
const HOLDER_KEPT_MS: i64 = 24 * 60 * 60 * 1000;

/// Renews all leases of the holder, which is one row, and returns that row's key.
pub(super) fn renew_holder(
    connection: &Connection,
    holder: &Holder,
    at: Timestamp,
) -> Result<i64, Fault> {
    Ok(connection
        .prepare_cached(
            "INSERT INTO holders (id, host, pid, started, renewed_at) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (id) DO UPDATE SET renewed_at = excluded.renewed_at
             RETURNING pk",
        )?
        .query_one(
            (
                holder.id.to_string(),
                &holder.host,
                holder.pid,
                holder.started.cast_signed(),
                at.as_millis(),
            ),
            |row| row.get(0),
        )?)
}

/// Makes the holder known, and forgets those that are long gone.
pub(super) fn register(
    connection: &Connection,
    holder: &Holder,
    at: Timestamp,
) -> Result<(), Fault> {
    connection
        .prepare_cached(
            "DELETE FROM holders WHERE renewed_at < ?1
             AND pk NOT IN (SELECT holder FROM turns WHERE holder IS NOT NULL)",
        )?
        .execute([at.as_millis().saturating_sub(HOLDER_KEPT_MS)])?;
    renew_holder(connection, holder, at)?;
    Ok(())
}

/// What a producer needs to know after its holder was renewed: one indexed query for the turns to
/// stop, and a lookup for each turn that it believes to hold, about 2 µs each. Keeping count of
/// losses would be cheaper for thousands of silent turns, and one more thing to get wrong.
pub(super) fn review(
    connection: &Connection,
    holder: i64,
    turns: &[(TurnKey, u64)],
) -> Result<Renewal, Fault> {
    let stop_requested = connection
        .prepare_cached(
            "SELECT id FROM turns WHERE holder = ?1 AND stop_requested = 1 ORDER BY message",
        )?
        .query_map([holder], |row| Ok(row.get::<_, Parsed<TurnId>>(0)?.0))?
        .collect::<Result<_, _>>()?;
    let mut leases = Leases::prepare(connection)?;
    let mut lost = Vec::new();
    for (key, epoch) in turns {
        if leases.find(key, *epoch, Some(holder))?.is_none() {
            lost.push(key.turn_id);
        }
    }
    Ok(Renewal {
        stop_requested,
        lost,
    })
}

/// A turn that runs under a lease.
pub(super) struct Held {
    /// Its row's key.
    pub(super) pk: i64,
    pub(super) conversation: i64,
    pub(super) stop_requested: bool,
    pub(super) last_batch: Option<i64>,
    pub(super) last_seq: u64,
}

/// Finds turns by their leases; compiled once for many of them.
pub(super) struct Leases<'c>(CachedStatement<'c>);

impl<'c> Leases<'c> {
    pub(super) fn prepare(connection: &'c Connection) -> Result<Self, Fault> {
        Ok(Self(connection.prepare_cached(
            "SELECT t.message, t.conversation, t.stop_requested, t.last_batch, t.last_seq
             FROM turns t CROSS JOIN conversations c ON c.pk = t.conversation
             WHERE t.id = ?1 AND t.epoch = ?2
             AND t.holder IS NOT NULL AND t.holder = coalesce(?3, t.holder)
             AND c.id = ?4 AND c.principal = ?5",
        )?))
    }

    /// The turn, if it runs under this epoch, and by this holder where one is given. Epochs never
    /// come back, so that one alone is proof.
    pub(super) fn find(
        &mut self,
        key: &TurnKey,
        epoch: u64,
        holder: Option<i64>,
    ) -> Result<Option<Held>, Fault> {
        let mut rows = self.0.query((
            key.turn_id.to_string(),
            stored(epoch),
            holder,
            key.conversation_id.to_string(),
            key.principal.as_str(),
        ))?;
        let Some(row) = rows.next()? else {
            return Ok(None);
        };
        Ok(Some(Held {
            pk: row.get(0)?,
            conversation: row.get(1)?,
            stop_requested: row.get(2)?,
            last_batch: row.get(3)?,
            last_seq: row.get::<_, Count>(4)?.0,
        }))
    }
}

pub(super) fn take_over(
    connection: &Connection,
    lease: &Lease,
    holder: &Holder,
    at: Timestamp,
) -> Result<Option<Lease>, Fault> {
    let previous: Option<i64> = connection
        .prepare_cached("SELECT pk FROM holders WHERE id = ?1 AND renewed_at = ?2")?
        .query_one(
            (lease.holder.id.to_string(), lease.renewed_at.as_millis()),
            |row| row.get(0),
        )
        .optional()?;
    let Some(previous) = previous else {
        return Ok(None);
    };
    let turn = Leases::prepare(connection)?.find(&lease.key, lease.epoch, Some(previous))?;
    let Some(turn) = turn else {
        return Ok(None);
    };
    let taker = renew_holder(connection, holder, at)?;
    connection
        .prepare_cached("UPDATE turns SET holder = ?2, epoch = epoch + 1 WHERE message = ?1")?
        .execute((turn.pk, taker))?;
    Ok(Some(Lease {
        key: lease.key.clone(),
        epoch: lease.epoch + 1,
        holder: holder.clone(),
        renewed_at: at,
    }))
}
