//! The port behind which stores stand. Every query names the principal whose rows it may see.

use async_trait::async_trait;
use bytes::Bytes;

use crate::{
    Conversation, ConversationId, ConversationPatch, FinishReason, Holder, Lease, Message,
    MessageId, NewConversation, Part, PrincipalId, Timestamp, Turn, TurnId, TurnKey, Usage,
};

/// Why a store did not do what it was asked, by what the caller does about it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No such row, or one of another principal: nobody can tell which.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// The parent is not an assistant message of this conversation.
    #[error("the parent is not an assistant message of this conversation")]
    InvalidParent,
    /// A turn already runs on this conversation.
    #[error("a turn already runs on this conversation")]
    TurnActive(Box<Turn>),
    /// The idempotency key came before with another request.
    #[error("the idempotency key was used with another request")]
    IdempotencyMismatch,
    /// The caller no longer holds the lease of the turn or of the collection.
    #[error("the lease was lost")]
    LeaseLost,
    /// It changed since the caller read it.
    #[error("it was changed meanwhile")]
    Changed,
    /// A cursor that this store did not make.
    #[error("the cursor is not one that this list gave out")]
    InvalidCursor,
    /// The disk is full.
    #[error("the disk is full")]
    Full,
    /// The schema is newer than this release.
    #[error(
        "the database has schema version {found}, this release knows {known}: run the newer release, or restore a backup"
    )]
    NewerSchema {
        /// In the database.
        found: i64,
        /// The newest that this release knows.
        known: i64,
    },
    /// It cannot be reached or does not answer; trying again may help.
    #[error("the store is not available: {0}")]
    Unavailable(String),
    /// What it holds cannot be read.
    #[error("the store holds something that cannot be read: {0}")]
    Corrupt(String),
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Where the next page starts; absent on the last one.
    pub next_cursor: Option<String>,
}

/// Which page is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest {
    /// How many rows at most; at least 1.
    pub limit: u32,
    /// Where it starts, as a page before it said.
    pub cursor: Option<String>,
}

/// Which conversations are wanted, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConversationQuery {
    /// The page.
    pub page: PageRequest,
    /// Only those whose title holds this text, whatever its case.
    pub title_contains: Option<String>,
}

/// Where a turn hangs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parent {
    /// A new user message under the newest message.
    Newest,
    /// A new user message under this one, or at the root.
    Under(Option<MessageId>),
    /// No new user message: a sibling of this assistant message.
    SiblingOf(MessageId),
}

/// A client's name for a request, so that a repetition joins the turn that it started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Idempotency {
    /// What the client sent; unique within the conversation.
    pub key: String,
    /// A hash of the request, so that another request under the same key is noticed.
    pub fingerprint: [u8; 32],
}

/// What a turn starts from.
#[derive(Debug, Clone, PartialEq)]
pub struct BeginTurn {
    /// The conversation.
    pub conversation_id: ConversationId,
    /// The new turn.
    pub turn_id: TurnId,
    /// The assistant message that it will make.
    pub message_id: MessageId,
    /// Where it hangs.
    pub parent: Parent,
    /// The user's message, unless it makes a sibling.
    pub user_message: Option<(MessageId, Vec<Part>)>,
    /// The model that answers.
    pub model: String,
    /// Set where the conversation has no title.
    pub title: Option<String>,
    /// The client's name for the request.
    pub idempotency: Option<Idempotency>,
    /// Who will produce it.
    pub holder: Holder,
    /// Now.
    pub at: Timestamp,
}

/// What became of a request for a turn.
#[derive(Debug, Clone, PartialEq)]
pub enum BegunTurn {
    /// It began under this lease, epoch 1.
    Started {
        /// The turn.
        turn: Turn,
        /// Its conversation, after the change.
        conversation: Conversation,
    },
    /// The same request came before: this is its turn, running or not.
    Joined(Turn),
}

/// A run of events of one turn's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventBatch {
    /// The number of its first event.
    pub first_seq: u64,
    /// The number of its last event.
    pub last_seq: u64,
    /// The format of `body`; [`crate::EVENT_LOG_FORMAT`] for what this release writes.
    pub format: u8,
    /// The records.
    pub body: Bytes,
}

/// A batch to store under a lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Append {
    /// The turn.
    pub key: TurnKey,
    /// The lease's epoch.
    pub epoch: u64,
    /// The events. Its first number is one more than the last stored one.
    pub batch: EventBatch,
}

/// What became of an [`Append`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Appended {
    /// It is stored, and the lease renewed.
    Stored {
        /// Somebody asked the turn to stop.
        stop_requested: bool,
    },
    /// The lease is another's, the turn is over or gone, or the numbers do not follow: nothing was stored.
    LeaseLost,
}

/// What a renewal brought back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Renewal {
    /// Turns that somebody asked to stop.
    pub stop_requested: Vec<TurnId>,
    /// Turns whose lease is lost.
    pub lost: Vec<TurnId>,
}

/// The end of a turn: its last events and the message that they amount to, stored together.
#[derive(Debug, Clone, PartialEq)]
pub struct FinishTurn {
    /// The turn.
    pub key: TurnKey,
    /// The lease's epoch.
    pub epoch: u64,
    /// What was not stored yet; its last event is `turn_finished`.
    pub batch: EventBatch,
    /// The assistant message's parts.
    pub parts: Vec<Part>,
    /// What it cost.
    pub usage: Option<Usage>,
    /// Why it ended.
    pub finish_reason: FinishReason,
    /// Now.
    pub at: Timestamp,
}

/// A piece of a turn's log, with the turn as it stood when the piece was read.
#[derive(Debug, Clone, PartialEq)]
pub struct EventPage {
    /// The turn.
    pub turn: Turn,
    /// Batches in order. The first may begin before the number that was asked for.
    pub batches: Vec<EventBatch>,
}

/// Where conversations, messages and turns are kept.
#[async_trait]
pub trait Store: Send + Sync {
    /// Whether it answers.
    async fn ready(&self) -> Result<(), StoreError>;

    /// A secret that all processes on this store share: the stored one, or `candidate` where there is none.
    async fn shared_secret(&self, name: &str, candidate: &[u8]) -> Result<Vec<u8>, StoreError>;

    /// Makes a conversation.
    async fn create_conversation(
        &self,
        principal: &PrincipalId,
        new: NewConversation,
        at: Timestamp,
    ) -> Result<Conversation, StoreError>;

    /// Reads a conversation.
    async fn conversation(
        &self,
        principal: &PrincipalId,
        id: ConversationId,
    ) -> Result<Conversation, StoreError>;

    /// Lists conversations, the last written first.
    async fn conversations(
        &self,
        principal: &PrincipalId,
        query: ConversationQuery,
    ) -> Result<Page<Conversation>, StoreError>;

    /// Changes a conversation.
    async fn update_conversation(
        &self,
        principal: &PrincipalId,
        id: ConversationId,
        patch: ConversationPatch,
        at: Timestamp,
    ) -> Result<Conversation, StoreError>;

    /// Deletes a conversation with all that hangs under it. A turn that runs on it loses its lease.
    async fn delete_conversation(
        &self,
        principal: &PrincipalId,
        id: ConversationId,
    ) -> Result<(), StoreError>;

    /// Lists a conversation's messages of all branches, newest first.
    async fn messages(
        &self,
        principal: &PrincipalId,
        conversation_id: ConversationId,
        page: PageRequest,
    ) -> Result<Page<Message>, StoreError>;

    /// The path that ends in `leaf`, oldest first: its newest messages, until their parts' JSON
    /// comes to more than `max_bytes`, but always the leaf.
    async fn history(
        &self,
        principal: &PrincipalId,
        conversation_id: ConversationId,
        leaf: MessageId,
        max_bytes: u64,
    ) -> Result<Vec<Message>, StoreError>;

    /// Starts a turn, or joins the one that the same request started, in one transaction: the
    /// user's message, the empty assistant message, the turn, and the conversation's `active_turn`.
    async fn begin_turn(
        &self,
        principal: &PrincipalId,
        begin: BeginTurn,
    ) -> Result<BegunTurn, StoreError>;

    /// Reads a turn.
    async fn turn(&self, principal: &PrincipalId, id: TurnId) -> Result<Turn, StoreError>;

    /// Reads a turn's log after the event `after_seq`: about `max_bytes` of it, at least one batch
    /// if there is one.
    async fn events(
        &self,
        principal: &PrincipalId,
        id: TurnId,
        after_seq: u64,
        max_bytes: u64,
    ) -> Result<EventPage, StoreError>;

    /// Asks a turn to stop; does nothing to one that is over. Returns it as it was.
    async fn request_stop(&self, principal: &PrincipalId, id: TurnId) -> Result<Turn, StoreError>;

    /// Makes the holder known and renews its leases. Called before its first turn.
    async fn register_holder(&self, holder: &Holder, at: Timestamp) -> Result<(), StoreError>;

    /// Stores batches of several turns of one holder in one commit, renews their leases, and says
    /// for each, in the same order, what became of it.
    async fn append(
        &self,
        holder: &Holder,
        appends: Vec<Append>,
        at: Timestamp,
    ) -> Result<Vec<Appended>, StoreError>;

    /// Renews the leases of turns that had nothing to append.
    async fn renew(
        &self,
        holder: &Holder,
        turns: Vec<(TurnKey, u64)>,
        at: Timestamp,
    ) -> Result<Renewal, StoreError>;

    /// Ends a turn: all of it or, with [`StoreError::LeaseLost`], nothing.
    async fn finish_turn(&self, finish: FinishTurn) -> Result<(), StoreError>;

    /// Takes over the lease of a turn whose holder is thought dead. `None` if it is no longer as
    /// `lease` says, so that of many readers one takes it.
    async fn take_over(
        &self,
        lease: &Lease,
        holder: &Holder,
        at: Timestamp,
    ) -> Result<Option<Lease>, StoreError>;

    /// The leases of all running turns of everybody, for the reaper.
    async fn running(&self) -> Result<Vec<Lease>, StoreError>;
}
