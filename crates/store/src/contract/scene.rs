//! What the cases play with.

use std::{any::Any, sync::Arc};

use bytes::Bytes;
use tidewire_domain::{
    Append, Appended, BeginTurn, BegunTurn, Conversation, ConversationId, EVENT_LOG_FORMAT,
    EventBatch, FinishReason, FinishTurn, Holder, Idempotency, Message, MessageId, NewConversation,
    PageRequest, Parent, Part, PrincipalId, Store, Timestamp, Turn, TurnEvent, TurnFinished,
    TurnId, TurnState, Usage, encode_event,
};
use uuid::Uuid;

/// An empty store under test.
pub struct Subject {
    pub(super) store: Arc<dyn Store>,
    pub(super) other: Arc<dyn Store>,
    _keep: Box<dyn Any + Send + Sync>,
}

impl Subject {
    /// `other` stands for another process on the same rows. `keep` lives as long as the case: a
    /// folder, a server.
    pub fn new(store: Arc<dyn Store>, other: Arc<dyn Store>, keep: impl Any + Send + Sync) -> Self {
        Self {
            store,
            other,
            _keep: Box::new(keep),
        }
    }

    /// A conversation of Alice's without anything.
    pub(super) async fn conversation(&self) -> Conversation {
        let new = NewConversation::default();
        let made = self.store.create_conversation(&alice(), new, at(0)).await;
        made.unwrap()
    }

    pub(super) async fn begin(&self, begin: BeginTurn) -> Turn {
        match self.store.begin_turn(&alice(), begin).await.unwrap() {
            BegunTurn::Started { turn, .. } => turn,
            BegunTurn::Joined(turn) => panic!("joined {turn:?}"),
        }
    }

    /// A turn of Alice's that runs, under the newest message.
    pub(super) async fn running(&self, conversation: ConversationId) -> Turn {
        self.begin(request(conversation)).await
    }

    /// A turn of Alice's that is over, under the newest message.
    pub(super) async fn answered(&self, conversation: ConversationId) -> Turn {
        let turn = self.running(conversation).await;
        self.store.finish_turn(finish(&turn)).await.unwrap();
        turn
    }

    pub(super) async fn append(&self, turn: &Turn, batch: EventBatch) -> Appended {
        let append = append_to(turn, batch);
        let said = self.store.append(&producer(), vec![append], at(5)).await;
        said.unwrap()[0]
    }

    /// All messages of a conversation of Alice's, oldest first.
    pub(super) async fn messages(&self, conversation: ConversationId) -> Vec<Message> {
        let page = page(1000, None);
        let mut found = self
            .other
            .messages(&alice(), conversation, page)
            .await
            .unwrap();
        assert_eq!(found.next_cursor, None);
        found.items.reverse();
        found.items
    }

    /// All that is stored of a turn of Alice's.
    pub(super) async fn log(&self, turn: &Turn) -> Vec<EventBatch> {
        let found = self
            .other
            .events(&alice(), turn.key.turn_id, 0, u64::MAX)
            .await;
        found.unwrap().batches
    }
}

pub(super) fn alice() -> PrincipalId {
    PrincipalId::new("alice")
}

pub(super) fn bob() -> PrincipalId {
    PrincipalId::new("bob")
}

/// So many milliseconds into the case.
pub(super) fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(1_790_000_000_000 + millis)
}

/// The process that begins and produces turns, unless a case says otherwise.
pub(super) fn producer() -> Holder {
    holder(1)
}

pub(super) fn holder(number: u8) -> Holder {
    Holder {
        id: Uuid::from_bytes([number; 16]),
        host: format!("host-{number}"),
        pid: 4_000_000_000 + u32::from(number),
        started: u64::MAX - u64::from(number),
    }
}

pub(super) fn text(text: &str) -> Vec<Part> {
    vec![Part::Text { text: text.into() }]
}

pub(super) fn page(limit: u32, cursor: Option<String>) -> PageRequest {
    PageRequest { limit, cursor }
}

/// A question under the newest message.
pub(super) fn request(conversation_id: ConversationId) -> BeginTurn {
    BeginTurn {
        conversation_id,
        turn_id: TurnId::new(),
        message_id: MessageId::new(),
        parent: Parent::Newest,
        user_message: Some((MessageId::new(), text("a question"))),
        model: "a-model".into(),
        title: None,
        idempotency: None,
        holder: producer(),
        at: at(1),
    }
}

pub(super) fn under(conversation_id: ConversationId, parent: Parent) -> BeginTurn {
    let mut begin = request(conversation_id);
    begin.parent = parent;
    if matches!(parent, Parent::SiblingOf(_)) {
        begin.user_message = None;
    }
    begin
}

pub(super) fn idempotent(
    conversation_id: ConversationId,
    key: &str,
    request_hash: u8,
) -> BeginTurn {
    let mut begin = request(conversation_id);
    begin.idempotency = Some(Idempotency {
        key: key.into(),
        fingerprint: [request_hash; 32],
    });
    begin
}

/// A batch with a text event of every number from `first_seq` to `last_seq`.
pub(super) fn batch(first_seq: u64, last_seq: u64) -> EventBatch {
    let mut body = Vec::new();
    for number in first_seq..=last_seq {
        encode_event(&TurnEvent::TextDelta(format!("word {number} ")), &mut body);
    }
    EventBatch {
        first_seq,
        last_seq,
        format: EVENT_LOG_FORMAT,
        body: Bytes::from(body),
    }
}

pub(super) fn epoch(turn: &Turn) -> u64 {
    match &turn.state {
        TurnState::Running(lease) => lease.epoch,
        TurnState::Finished(reason) => panic!("the turn is over: {reason:?}"),
    }
}

pub(super) fn append_to(turn: &Turn, batch: EventBatch) -> Append {
    Append {
        key: turn.key.clone(),
        epoch: epoch(turn),
        batch,
    }
}

/// The end of a turn that has no stored events yet.
pub(super) fn finish(turn: &Turn) -> FinishTurn {
    let mut body = Vec::new();
    let finish_reason = FinishReason::Stop;
    encode_event(
        &TurnEvent::TurnFinished(TurnFinished { finish_reason }),
        &mut body,
    );
    FinishTurn {
        key: turn.key.clone(),
        epoch: epoch(turn),
        batch: EventBatch {
            first_seq: 1,
            last_seq: 1,
            format: EVENT_LOG_FORMAT,
            body: Bytes::from(body),
        },
        parts: text("an answer"),
        usage: Some(Usage {
            input_tokens: 3,
            output_tokens: 2,
            cache_read_tokens: 1,
            cache_write_tokens: 0,
        }),
        finish_reason,
        at: at(9),
    }
}
