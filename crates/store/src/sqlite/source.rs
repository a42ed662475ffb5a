//! Sources and their items in their tables.

use rusqlite::{Connection, OptionalExtension, Row};
use tidewire_domain::{
    DueSource, NewSource, Page, PageRequest, PrincipalId, Source, SourceId, SourceItem, StoreError,
    Timestamp,
};

use super::{
    column::{Count, Json, Moment, Parsed, stored},
    fault::Fault,
    page::{page_of, rows_to_read, start_by_age},
    store::json,
};
use crate::cursor::{AgeCursor, ItemCursor};

macro_rules! select_source {
    ($where:literal) => {
        concat!(
            "SELECT id, kind, title, collection, schedule, next_run_at, last_run, validators,
                    revision, created_at, updated_at
             FROM sources WHERE ",
            $where
        )
    };
}

fn source(row: &Row<'_>) -> Result<Source, rusqlite::Error> {
    Ok(Source {
        id: row.get::<_, Parsed<_>>(0)?.0,
        kind: row.get::<_, Json<_>>(1)?.0,
        title: row.get(2)?,
        collection: row.get::<_, Parsed<_>>(3)?.0,
        schedule: row.get::<_, Option<Json<_>>>(4)?.map(|schedule| schedule.0),
        next_run_at: row.get::<_, Option<Moment>>(5)?.map(|at| at.0),
        last_run: row.get::<_, Option<Json<_>>>(6)?.map(|run| run.0),
        validators: row.get(7)?,
        revision: row.get::<_, Count>(8)?.0,
        created_at: row.get::<_, Moment>(9)?.0,
        updated_at: row.get::<_, Moment>(10)?.0,
    })
}

fn item(row: &Row<'_>) -> Result<SourceItem, rusqlite::Error> {
    Ok(SourceItem {
        key: row.get(0)?,
        title: row.get(1)?,
        url: row.get(2)?,
        fingerprint: row.get(3)?,
        document_id: row.get::<_, Option<Parsed<_>>>(4)?.map(|id| id.0),
        error: row.get(5)?,
        updated_at: row.get::<_, Moment>(6)?.0,
    })
}

fn missing() -> Fault {
    StoreError::NotFound("source").into()
}

/// The row's key, if it is the principal's.
fn find(connection: &Connection, principal: &PrincipalId, id: SourceId) -> Result<i64, Fault> {
    connection
        .prepare_cached("SELECT pk FROM sources WHERE id = ?1 AND principal = ?2")?
        .query_one((id.to_string(), principal.as_str()), |row| row.get(0))
        .optional()?
        .ok_or_else(missing)
}

pub(super) fn read(
    connection: &Connection,
    principal: &PrincipalId,
    id: SourceId,
) -> Result<Source, Fault> {
    connection
        .prepare_cached(select_source!("id = ?1 AND principal = ?2"))?
        .query_one((id.to_string(), principal.as_str()), source)
        .optional()?
        .ok_or_else(missing)
}

pub(super) fn create(
    connection: &Connection,
    principal: &PrincipalId,
    id: SourceId,
    new: &NewSource,
    at: Timestamp,
) -> Result<Source, Fault> {
    connection
        .prepare_cached(
            "INSERT INTO sources (id, principal, kind, title, collection, schedule, next_run_at,
                                  created_at, updated_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8)",
        )?
        .execute((
            id.to_string(),
            principal.as_str(),
            json(&new.kind),
            &new.title,
            new.collection.as_str(),
            new.schedule.as_ref().map(json),
            new.next_run_at.map(Timestamp::as_millis),
            at.as_millis(),
        ))?;
    read(connection, principal, id)
}

pub(super) fn list(
    connection: &Connection,
    principal: &PrincipalId,
    page: &PageRequest,
) -> Result<Page<Source>, Fault> {
    let (created_at, id) = start_by_age::<SourceId>(page)?;
    let items = connection
        .prepare_cached(select_source!(
            "principal = ?1 AND (created_at, id) < (?2, ?3)
             ORDER BY created_at DESC, id DESC LIMIT ?4"
        ))?
        .query_map(
            (principal.as_str(), created_at, id, rows_to_read(page)),
            source,
        )?
        .collect::<Result<Vec<_>, _>>()?;
    Ok(page_of(items, page, |last| {
        let (created_at, id) = (last.created_at, last.id);
        AgeCursor { created_at, id }.encode()
    }))
}

pub(super) fn update(
    connection: &Connection,
    principal: &PrincipalId,
    source: &Source,
    at: Timestamp,
) -> Result<Source, Fault> {
    let pk = find(connection, principal, source.id)?;
    let changed = connection
        .prepare_cached(
            "UPDATE sources SET
                 kind = ?3, title = ?4, collection = ?5, schedule = ?6, next_run_at = ?7,
                 last_run = ?8, validators = ?9, revision = revision + 1, updated_at = ?10
             WHERE pk = ?1 AND revision = ?2",
        )?
        .execute((
            pk,
            stored(source.revision),
            json(&source.kind),
            &source.title,
            source.collection.as_str(),
            source.schedule.as_ref().map(json),
            source.next_run_at.map(Timestamp::as_millis),
            source.last_run.as_ref().map(json),
            &source.validators,
            at.as_millis(),
        ))?;
    if changed == 0 {
        return Err(StoreError::Changed.into());
    }
    read(connection, principal, source.id)
}

/// Deletes it; its items go by their foreign key.
pub(super) fn delete(
    connection: &Connection,
    principal: &PrincipalId,
    id: SourceId,
) -> Result<(), Fault> {
    let pk = find(connection, principal, id)?;
    connection
        .prepare_cached("DELETE FROM sources WHERE pk = ?1")?
        .execute([pk])?;
    Ok(())
}

pub(super) fn list_items(
    connection: &Connection,
    principal: &PrincipalId,
    id: SourceId,
    page: &PageRequest,
) -> Result<Page<SourceItem>, Fault> {
    let pk = find(connection, principal, id)?;
    let after = page
        .cursor
        .as_deref()
        .map(|text| ItemCursor::decode(text, id))
        .transpose()?
        .map(|cursor| cursor.key);
    let items = connection
        .prepare_cached(
            "SELECT key, title, url, fingerprint, document, error, updated_at FROM source_items
             WHERE source = ?1 AND (?2 IS NULL OR key > ?2) ORDER BY key LIMIT ?3",
        )?
        .query_map((pk, after, rows_to_read(page)), item)?
        .collect::<Result<Vec<_>, _>>()?;
    Ok(page_of(items, page, |last| {
        let (source_id, key) = (id, last.key.clone());
        ItemCursor { source_id, key }.encode()
    }))
}

pub(super) fn put_item(
    connection: &Connection,
    principal: &PrincipalId,
    id: SourceId,
    item: &SourceItem,
) -> Result<(), Fault> {
    let pk = find(connection, principal, id)?;
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO source_items (source, key, title, url, fingerprint, document,
                                                  error, updated_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute((
            pk,
            &item.key,
            &item.title,
            &item.url,
            &item.fingerprint,
            item.document_id.map(|id| id.to_string()),
            &item.error,
            item.updated_at.as_millis(),
        ))?;
    Ok(())
}

pub(super) fn delete_item(
    connection: &Connection,
    principal: &PrincipalId,
    id: SourceId,
    key: &str,
) -> Result<(), Fault> {
    let pk = find(connection, principal, id)?;
    connection
        .prepare_cached("DELETE FROM source_items WHERE source = ?1 AND key = ?2")?
        .execute((pk, key))?;
    Ok(())
}

pub(super) fn due(
    connection: &Connection,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<DueSource>, Fault> {
    let found = connection
        .prepare_cached(
            "SELECT principal, id, next_run_at FROM sources
             WHERE next_run_at <= ?1 ORDER BY next_run_at, pk LIMIT ?2",
        )?
        .query_map((now.as_millis(), limit), |row| {
            Ok(DueSource {
                principal: PrincipalId::new(&row.get::<_, String>(0)?),
                id: row.get::<_, Parsed<_>>(1)?.0,
                due_at: row.get::<_, Moment>(2)?.0,
            })
        })?
        .collect::<Result<_, _>>()?;
    Ok(found)
}
