//! Collections in their table: what is pending, who publishes, and what is published.

use rusqlite::{Connection, OptionalExtension, Row};
use tidewire_domain::{
    Collection, CollectionLease, CollectionName, IndexFile, PendingDocument, PrincipalId,
    StoreError, Timestamp,
};

use super::{
    column::{Count, Moment, Parsed, stored},
    fault::Fault,
};

/// The row's key.
fn find(
    connection: &Connection,
    principal: &PrincipalId,
    name: &CollectionName,
) -> Result<Option<i64>, Fault> {
    Ok(connection
        .prepare_cached("SELECT pk FROM collections WHERE principal = ?1 AND name = ?2")?
        .query_one((principal.as_str(), name.as_str()), |row| row.get(0))
        .optional()?)
}

/// The row's key, of a row that is made where there is none.
pub(super) fn find_or_create(
    connection: &Connection,
    principal: &PrincipalId,
    name: &CollectionName,
) -> Result<i64, Fault> {
    if let Some(pk) = find(connection, principal, name)? {
        return Ok(pk);
    }
    connection
        .prepare_cached("INSERT INTO collections (principal, name) VALUES (?1, ?2)")?
        .execute((principal.as_str(), name.as_str()))?;
    Ok(connection.last_insert_rowid())
}

/// The index file in these two columns.
fn index_file(
    row: &Row<'_>,
    path: usize,
    size: usize,
) -> Result<Option<IndexFile>, rusqlite::Error> {
    let path: Option<Parsed<_>> = row.get(path)?;
    let size_bytes: Option<Count> = row.get(size)?;
    Ok(path.zip(size_bytes).map(|(path, size_bytes)| IndexFile {
        path: path.0,
        size_bytes: size_bytes.0,
    }))
}

pub(super) fn list(
    connection: &Connection,
    principal: &PrincipalId,
) -> Result<Vec<Collection>, Fault> {
    let found = connection
        .prepare_cached(
            "SELECT name, version, published_at, index_path, index_bytes FROM collections c
             WHERE principal = ?1 AND (version > 0 OR EXISTS (
                 SELECT 1 FROM documents d WHERE d.collection = c.pk AND d.is_deleted = 0))
             ORDER BY name",
        )?
        .query_map([principal.as_str()], |row| {
            Ok(Collection {
                name: row.get::<_, Parsed<_>>(0)?.0,
                version: row.get::<_, Count>(1)?.0,
                published_at: row.get::<_, Option<Moment>>(2)?.map(|at| at.0),
                index: index_file(row, 3, 4)?,
            })
        })?
        .collect::<Result<_, _>>()?;
    Ok(found)
}

pub(super) fn pending(
    connection: &Connection,
    principal: &PrincipalId,
    name: &CollectionName,
    limit: u32,
) -> Result<Vec<PendingDocument>, Fault> {
    let Some(collection) = find(connection, principal, name)? else {
        return Ok(Vec::new());
    };
    let found = connection
        .prepare_cached(
            "SELECT id, revision, title, pending = 'remove' FROM documents
             WHERE collection = ?1 AND pending IS NOT NULL ORDER BY pending_at, pk LIMIT ?2",
        )?
        .query_map((collection, limit), |row| {
            Ok(PendingDocument {
                id: row.get::<_, Parsed<_>>(0)?.0,
                revision: row.get::<_, Count>(1)?.0,
                title: row.get(2)?,
                is_removal: row.get(3)?,
            })
        })?
        .collect::<Result<_, _>>()?;
    Ok(found)
}

pub(super) fn lease(
    connection: &Connection,
    principal: &PrincipalId,
    name: &CollectionName,
    at: Timestamp,
    until: Timestamp,
) -> Result<Option<CollectionLease>, Fault> {
    let pk = find_or_create(connection, principal, name)?;
    let given = connection
        .prepare_cached(
            "UPDATE collections SET epoch = epoch + 1, leased_until = ?3
             WHERE pk = ?1 AND leased_until <= ?2
             RETURNING epoch, version, index_path, index_bytes",
        )?
        .query_one((pk, at.as_millis(), until.as_millis()), |row| {
            Ok(CollectionLease {
                name: name.clone(),
                epoch: row.get::<_, Count>(0)?.0,
                version: row.get::<_, Count>(1)?.0,
                index: index_file(row, 2, 3)?,
            })
        })
        .optional()?;
    Ok(given)
}

pub(super) fn renew(
    connection: &Connection,
    principal: &PrincipalId,
    lease: &CollectionLease,
    until: Timestamp,
) -> Result<(), Fault> {
    let renewed = connection
        .prepare_cached(
            "UPDATE collections SET leased_until = ?4
             WHERE principal = ?1 AND name = ?2 AND epoch = ?3",
        )?
        .execute((
            principal.as_str(),
            lease.name.as_str(),
            stored(lease.epoch),
            until.as_millis(),
        ))?;
    if renewed == 0 {
        return Err(StoreError::LeaseLost.into());
    }
    Ok(())
}

pub(super) fn release(
    connection: &Connection,
    principal: &PrincipalId,
    lease: &CollectionLease,
) -> Result<(), Fault> {
    connection
        .prepare_cached(
            "UPDATE collections SET leased_until = 0
             WHERE principal = ?1 AND name = ?2 AND epoch = ?3",
        )?
        .execute((principal.as_str(), lease.name.as_str(), stored(lease.epoch)))?;
    Ok(())
}

/// A version that is to be published.
pub(super) struct Publication {
    pub(super) lease: CollectionLease,
    pub(super) index: IndexFile,
    pub(super) settled: Vec<PendingDocument>,
    pub(super) until: Timestamp,
    pub(super) at: Timestamp,
}

/// Publishes the version and settles what is in it, together.
pub(super) fn publish(
    connection: &Connection,
    principal: &PrincipalId,
    publication: &Publication,
) -> Result<CollectionLease, Fault> {
    let Publication { lease, index, .. } = publication;
    // The second half of the condition: the same call once more.
    let pk: i64 = connection
        .prepare_cached(
            "UPDATE collections SET
                 version = ?4 + 1, index_path = ?5, index_bytes = ?6, leased_until = ?7,
                 published_at = iif(version = ?4, ?8, published_at)
             WHERE principal = ?1 AND name = ?2 AND epoch = ?3
                   AND (version = ?4 OR (version = ?4 + 1 AND index_path = ?5))
             RETURNING pk",
        )?
        .query_one(
            (
                principal.as_str(),
                lease.name.as_str(),
                stored(lease.epoch),
                stored(lease.version),
                index.path.as_str(),
                stored(index.size_bytes),
                publication.until.as_millis(),
                publication.at.as_millis(),
            ),
            |row| row.get(0),
        )
        .optional()?
        .ok_or(StoreError::LeaseLost)?;
    for change in &publication.settled {
        settle(connection, pk, change, publication.at)?;
    }
    Ok(CollectionLease {
        name: lease.name.clone(),
        epoch: lease.epoch,
        version: lease.version + 1,
        index: Some(index.clone()),
    })
}

/// Notes that a change is in the index, unless another one came meanwhile.
fn settle(
    connection: &Connection,
    collection: i64,
    change: &PendingDocument,
    at: Timestamp,
) -> Result<(), Fault> {
    let id = change.id.to_string();
    let revision = stored(change.revision);
    if !change.is_removal {
        connection
            .prepare_cached(
                "UPDATE documents SET
                     pending = NULL, pending_at = NULL,
                     status = iif(status = 'ingesting', 'ready', status), updated_at = ?4
                 WHERE collection = ?1 AND id = ?2 AND revision = ?3 AND pending = 'put'",
            )?
            .execute((collection, id, revision, at.as_millis()))?;
        return Ok(());
    }
    let forgotten = connection
        .prepare_cached(
            "DELETE FROM documents
             WHERE collection = ?1 AND id = ?2 AND revision = ?3 AND is_deleted",
        )?
        .execute((collection, &id, revision))?;
    if forgotten == 0 {
        connection
            .prepare_cached(
                "UPDATE documents SET pending = NULL, pending_at = NULL, may_be_indexed = 0
                 WHERE collection = ?1 AND id = ?2 AND revision = ?3 AND pending = 'remove'",
            )?
            .execute((collection, id, revision))?;
    }
    Ok(())
}
