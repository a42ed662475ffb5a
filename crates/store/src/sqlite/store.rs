//! The port, on `SQLite`.

use std::{path::Path, sync::Arc};

use async_trait::async_trait;
use rusqlite::OptionalExtension;
use serde::Serialize;
use tidewire_domain::{
    Append, Appended, BeginTurn, BegunTurn, Conversation, ConversationId, ConversationPatch,
    ConversationQuery, EventPage, FinishTurn, Holder, Lease, Message, MessageId, NewConversation,
    Page, PageRequest, PrincipalId, Renewal, Store, StoreError, Timestamp, Turn, TurnId, TurnKey,
};

use super::{
    append::{self, End},
    connection::open_writer,
    conversation,
    database::Database,
    event, lease, message,
    readers::Readers,
    turn,
    writer::Writer,
};

/// Keeps everything in one `SQLite` file, which processes of one machine may share.
///
/// One thread writes, and commits together what waits for it. Whatever was answered is committed; a
/// crash of the process loses none of it, a crash of the machine at most the last moments. Reads run
/// beside it on connections of their own and see everything that was answered before them.
#[derive(Debug)]
pub struct SqliteStore {
    pub(super) writer: Writer,
    pub(super) readers: Readers,
}

impl SqliteStore {
    /// Opens the database at `path`, makes it with mode 0600 if it is missing, and brings its
    /// schema up to date. The folder must be there. Blocks for about a millisecond, or longer where
    /// there is something to make.
    ///
    /// [`StoreError::NewerSchema`] where a newer release wrote it, [`StoreError::Corrupt`] where it
    /// is not a database, [`StoreError::Full`] or [`StoreError::Unavailable`] where it cannot be
    /// opened.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let database = Arc::new(Database::new(path));
        let connection = open_writer(&database)?;
        Ok(Self {
            writer: Writer::start(Arc::clone(&database), connection)?,
            readers: Readers::new(database),
        })
    }

    /// Answers what was asked before, then closes the file, so that everything is in it and nothing
    /// beside it. Without this nothing is lost either; the next to open it does the rest.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }

    /// From now on the file may not grow beyond so many pages, as if the disk were full; what it has
    /// stays. For tests.
    #[cfg(feature = "contract")]
    pub async fn limit_pages(&self, pages: u32) -> Result<(), StoreError> {
        self.writer
            .write(move |connection| Ok(connection.pragma_update(None, "max_page_count", pages)?))
            .await
    }
}

pub(super) fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("our types have string keys and no failing parts")
}

#[async_trait]
impl Store for SqliteStore {
    async fn ready(&self) -> Result<(), StoreError> {
        if !self.writer.is_open() {
            return Err(StoreError::Unavailable(
                "the writing thread has ended: restart the app".into(),
            ));
        }
        self.readers
            .read(|connection| {
                connection
                    .prepare_cached("SELECT pk FROM conversations LIMIT 1")?
                    .query_one([], |_| Ok(()))
                    .optional()?;
                Ok(())
            })
            .await
    }

    async fn shared_secret(&self, name: &str, candidate: &[u8]) -> Result<Vec<u8>, StoreError> {
        let (name, candidate) = (name.to_owned(), candidate.to_owned());
        // By the writer's connection, which is open: this is asked at start, and a reader's would
        // have to be opened for it.
        self.writer
            .write(move |connection| {
                let known: Option<Vec<u8>> = connection
                    .prepare_cached("SELECT value FROM shared_secrets WHERE name = ?1")?
                    .query_one([&name], |row| row.get(0))
                    .optional()?;
                if let Some(value) = known {
                    return Ok(value);
                }
                connection
                    .prepare_cached("INSERT INTO shared_secrets (name, value) VALUES (?1, ?2)")?
                    .execute((&name, &candidate))?;
                Ok(candidate.clone())
            })
            .await
    }

    async fn create_conversation(
        &self,
        principal: &PrincipalId,
        new: NewConversation,
        at: Timestamp,
    ) -> Result<Conversation, StoreError> {
        let principal = principal.clone();
        let id = ConversationId::new();
        self.writer
            .write(move |connection| conversation::create(connection, &principal, id, &new, at))
            .await
    }

    async fn conversation(
        &self,
        principal: &PrincipalId,
        id: ConversationId,
    ) -> Result<Conversation, StoreError> {
        let principal = principal.clone();
        self.readers
            .read(move |connection| conversation::read(connection, &principal, id))
            .await
    }

    async fn conversations(
        &self,
        principal: &PrincipalId,
        query: ConversationQuery,
    ) -> Result<Page<Conversation>, StoreError> {
        let principal = principal.clone();
        self.readers
            .read(move |connection| conversation::list(connection, &principal, &query))
            .await
    }

    async fn update_conversation(
        &self,
        principal: &PrincipalId,
        id: ConversationId,
        patch: ConversationPatch,
        at: Timestamp,
    ) -> Result<Conversation, StoreError> {
        let principal = principal.clone();
        self.writer
            .write(move |connection| conversation::update(connection, &principal, id, &patch, at))
            .await
    }

    async fn delete_conversation(
        &self,
        principal: &PrincipalId,
        id: ConversationId,
    ) -> Result<(), StoreError> {
        let principal = principal.clone();
        self.writer
            .write(move |connection| conversation::delete(connection, &principal, id))
            .await
    }

    async fn messages(
        &self,
        principal: &PrincipalId,
        conversation_id: ConversationId,
        page: PageRequest,
    ) -> Result<Page<Message>, StoreError> {
        let principal = principal.clone();
        self.readers
            .read(move |connection| message::list(connection, &principal, conversation_id, &page))
            .await
    }

    async fn history(
        &self,
        principal: &PrincipalId,
        conversation_id: ConversationId,
        leaf: MessageId,
        max_bytes: u64,
    ) -> Result<Vec<Message>, StoreError> {
        let principal = principal.clone();
        self.readers
            .read(move |connection| {
                message::history(connection, &principal, conversation_id, leaf, max_bytes)
            })
            .await
    }

    async fn begin_turn(
        &self,
        principal: &PrincipalId,
        begin: BeginTurn,
    ) -> Result<BegunTurn, StoreError> {
        let principal = principal.clone();
        let user_parts = begin.user_message.as_ref().map(|(_, parts)| json(parts));
        let user_parts = user_parts.unwrap_or_default();
        self.writer
            .write(move |connection| turn::begin(connection, &principal, &begin, &user_parts))
            .await
    }

    async fn turn(&self, principal: &PrincipalId, id: TurnId) -> Result<Turn, StoreError> {
        let principal = principal.clone();
        self.readers
            .read(move |connection| Ok(turn::find(connection, &principal, id)?.1))
            .await
    }

    async fn events(
        &self,
        principal: &PrincipalId,
        id: TurnId,
        after_seq: u64,
        max_bytes: u64,
    ) -> Result<EventPage, StoreError> {
        let principal = principal.clone();
        self.readers
            .read(move |connection| event::read(connection, &principal, id, after_seq, max_bytes))
            .await
    }

    async fn request_stop(&self, principal: &PrincipalId, id: TurnId) -> Result<Turn, StoreError> {
        let principal = principal.clone();
        self.writer
            .write(move |connection| turn::request_stop(connection, &principal, id))
            .await
    }

    async fn register_holder(&self, holder: &Holder, at: Timestamp) -> Result<(), StoreError> {
        let holder = holder.clone();
        self.writer
            .write(move |connection| lease::register(connection, &holder, at))
            .await
    }

    async fn append(
        &self,
        holder: &Holder,
        appends: Vec<Append>,
        at: Timestamp,
    ) -> Result<Vec<Appended>, StoreError> {
        let holder = holder.clone();
        self.writer
            .write(move |connection| append::append(connection, &holder, &appends, at))
            .await
    }

    async fn renew(
        &self,
        holder: &Holder,
        turns: Vec<(TurnKey, u64)>,
        at: Timestamp,
    ) -> Result<Renewal, StoreError> {
        let holder = holder.clone();
        let row = self
            .writer
            .write(move |connection| lease::renew_holder(connection, &holder, at))
            .await?;
        // Looking at thousands of turns must not keep the writer from writing.
        self.readers
            .read(move |connection| lease::review(connection, row, &turns))
            .await
    }

    async fn finish_turn(&self, finish: FinishTurn) -> Result<(), StoreError> {
        let end = End {
            parts: json(&finish.parts),
            usage: finish.usage.as_ref().map(json),
            key: finish.key,
            epoch: finish.epoch,
            batch: finish.batch,
            finish_reason: finish.finish_reason,
            at: finish.at,
        };
        self.writer
            .write(move |connection| append::finish(connection, &end))
            .await
    }

    async fn take_over(
        &self,
        lease: &Lease,
        holder: &Holder,
        at: Timestamp,
    ) -> Result<Option<Lease>, StoreError> {
        let (lease, holder) = (lease.clone(), holder.clone());
        self.writer
            .write(move |connection| lease::take_over(connection, &lease, &holder, at))
            .await
    }

    async fn running(&self) -> Result<Vec<Lease>, StoreError> {
        self.readers.read(turn::running).await
    }
}
