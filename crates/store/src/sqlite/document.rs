//! Documents in their table.

use rusqlite::{Connection, OptionalExtension, Row};
use tidewire_domain::{
    CollectionName, Document, DocumentId, DocumentQuery, DocumentStatus, DocumentStep, NewDocument,
    Page, PrincipalId, StoreError, Timestamp,
};

use super::{
    collection,
    column::{Count, Json, Moment, Parsed, Status, stored},
    fault::Fault,
    page::{page_of, rows_to_read, start_by_age},
    store::json,
};
use crate::cursor::AgeCursor;

macro_rules! select_document {
    ($where:literal) => {
        concat!(
            "SELECT d.id, c.name, d.title, d.file_name, d.media_type, d.size_bytes, d.status,
                    d.reason, d.passages, d.origin, d.url, d.created_at, d.updated_at, d.pk
             FROM documents d JOIN collections c ON c.pk = d.collection
             WHERE d.is_deleted = 0 AND ",
            $where
        )
    };
}

fn document(row: &Row<'_>) -> Result<Document, rusqlite::Error> {
    Ok(Document {
        id: row.get::<_, Parsed<_>>(0)?.0,
        collection: row.get::<_, Parsed<_>>(1)?.0,
        title: row.get(2)?,
        file_name: row.get(3)?,
        media_type: row.get(4)?,
        size_bytes: row.get::<_, Count>(5)?.0,
        status: row.get::<_, Status>(6)?.0,
        reason: row.get(7)?,
        passages: row.get(8)?,
        origin: row.get::<_, Option<Json<_>>>(9)?.map(|origin| origin.0),
        url: row.get(10)?,
        created_at: row.get::<_, Moment>(11)?.0,
        updated_at: row.get::<_, Moment>(12)?.0,
    })
}

/// The document and its row's key, if it is the principal's and not deleted.
fn find(
    connection: &Connection,
    principal: &PrincipalId,
    id: DocumentId,
) -> Result<(Document, i64), Fault> {
    connection
        .prepare_cached(select_document!("d.principal = ?1 AND d.id = ?2"))?
        .query_one((principal.as_str(), id.to_string()), |row| {
            Ok((document(row)?, row.get(13)?))
        })
        .optional()?
        .ok_or_else(|| StoreError::NotFound("document").into())
}

pub(super) fn read(
    connection: &Connection,
    principal: &PrincipalId,
    id: DocumentId,
) -> Result<Document, Fault> {
    Ok(find(connection, principal, id)?.0)
}

pub(super) fn create(
    connection: &Connection,
    principal: &PrincipalId,
    new: &NewDocument,
    at: Timestamp,
) -> Result<Document, Fault> {
    let is_known = connection
        .prepare_cached("SELECT 1 FROM documents WHERE principal = ?1 AND id = ?2")?
        .exists((principal.as_str(), new.id.to_string()))?;
    if is_known {
        return Err(StoreError::Changed.into());
    }
    let collection = collection::find_or_create(connection, principal, &new.collection)?;
    connection
        .prepare_cached(
            "INSERT INTO documents (id, principal, collection, title, file_name, media_type,
                                    size_bytes, status, origin, url, created_at, updated_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?11)",
        )?
        .execute((
            new.id.to_string(),
            principal.as_str(),
            collection,
            &new.title,
            &new.file_name,
            &new.media_type,
            stored(new.size_bytes),
            new.status.as_str(),
            new.origin.as_ref().map(json),
            &new.url,
            at.as_millis(),
        ))?;
    read(connection, principal, new.id)
}

pub(super) fn list(
    connection: &Connection,
    principal: &PrincipalId,
    query: &DocumentQuery,
) -> Result<Page<Document>, Fault> {
    let (created_at, id) = start_by_age::<DocumentId>(&query.page)?;
    let name = query.collection.as_ref().map(CollectionName::as_str);
    let items = connection
        .prepare_cached(select_document!(
            "d.principal = ?1 AND (d.created_at, d.id) < (?2, ?3) AND (?4 IS NULL OR c.name = ?4)
             ORDER BY d.created_at DESC, d.id DESC LIMIT ?5"
        ))?
        .query_map(
            (
                principal.as_str(),
                created_at,
                id,
                name,
                rows_to_read(&query.page),
            ),
            document,
        )?
        .collect::<Result<Vec<_>, _>>()?;
    Ok(page_of(items, &query.page, |last| {
        let (created_at, id) = (last.created_at, last.id);
        AgeCursor { created_at, id }.encode()
    }))
}

/// Takes a step where the document's status allows it.
pub(super) fn step(
    connection: &Connection,
    principal: &PrincipalId,
    id: DocumentId,
    step: &DocumentStep,
    at: Timestamp,
) -> Result<Document, Fault> {
    let (before, pk) = find(connection, principal, id)?;
    if !is_taken_from(step, before.status) {
        return Ok(before);
    }
    let change = Change::of(step);
    connection
        .prepare_cached(
            "UPDATE documents SET
                 revision = revision + 1,
                 updated_at = ?2,
                 status = ?3,
                 reason = ?4,
                 size_bytes = coalesce(?5, size_bytes),
                 title = coalesce(?6, title),
                 passages = coalesce(?7, passages),
                 may_be_indexed = may_be_indexed OR ?8 IS 'put',
                 pending = CASE WHEN ?8 = 'put' THEN 'put'
                                WHEN ?8 = 'remove' THEN iif(may_be_indexed, 'remove', NULL)
                                ELSE pending END,
                 pending_at = CASE WHEN ?8 = 'put' THEN ?2
                                   WHEN ?8 = 'remove' THEN iif(may_be_indexed, ?2, NULL)
                                   ELSE pending_at END
             WHERE pk = ?1",
        )?
        .execute((
            pk,
            at.as_millis(),
            change.status.as_str(),
            change.reason,
            change.size_bytes.map(stored),
            change.title,
            change.passages,
            change.pending,
        ))?;
    read(connection, principal, id)
}

const fn is_taken_from(step: &DocumentStep, status: DocumentStatus) -> bool {
    use DocumentStatus::{AwaitingUpload, Failed, Ingesting, Queued, Ready};
    match step {
        DocumentStep::Uploaded { .. } => matches!(status, AwaitingUpload),
        DocumentStep::Requeued { .. } => matches!(status, Ready | Failed),
        DocumentStep::Began => matches!(status, Queued | Ingesting),
        DocumentStep::Read { .. } => matches!(status, Ingesting),
        DocumentStep::Failed { .. } => matches!(status, AwaitingUpload | Queued | Ingesting),
    }
}

/// What a step does to a row. What is `None` stays, but the reason goes.
struct Change<'a> {
    status: DocumentStatus,
    reason: Option<&'a str>,
    size_bytes: Option<u64>,
    title: Option<&'a str>,
    passages: Option<u32>,
    pending: Option<&'static str>,
}

impl<'a> Change<'a> {
    fn of(step: &'a DocumentStep) -> Self {
        let to = |status| Self {
            status,
            reason: None,
            size_bytes: None,
            title: None,
            passages: None,
            pending: None,
        };
        match step {
            DocumentStep::Uploaded { size_bytes } | DocumentStep::Requeued { size_bytes } => Self {
                size_bytes: Some(*size_bytes),
                ..to(DocumentStatus::Queued)
            },
            DocumentStep::Began => to(DocumentStatus::Ingesting),
            DocumentStep::Read { title, passages } => Self {
                title: title.as_deref(),
                passages: Some(*passages),
                pending: Some("put"),
                ..to(DocumentStatus::Ingesting)
            },
            DocumentStep::Failed { reason } => Self {
                reason: Some(reason),
                pending: Some("remove"),
                ..to(DocumentStatus::Failed)
            },
        }
    }
}

/// Deletes it; where its passages may be in the index its row waits for their removal.
pub(super) fn delete(
    connection: &Connection,
    principal: &PrincipalId,
    id: DocumentId,
    at: Timestamp,
) -> Result<Document, Fault> {
    let (document, pk) = find(connection, principal, id)?;
    let is_gone = connection
        .prepare_cached("DELETE FROM documents WHERE pk = ?1 AND NOT may_be_indexed")?
        .execute([pk])?;
    if is_gone == 0 {
        connection
            .prepare_cached(
                "UPDATE documents SET is_deleted = 1, revision = revision + 1,
                                      pending = 'remove', pending_at = ?2
                 WHERE pk = ?1",
            )?
            .execute((pk, at.as_millis()))?;
    }
    Ok(document)
}
