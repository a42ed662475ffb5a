//! Conversations in their table.

use rusqlite::{Connection, OptionalExtension, Row};
use tidewire_domain::{
    Conversation, ConversationId, ConversationPatch, ConversationQuery, NewConversation, Page,
    PrincipalId, StoreError, Timestamp,
};

use super::{
    column::{Moment, Parsed},
    event,
    fault::Fault,
};
use crate::{cursor::ConversationCursor, title::TitleFilter};

macro_rules! select_conversation {
    ($where:literal) => {
        concat!(
            "SELECT c.id, c.title, c.model, c.system, t.id, c.created_at, c.updated_at
             FROM conversations c
             LEFT JOIN turns t ON t.conversation = c.pk AND t.holder IS NOT NULL ",
            $where
        )
    };
}

fn conversation(row: &Row<'_>) -> Result<Conversation, rusqlite::Error> {
    Ok(Conversation {
        id: row.get::<_, Parsed<_>>(0)?.0,
        title: row.get(1)?,
        model: row.get(2)?,
        system: row.get(3)?,
        active_turn: row.get::<_, Option<Parsed<_>>>(4)?.map(|id| id.0),
        created_at: row.get::<_, Moment>(5)?.0,
        updated_at: row.get::<_, Moment>(6)?.0,
    })
}

/// The row's key among rows, if it is the principal's.
pub(super) fn find(
    connection: &Connection,
    principal: &PrincipalId,
    id: ConversationId,
) -> Result<i64, Fault> {
    connection
        .prepare_cached("SELECT pk FROM conversations WHERE id = ?1 AND principal = ?2")?
        .query_one((id.to_string(), principal.as_str()), |row| row.get(0))
        .optional()?
        .ok_or_else(|| StoreError::NotFound("conversation").into())
}

pub(super) fn read(
    connection: &Connection,
    principal: &PrincipalId,
    id: ConversationId,
) -> Result<Conversation, Fault> {
    connection
        .prepare_cached(select_conversation!("WHERE c.id = ?1 AND c.principal = ?2"))?
        .query_one((id.to_string(), principal.as_str()), conversation)
        .optional()?
        .ok_or_else(|| StoreError::NotFound("conversation").into())
}

pub(super) fn list(
    connection: &Connection,
    principal: &PrincipalId,
    query: &ConversationQuery,
) -> Result<Page<Conversation>, Fault> {
    let after = query.page.cursor.as_deref().map(ConversationCursor::decode);
    let (updated_at, id) = match after.transpose()? {
        Some(cursor) => (cursor.updated_at.as_millis(), cursor.id.to_string()),
        // Sorts after every row.
        None => (i64::MAX, "~".to_owned()),
    };
    let filter = query.title_contains.as_deref().map(TitleFilter::new);
    let limit = query.page.limit.max(1) as usize;

    let mut statement = connection.prepare_cached(select_conversation!(
        "WHERE c.principal = ?1 AND (c.updated_at, c.id) < (?2, ?3)
         ORDER BY c.updated_at DESC, c.id DESC"
    ))?;
    let mut rows = statement.query((principal.as_str(), updated_at, id))?;
    let mut items: Vec<Conversation> = Vec::new();
    while let Some(row) = rows.next()? {
        if let Some(filter) = &filter
            && !filter.accepts(
                row.get_ref(1)?
                    .as_str_or_null()
                    .map_err(rusqlite::Error::from)?,
            )
        {
            continue;
        }
        if items.len() == limit {
            let next_cursor = items.last().map(|last| {
                let (updated_at, id) = (last.updated_at, last.id);
                ConversationCursor { updated_at, id }.encode()
            });
            return Ok(Page { items, next_cursor });
        }
        items.push(conversation(row)?);
    }
    Ok(Page {
        items,
        next_cursor: None,
    })
}

pub(super) fn create(
    connection: &Connection,
    principal: &PrincipalId,
    id: ConversationId,
    new: &NewConversation,
    at: Timestamp,
) -> Result<Conversation, Fault> {
    connection
        .prepare_cached(
            "INSERT INTO conversations (id, principal, title, model, system, created_at, updated_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)",
        )?
        .execute((
            id.to_string(),
            principal.as_str(),
            &new.title,
            &new.model,
            &new.system,
            at.as_millis(),
        ))?;
    read(connection, principal, id)
}

pub(super) fn update(
    connection: &Connection,
    principal: &PrincipalId,
    id: ConversationId,
    patch: &ConversationPatch,
    at: Timestamp,
) -> Result<Conversation, Fault> {
    connection
        .prepare_cached(
            "UPDATE conversations SET
                 title = coalesce(?3, title),
                 model = nullif(coalesce(?4, model), ''),
                 system = nullif(coalesce(?5, system), ''),
                 updated_at = ?6
             WHERE id = ?1 AND principal = ?2",
        )?
        .execute((
            id.to_string(),
            principal.as_str(),
            &patch.title,
            &patch.model,
            &patch.system,
            at.as_millis(),
        ))?;
    read(connection, principal, id)
}

/// Deletes it; its messages and turns go by their foreign keys.
pub(super) fn delete(
    connection: &Connection,
    principal: &PrincipalId,
    id: ConversationId,
) -> Result<(), Fault> {
    let pk = find(connection, principal, id)?;
    event::delete_all(connection, pk)?;
    connection
        .prepare_cached("DELETE FROM conversations WHERE pk = ?1")?
        .execute([pk])?;
    Ok(())
}

/// Notes that something was written under it.
pub(super) fn touch(
    connection: &Connection,
    conversation: i64,
    title: Option<&str>,
    at: Timestamp,
) -> Result<(), Fault> {
    connection
        .prepare_cached(
            "UPDATE conversations SET title = coalesce(title, ?2), updated_at = ?3 WHERE pk = ?1",
        )?
        .execute((conversation, title, at.as_millis()))?;
    Ok(())
}
