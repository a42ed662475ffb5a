//! What the tests play with.

use std::{future::poll_fn, path::Path, task::Poll};

use bytes::Bytes;
use rusqlite::Connection;
use tidewire_domain::{
    Append, Appended, BeginTurn, ConversationId, EVENT_LOG_FORMAT, EventBatch, Holder, MessageId,
    NewConversation, Parent, Part, PrincipalId, Store, StoreError, Timestamp, TurnId, TurnKey,
};
use tidewire_store::SqliteStore;
use uuid::Uuid;

pub(crate) fn alice() -> PrincipalId {
    PrincipalId::new("alice")
}

pub(crate) fn now() -> Timestamp {
    Timestamp::from_millis(1_790_000_000_000)
}

pub(crate) fn holder(number: u8) -> Holder {
    Holder {
        id: Uuid::from_bytes([number; 16]),
        host: "here".into(),
        pid: 1,
        started: 1,
    }
}

pub(crate) async fn conversation(store: &SqliteStore) -> Result<ConversationId, StoreError> {
    let new = NewConversation::default();
    Ok(store.create_conversation(&alice(), new, now()).await?.id)
}

/// A turn that runs in a conversation of its own.
pub(crate) async fn turn(store: &SqliteStore, holder: &Holder) -> Result<TurnKey, StoreError> {
    let conversation_id = conversation(store).await?;
    let begin = BeginTurn {
        conversation_id,
        turn_id: TurnId::new(),
        message_id: MessageId::new(),
        parent: Parent::Newest,
        user_message: Some((
            MessageId::new(),
            vec![Part::Text {
                text: "why?".into(),
            }],
        )),
        model: "a-model".into(),
        title: None,
        idempotency: None,
        holder: holder.clone(),
        at: now(),
    };
    let key = TurnKey {
        principal: alice(),
        conversation_id,
        turn_id: begin.turn_id,
    };
    store.begin_turn(&alice(), begin).await?;
    Ok(key)
}

/// The event of this number, in a batch of so many bytes.
pub(crate) fn append(key: &TurnKey, seq: u64, body_bytes: usize) -> Append {
    Append {
        key: key.clone(),
        epoch: 1,
        batch: EventBatch {
            first_seq: seq,
            last_seq: seq,
            format: EVENT_LOG_FORMAT,
            body: Bytes::from(vec![7; body_bytes]),
        },
    }
}

pub(crate) fn is_stored(said: Appended) -> bool {
    matches!(said, Appended::Stored { .. })
}

/// Looks into the file with other eyes than the store's.
pub(crate) fn inspect(path: &Path) -> Connection {
    Connection::open(path).unwrap()
}

pub(crate) fn count(connection: &Connection, table: &str) -> u64 {
    let sql = format!("SELECT count(*) FROM {table}");
    connection
        .query_one(&sql, [], |row| row.get::<_, i64>(0))
        .unwrap()
        .cast_unsigned()
}

pub(crate) fn assert_sound(connection: &Connection) {
    let said: String = connection
        .query_one("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(said, "ok");
    let mut statement = connection.prepare("PRAGMA foreign_key_check").unwrap();
    assert!(statement.query([]).unwrap().next().unwrap().is_none());
}

/// Asks for all of them before any is answered, and gives the answers in the same order.
pub(crate) async fn at_once<F: Future>(futures: impl IntoIterator<Item = F>) -> Vec<F::Output> {
    let mut waiting: Vec<_> = futures.into_iter().map(Box::pin).collect();
    let mut answers: Vec<_> = waiting.iter().map(|_| None).collect();
    poll_fn(|context| {
        for (future, answer) in waiting.iter_mut().zip(&mut answers) {
            if answer.is_none()
                && let Poll::Ready(value) = future.as_mut().poll(context)
            {
                *answer = Some(value);
            }
        }
        if answers.iter().all(Option::is_some) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
    answers.into_iter().flatten().collect()
}
