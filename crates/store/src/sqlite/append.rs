//! Writing under a lease: events while a turn runs, and its end.

use rusqlite::Connection;
use tidewire_domain::{
    Append, Appended, EventBatch, FinishReason, Holder, StoreError, Timestamp, TurnKey,
};

use super::{
    conversation,
    event::Logs,
    fault::Fault,
    lease::{self, Leases},
    message,
};

/// Stores what each turn's lease and last number allow. A refusal of one does not touch the others.
pub(super) fn append(
    connection: &Connection,
    holder: &Holder,
    appends: &[Append],
    at: Timestamp,
) -> Result<Vec<Appended>, Fault> {
    let holder = lease::renew_holder(connection, holder, at)?;
    let (mut leases, mut logs) = (Leases::prepare(connection)?, Logs::prepare(connection)?);
    let mut store = |append: &Append| match leases.find(&append.key, append.epoch, Some(holder))? {
        Some(turn) if logs.push(&turn, &append.batch)? => Ok(Appended::Stored {
            stop_requested: turn.stop_requested,
        }),
        _ => Ok(Appended::LeaseLost),
    };
    appends.iter().map(&mut store).collect()
}

/// The end of a turn, its values in the form of their columns.
pub(super) struct End {
    pub(super) key: TurnKey,
    pub(super) epoch: u64,
    pub(super) batch: EventBatch,
    /// JSON.
    pub(super) parts: String,
    /// JSON.
    pub(super) usage: Option<String>,
    pub(super) finish_reason: FinishReason,
    pub(super) at: Timestamp,
}

pub(super) fn finish(connection: &Connection, end: &End) -> Result<(), Fault> {
    let turn = Leases::prepare(connection)?
        .find(&end.key, end.epoch, None)?
        .ok_or(StoreError::LeaseLost)?;
    if !Logs::prepare(connection)?.push(&turn, &end.batch)? {
        return Err(StoreError::LeaseLost.into());
    }
    message::fill(connection, turn.pk, &end.parts, end.usage.as_deref())?;
    connection
        .prepare_cached("UPDATE turns SET holder = NULL, finish_reason = ?2 WHERE message = ?1")?
        .execute((turn.pk, end.finish_reason.as_str()))?;
    conversation::touch(connection, turn.conversation, None, end.at)
}
