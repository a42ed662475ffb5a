//! Messages in their table.

use rusqlite::{Connection, OptionalExtension, Row};
use tidewire_domain::{
    ConversationId, Message, MessageId, Page, PageRequest, PrincipalId, Role, StoreError, Timestamp,
};

use super::{
    column::{Json, Moment, Parsed, Reason},
    conversation,
    fault::Fault,
};
use crate::cursor::MessageCursor;

macro_rules! select_message {
    ($where:literal) => {
        concat!(
            "SELECT m.pk, m.parent, m.id, p.id, m.role, m.parts, m.usage, m.created_at, t.id, t.finish_reason
             FROM messages m
             LEFT JOIN messages p ON p.pk = m.parent
             LEFT JOIN turns t ON t.message = m.pk ",
            $where
        )
    };
}

fn message(row: &Row<'_>) -> Result<Message, rusqlite::Error> {
    Ok(Message {
        id: row.get::<_, Parsed<_>>(2)?.0,
        parent_id: row.get::<_, Option<Parsed<_>>>(3)?.map(|id| id.0),
        role: match row.get_ref(4)?.as_str() {
            Ok("user") => Role::User,
            _ => Role::Assistant,
        },
        parts: row.get::<_, Json<_>>(5)?.0,
        usage: row.get::<_, Option<Json<_>>>(6)?.map(|usage| usage.0),
        created_at: row.get::<_, Moment>(7)?.0,
        turn_id: row.get::<_, Option<Parsed<_>>>(8)?.map(|id| id.0),
        finish_reason: row.get::<_, Option<Reason>>(9)?.map(|reason| reason.0),
    })
}

/// A message's place in the tree.
pub(super) struct Node {
    pub(super) pk: i64,
    pub(super) parent: Option<i64>,
    pub(super) role: Role,
}

fn node(row: &Row<'_>) -> Result<Node, rusqlite::Error> {
    Ok(Node {
        pk: row.get(0)?,
        parent: row.get(1)?,
        role: match row.get_ref(2)?.as_str() {
            Ok("user") => Role::User,
            _ => Role::Assistant,
        },
    })
}

/// The message of this id, if it is one of the conversation.
pub(super) fn find(
    connection: &Connection,
    conversation: i64,
    id: MessageId,
) -> Result<Option<Node>, Fault> {
    Ok(connection
        .prepare_cached(
            "SELECT pk, parent, role FROM messages WHERE id = ?1 AND conversation = ?2",
        )?
        .query_one((id.to_string(), conversation), node)
        .optional()?)
}

/// The message that was stored last.
pub(super) fn newest(connection: &Connection, conversation: i64) -> Result<Option<Node>, Fault> {
    Ok(connection
        .prepare_cached(
            "SELECT pk, parent, role FROM messages WHERE conversation = ?1 ORDER BY pk DESC LIMIT 1",
        )?
        .query_one([conversation], node)
        .optional()?)
}

/// A message to store.
pub(super) struct NewMessage<'a> {
    pub(super) id: MessageId,
    pub(super) conversation: i64,
    pub(super) parent: Option<i64>,
    pub(super) role: Role,
    /// JSON.
    pub(super) parts: &'a str,
    pub(super) at: Timestamp,
}

pub(super) fn insert(connection: &Connection, new: &NewMessage<'_>) -> Result<i64, Fault> {
    connection
        .prepare_cached(
            "INSERT INTO messages (id, conversation, parent, role, parts, created_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute((
            new.id.to_string(),
            new.conversation,
            new.parent,
            match new.role {
                Role::User => "user",
                Role::Assistant => "assistant",
            },
            new.parts,
            new.at.as_millis(),
        ))?;
    Ok(connection.last_insert_rowid())
}

/// Writes what a turn came to into the message that it makes. Both texts are JSON.
pub(super) fn fill(
    connection: &Connection,
    pk: i64,
    parts: &str,
    usage: Option<&str>,
) -> Result<(), Fault> {
    connection
        .prepare_cached("UPDATE messages SET parts = ?2, usage = ?3 WHERE pk = ?1")?
        .execute((pk, parts, usage))?;
    Ok(())
}

pub(super) fn list(
    connection: &Connection,
    principal: &PrincipalId,
    conversation_id: ConversationId,
    page: &PageRequest,
) -> Result<Page<Message>, Fault> {
    let conversation = conversation::find(connection, principal, conversation_id)?;
    let before = match &page.cursor {
        Some(cursor) => MessageCursor::decode(cursor, conversation_id)?.place,
        None => i64::MAX,
    };
    let limit = page.limit.max(1) as usize;
    let mut statement = connection.prepare_cached(select_message!(
        "WHERE m.conversation = ?1 AND m.pk < ?2 ORDER BY m.pk DESC LIMIT ?3"
    ))?;
    // One more than wanted tells whether there is another page.
    let mut rows = statement.query((conversation, before, i64::from(page.limit.max(1)) + 1))?;
    let mut items = Vec::new();
    let mut last = before;
    while let Some(row) = rows.next()? {
        if items.len() == limit {
            let cursor = MessageCursor {
                conversation_id,
                place: last,
            };
            return Ok(Page {
                items,
                next_cursor: Some(cursor.encode()),
            });
        }
        last = row.get(0)?;
        items.push(message(row)?);
    }
    Ok(Page {
        items,
        next_cursor: None,
    })
}

pub(super) fn history(
    connection: &Connection,
    principal: &PrincipalId,
    conversation_id: ConversationId,
    leaf: MessageId,
    max_bytes: u64,
) -> Result<Vec<Message>, Fault> {
    let conversation = conversation::find(connection, principal, conversation_id)?;
    let leaf = find(connection, conversation, leaf)?.ok_or(StoreError::NotFound("message"))?;
    let mut statement = connection.prepare_cached(select_message!("WHERE m.pk = ?1"))?;
    let mut path = Vec::new();
    let mut bytes = 0_u64;
    let mut next = Some(leaf.pk);
    while let Some(pk) = next {
        let mut rows = statement.query([pk])?;
        let Some(row) = rows.next()? else { break };
        bytes += row.get_ref(5)?.as_bytes().map_or(0, <[u8]>::len) as u64;
        if bytes > max_bytes && !path.is_empty() {
            break;
        }
        path.push(message(row)?);
        next = row.get(1)?;
    }
    path.reverse();
    Ok(path)
}
