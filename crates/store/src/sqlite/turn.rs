//! Turns in their table: how they begin and what they are.

use rusqlite::{Connection, OptionalExtension, Row};
use tidewire_domain::{
    BeginTurn, BegunTurn, Holder, Idempotency, Lease, Parent, PrincipalId, Role, StoreError, Turn,
    TurnId, TurnKey, TurnState,
};

use super::{
    column::{Count, Moment, Parsed, Reason},
    conversation,
    fault::Fault,
    lease,
    message::{self, NewMessage, Node},
};

macro_rules! select_turn {
    ($where:literal) => {
        concat!(
            "SELECT t.message, t.id, c.id, c.principal, m.id, p.id, t.model, t.created_at, t.finish_reason,
                 t.epoch, h.id, h.host, h.pid, h.started, h.renewed_at, t.last_seq
             FROM turns t
             JOIN conversations c ON c.pk = t.conversation
             JOIN messages m ON m.pk = t.message
             LEFT JOIN messages p ON p.pk = m.parent
             LEFT JOIN holders h ON h.pk = t.holder ",
            $where
        )
    };
}

/// The row's key among rows, and the turn.
fn turn(row: &Row<'_>) -> Result<(i64, Turn), rusqlite::Error> {
    let key = TurnKey {
        turn_id: row.get::<_, Parsed<_>>(1)?.0,
        conversation_id: row.get::<_, Parsed<_>>(2)?.0,
        principal: PrincipalId::new(row.get_ref(3)?.as_str()?),
    };
    let state = match row.get::<_, Option<Reason>>(8)? {
        Some(reason) => TurnState::Finished(reason.0),
        None => TurnState::Running(lease(row, key.clone())?),
    };
    let turn = Turn {
        key,
        message_id: row.get::<_, Parsed<_>>(4)?.0,
        parent_id: row.get::<_, Option<Parsed<_>>>(5)?.map(|id| id.0),
        model: row.get(6)?,
        state,
        last_seq: row.get::<_, Count>(15)?.0,
        created_at: row.get::<_, Moment>(7)?.0,
    };
    Ok((row.get(0)?, turn))
}

fn lease(row: &Row<'_>, key: TurnKey) -> Result<Lease, rusqlite::Error> {
    Ok(Lease {
        key,
        epoch: row.get::<_, Count>(9)?.0,
        holder: Holder {
            id: row.get::<_, Parsed<_>>(10)?.0,
            host: row.get(11)?,
            pid: row.get(12)?,
            started: row.get::<_, i64>(13)?.cast_unsigned(),
        },
        renewed_at: row.get::<_, Moment>(14)?.0,
    })
}

pub(super) fn find(
    connection: &Connection,
    principal: &PrincipalId,
    id: TurnId,
) -> Result<(i64, Turn), Fault> {
    connection
        .prepare_cached(select_turn!("WHERE t.id = ?1 AND c.principal = ?2"))?
        .query_one((id.to_string(), principal.as_str()), turn)
        .optional()?
        .ok_or_else(|| StoreError::NotFound("turn").into())
}

/// All that run, of everybody.
pub(super) fn running(connection: &Connection) -> Result<Vec<Lease>, Fault> {
    let mut statement = connection.prepare_cached(select_turn!("WHERE t.holder IS NOT NULL"))?;
    let leases = statement.query_map([], |row| match turn(row)?.1.state {
        TurnState::Running(lease) => Ok(Some(lease)),
        TurnState::Finished(_) => Ok(None),
    })?;
    Ok(leases
        .filter_map(Result::transpose)
        .collect::<Result<_, _>>()?)
}

/// Sets the flag that the producer finds at its next write or renewal.
pub(super) fn request_stop(
    connection: &Connection,
    principal: &PrincipalId,
    id: TurnId,
) -> Result<Turn, Fault> {
    let (pk, turn) = find(connection, principal, id)?;
    connection
        .prepare_cached(
            "UPDATE turns SET stop_requested = 1
             WHERE message = ?1 AND holder IS NOT NULL AND stop_requested = 0",
        )?
        .execute([pk])?;
    Ok(turn)
}

/// `user_parts` is the JSON of the user message's parts.
pub(super) fn begin(
    connection: &Connection,
    principal: &PrincipalId,
    begin: &BeginTurn,
    user_parts: &str,
) -> Result<BegunTurn, Fault> {
    let conversation = conversation::find(connection, principal, begin.conversation_id)?;
    if let Some(idempotency) = &begin.idempotency
        && let Some(turn) = joined(connection, conversation, idempotency)?
    {
        return Ok(BegunTurn::Joined(turn));
    }
    if let Some(turn) = active(connection, conversation)? {
        return Err(StoreError::TurnActive(Box::new(turn)).into());
    }
    let parent = parent(connection, conversation, begin)?;

    let parent = match &begin.user_message {
        None => parent,
        Some((id, _)) => Some(message::insert(
            connection,
            &NewMessage {
                id: *id,
                conversation,
                parent,
                role: Role::User,
                parts: user_parts,
                at: begin.at,
            },
        )?),
    };
    let assistant = message::insert(
        connection,
        &NewMessage {
            id: begin.message_id,
            conversation,
            parent,
            role: Role::Assistant,
            parts: "[]",
            at: begin.at,
        },
    )?;
    let holder = lease::renew_holder(connection, &begin.holder, begin.at)?;
    connection
        .prepare_cached(
            "INSERT INTO turns (message, id, conversation, model, idempotency_key, fingerprint, holder, epoch, created_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 1, ?8)",
        )?
        .execute((
            assistant,
            begin.turn_id.to_string(),
            conversation,
            &begin.model,
            begin.idempotency.as_ref().map(|sent| sent.key.as_str()),
            begin.idempotency.as_ref().map(|sent| sent.fingerprint),
            holder,
            begin.at.as_millis(),
        ))?;
    conversation::touch(connection, conversation, begin.title.as_deref(), begin.at)?;
    Ok(BegunTurn::Started {
        turn: find(connection, principal, begin.turn_id)?.1,
        conversation: conversation::read(connection, principal, begin.conversation_id)?,
    })
}

fn joined(
    connection: &Connection,
    conversation: i64,
    sent: &Idempotency,
) -> Result<Option<Turn>, Fault> {
    let same: Option<bool> = connection
        .prepare_cached(
            "SELECT fingerprint = ?3 FROM turns WHERE conversation = ?1 AND idempotency_key = ?2",
        )?
        .query_one((conversation, &sent.key, sent.fingerprint), |row| {
            row.get(0)
        })
        .optional()?;
    match same {
        None => Ok(None),
        Some(false) => Err(StoreError::IdempotencyMismatch.into()),
        Some(true) => Ok(connection
            .prepare_cached(select_turn!(
                "WHERE t.conversation = ?1 AND t.idempotency_key = ?2"
            ))?
            .query_one((conversation, &sent.key), turn)
            .optional()?
            .map(|(_, turn)| turn)),
    }
}

fn active(connection: &Connection, conversation: i64) -> Result<Option<Turn>, Fault> {
    Ok(connection
        .prepare_cached(select_turn!(
            "WHERE t.conversation = ?1 AND t.holder IS NOT NULL"
        ))?
        .query_one([conversation], turn)
        .optional()?
        .map(|(_, turn)| turn))
}

/// The parent of the first message that the turn makes.
fn parent(
    connection: &Connection,
    conversation: i64,
    begin: &BeginTurn,
) -> Result<Option<i64>, Fault> {
    let named = |id| {
        message::find(connection, conversation, id)?
            .filter(|node| node.role == Role::Assistant)
            .ok_or(Fault::Refused(StoreError::InvalidParent))
    };
    match (begin.parent, &begin.user_message) {
        (Parent::Under(None), Some(_)) => Ok(None),
        (Parent::Under(Some(id)), Some(_)) => Ok(Some(named(id)?.pk)),
        (Parent::SiblingOf(id), None) => Ok(named(id)?.parent),
        (Parent::Newest, Some(_)) => match message::newest(connection, conversation)? {
            None => Ok(None),
            Some(Node {
                pk,
                role: Role::Assistant,
                ..
            }) => Ok(Some(pk)),
            Some(_) => Err(StoreError::InvalidParent.into()),
        },
        // A sibling answers what its sibling answers, everything else needs a question.
        (Parent::SiblingOf(_), Some(_)) | (_, None) => Err(StoreError::InvalidParent.into()),
    }
}
