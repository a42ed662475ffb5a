//! The jobs that were given up.

use rusqlite::Connection;
use tidewire_domain::{DeadJob, JobId, MAX_DELIVERIES, Timestamp};

use super::{
    queue::as_millis,
    row::{Parsed, Ticket},
};
use crate::{DEAD_LETTERS_KEPT, job_text, spent_reason};

/// Whether [`sweep`] would change anything.
pub(super) fn is_due(connection: &Connection, now: i64) -> Result<bool, rusqlite::Error> {
    connection
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM jobs WHERE visible_at <= ?1 AND attempts >= ?2)
                 OR EXISTS (SELECT 1 FROM dead_jobs WHERE died_at < ?3)",
        )?
        .query_one((now, MAX_DELIVERIES, oldest_kept(now)), |row| row.get(0))
}

fn oldest_kept(now: i64) -> i64 {
    now - as_millis(DEAD_LETTERS_KEPT)
}

/// Moves the jobs here that were handed out as often as any may be, and forgets the oldest.
pub(super) fn sweep(connection: &Connection, now: i64) -> Result<(), rusqlite::Error> {
    connection
        .prepare_cached(
            "INSERT INTO dead_jobs (id, job, attempts, reason, died_at)
             SELECT id, job, attempts, ?3, ?1 FROM jobs WHERE visible_at <= ?1 AND attempts >= ?2",
        )?
        .execute((now, MAX_DELIVERIES, spent_reason()))?;
    connection
        .prepare_cached("DELETE FROM jobs WHERE visible_at <= ?1 AND attempts >= ?2")?
        .execute((now, MAX_DELIVERIES))?;
    connection
        .prepare_cached("DELETE FROM dead_jobs WHERE died_at < ?1")?
        .execute([oldest_kept(now)])?;
    Ok(())
}

pub(super) fn insert(
    connection: &Connection,
    ticket: &Ticket,
    job: &str,
    reason: &str,
    now: i64,
) -> Result<(), rusqlite::Error> {
    connection
        .prepare_cached(
            "INSERT INTO dead_jobs (id, job, attempts, reason, died_at) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute((&ticket.id, job, ticket.attempt, reason, now))?;
    Ok(())
}

pub(super) fn count(connection: &Connection) -> Result<u64, rusqlite::Error> {
    connection
        .prepare_cached("SELECT count(*) FROM dead_jobs")?
        .query_one([], |row| row.get::<_, u32>(0))
        .map(u64::from)
}

/// The newest first.
pub(super) fn list(connection: &Connection, max: u32) -> Result<Vec<DeadJob>, rusqlite::Error> {
    connection
        .prepare_cached(
            "SELECT id, job, attempts, reason, died_at FROM dead_jobs
             ORDER BY died_at DESC, pk DESC LIMIT ?1",
        )?
        .query_map([max], |row| {
            let Parsed::<JobId>(id) = row.get(0)?;
            Ok(DeadJob {
                id,
                job: job_text::read(row.get(1)?),
                attempts: row.get(2)?,
                reason: row.get(3)?,
                at: Timestamp::from_millis(row.get(4)?),
            })
        })?
        .collect()
}
