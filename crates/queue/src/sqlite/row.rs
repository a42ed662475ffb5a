//! The rows of jobs that wait or are handed out.

use std::{error::Error, str::FromStr};

use rusqlite::{
    Connection, OptionalExtension, Row,
    types::{FromSql, FromSqlError, FromSqlResult, ValueRef},
};
use tidewire_domain::{Delivery, JobId, QueueStats, Receipt, Timestamp};

use crate::job_text;

/// A text column that is parsed on its way out.
pub(super) struct Parsed<T>(pub(super) T);

impl<T: FromStr<Err: Error + Send + Sync + 'static>> FromSql for Parsed<T> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let text = value.as_str()?;
        text.parse().map(Self).map_err(FromSqlError::other)
    }
}

/// The delivery that a receipt names: of this job the one with this number.
pub(super) struct Ticket {
    pub(super) id: String,
    pub(super) attempt: u32,
}

impl Ticket {
    pub(super) fn read(receipt: &Receipt) -> Option<Self> {
        let (id, attempt) = receipt.0.split_once('/')?;
        Some(Self {
            id: id.to_owned(),
            attempt: attempt.parse().ok()?,
        })
    }
}

pub(super) fn insert(
    connection: &Connection,
    id: JobId,
    job: &str,
    at: Timestamp,
    visible_at: i64,
) -> Result<(), rusqlite::Error> {
    connection
        .prepare_cached(
            "INSERT INTO jobs (id, job, enqueued_at, visible_at) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute((id.to_string(), job, at.as_millis(), visible_at))?;
    Ok(())
}

/// Hands out up to `max` of the jobs that are ready, those first that were ready first.
pub(super) fn hand_out(
    connection: &Connection,
    max: u32,
    now: i64,
    visible_at: i64,
) -> Result<Vec<Delivery>, rusqlite::Error> {
    connection
        .prepare_cached(
            "UPDATE jobs SET attempts = attempts + 1, handed_out = 1, visible_at = ?3
             WHERE pk IN (SELECT pk FROM jobs WHERE visible_at <= ?2
                          ORDER BY visible_at, pk LIMIT ?1)
             RETURNING id, job, attempts, enqueued_at",
        )?
        .query_map((max, now, visible_at), delivery)?
        .collect()
}

fn delivery(row: &Row) -> Result<Delivery, rusqlite::Error> {
    let Parsed::<JobId>(id) = row.get(0)?;
    let attempt = row.get(2)?;
    Ok(Delivery {
        id,
        receipt: Receipt(format!("{id}/{attempt}")),
        job: job_text::read(row.get(1)?),
        attempt,
        enqueued_at: Timestamp::from_millis(row.get(3)?),
    })
}

/// When the next job may be handed out, of all that are there.
pub(super) fn next_visible(connection: &Connection) -> Result<Option<i64>, rusqlite::Error> {
    connection
        .prepare_cached("SELECT min(visible_at) FROM jobs")?
        .query_one([], |row| row.get(0))
}

/// Rises whenever another connection has changed the file. Asking is cheap.
pub(super) fn version(connection: &Connection) -> Result<i64, rusqlite::Error> {
    connection
        .prepare_cached("PRAGMA data_version")?
        .query_one([], |row| row.get(0))
}

/// Whether the delivery was this worker's, and still hidden from others.
pub(super) fn extend(
    connection: &Connection,
    ticket: &Ticket,
    now: i64,
    visible_at: i64,
) -> Result<bool, rusqlite::Error> {
    let changed = connection
        .prepare_cached(
            "UPDATE jobs SET visible_at = ?4
             WHERE id = ?1 AND attempts = ?2 AND handed_out = 1 AND visible_at > ?3",
        )?
        .execute((&ticket.id, ticket.attempt, now, visible_at))?;
    Ok(changed == 1)
}

/// Whether the delivery was this worker's, and still hidden from others.
pub(super) fn give_back(
    connection: &Connection,
    ticket: &Ticket,
    now: i64,
    visible_at: i64,
) -> Result<bool, rusqlite::Error> {
    let changed = connection
        .prepare_cached(
            "UPDATE jobs SET visible_at = ?4, handed_out = 0
             WHERE id = ?1 AND attempts = ?2 AND handed_out = 1 AND visible_at > ?3",
        )?
        .execute((&ticket.id, ticket.attempt, now, visible_at))?;
    Ok(changed == 1)
}

/// Takes a job out, if nobody was handed it since. Its text.
pub(super) fn remove(
    connection: &Connection,
    ticket: &Ticket,
) -> Result<Option<String>, rusqlite::Error> {
    connection
        .prepare_cached(
            "DELETE FROM jobs WHERE id = ?1 AND attempts = ?2 AND handed_out = 1 RETURNING job",
        )?
        .query_one((&ticket.id, ticket.attempt), |row| row.get(0))
        .optional()
}

/// Counts, without the dead letters.
pub(super) fn count(connection: &Connection, now: i64) -> Result<QueueStats, rusqlite::Error> {
    connection
        .prepare_cached(
            "SELECT count(*) FILTER (WHERE visible_at <= ?1),
                    count(*) FILTER (WHERE visible_at > ?1 AND handed_out = 0),
                    count(*) FILTER (WHERE visible_at > ?1 AND handed_out = 1),
                    min(visible_at) FILTER (WHERE visible_at <= ?1)
             FROM jobs",
        )?
        .query_one([now], |row| {
            let oldest: Option<i64> = row.get(3)?;
            Ok(QueueStats {
                ready: u64::from(row.get::<_, u32>(0)?),
                delayed: u64::from(row.get::<_, u32>(1)?),
                in_flight: u64::from(row.get::<_, u32>(2)?),
                dead: 0,
                oldest_age: oldest.map(|since| super::queue::millis(now - since)),
            })
        })
}
