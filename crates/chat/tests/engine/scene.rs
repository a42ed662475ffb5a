//! An engine, a store, and a model on a string.
#![expect(clippy::unwrap_used, reason = "a test's scene fails by panicking")]

use std::{future::poll_fn, sync::Arc};

use async_trait::async_trait;
use futures_util::{StreamExt, stream};
use tempfile::TempDir;
use tidewire_chat::{
    Catalogue, CatalogueEntry, ChatError, Engine, Tail, TailItem, TailStep, TurnLimits,
    TurnRequest, current_holder, tools::CurrentTime,
};
use tidewire_domain::{
    Capability, ChatModel, Conversation, Holder, KnowledgeIndex, Message, ModelError, ModelEvent,
    ModelInfo, ModelRequest, ModelStream, NewConversation, PageRequest, Parent, Part, PrincipalId,
    Store, Timestamp, TurnEvent,
};
use tidewire_store::SqliteStore;
use tokio::sync::{Mutex, mpsc};

use crate::knowledge::Quoting;

pub(crate) type Said = Result<ModelEvent, ModelError>;

/// One call of the model: what it was asked, and the string to pull.
pub(crate) struct Call {
    pub(crate) request: ModelRequest,
    pub(crate) say: mpsc::UnboundedSender<Said>,
}

impl Call {
    pub(crate) fn text(&self, text: &str) {
        let _ = self.say.send(Ok(ModelEvent::TextDelta(text.into())));
    }

    pub(crate) fn event(&self, event: ModelEvent) {
        let _ = self.say.send(Ok(event));
    }

    pub(crate) fn finish(&self) {
        self.event(ModelEvent::Finished(tidewire_domain::FinishReason::Stop));
    }
}

struct StringModel {
    calls: mpsc::UnboundedSender<Call>,
}

#[async_trait]
impl ChatModel for StringModel {
    async fn stream(&self, request: ModelRequest) -> Result<ModelStream, ModelError> {
        let (say, said) = mpsc::unbounded_channel();
        let _ = self.calls.send(Call { request, say });
        Ok(stream::unfold(
            said,
            |mut said| async move { Some((said.recv().await?, said)) },
        )
        .boxed())
    }
}

pub(crate) struct Scene {
    pub(crate) engine: Engine,
    pub(crate) store: Arc<SqliteStore>,
    pub(crate) principal: PrincipalId,
    calls: Mutex<mpsc::UnboundedReceiver<Call>>,
    dir: Arc<TempDir>,
    limits: TurnLimits,
}

impl Scene {
    pub(crate) fn new() -> Self {
        Self::with(TurnLimits::default())
    }

    pub(crate) fn with(limits: TurnLimits) -> Self {
        let dir = Arc::new(tempfile::tempdir().unwrap());
        Self::on(dir, limits, current_holder())
    }

    /// Another process on the same store, as far as the engine can tell.
    pub(crate) fn neighbour(&self) -> Self {
        Self::on(Arc::clone(&self.dir), self.limits, current_holder())
    }

    pub(crate) fn on(dir: Arc<TempDir>, limits: TurnLimits, holder: Holder) -> Self {
        Self::made_of(dir, limits, holder, vec![Capability::Tools], None)
    }

    /// One whose model may not be able to ask for tools, with documents.
    pub(crate) fn with_knowledge(
        capabilities: Vec<Capability>,
        knowledge: Arc<dyn KnowledgeIndex>,
    ) -> Self {
        let dir = Arc::new(tempfile::tempdir().unwrap());
        let limits = TurnLimits::default();
        Self::made_of(dir, limits, current_holder(), capabilities, Some(knowledge))
    }

    fn made_of(
        dir: Arc<TempDir>,
        limits: TurnLimits,
        holder: Holder,
        capabilities: Vec<Capability>,
        knowledge: Option<Arc<dyn KnowledgeIndex>>,
    ) -> Self {
        let store = Arc::new(SqliteStore::open(&dir.path().join("test.db")).unwrap());
        let (calls, received) = mpsc::unbounded_channel();
        let entry = CatalogueEntry {
            info: ModelInfo {
                id: "string".into(),
                name: "String".into(),
                provider: "test".into(),
                context_window: 8000,
                max_output_tokens: Some(1000),
                capabilities,
                price: None,
            },
            model: Arc::new(StringModel { calls }),
        };
        let port: Arc<dyn Store> = store.clone();
        let tools: Vec<Arc<dyn tidewire_domain::Tool>> =
            vec![Arc::new(CurrentTime::new()), Arc::new(Quoting::new())];
        let catalogue = Catalogue::new(entry, []);
        let engine = Engine::start(port, catalogue, tools, knowledge, limits, holder);
        Self {
            engine,
            store,
            principal: PrincipalId::new("ada"),
            calls: Mutex::new(received),
            dir,
            limits,
        }
    }

    pub(crate) async fn conversation(&self) -> Conversation {
        self.conversation_of(NewConversation::default()).await
    }

    pub(crate) async fn conversation_of(&self, new: NewConversation) -> Conversation {
        let now = Timestamp::now();
        self.store
            .create_conversation(&self.principal, new, now)
            .await
            .unwrap()
    }

    pub(crate) async fn ask(&self, conversation: &Conversation, text: &str) -> Tail {
        self.try_ask(conversation, Parent::Newest, text)
            .await
            .unwrap()
    }

    pub(crate) async fn try_ask(
        &self,
        conversation: &Conversation,
        parent: Parent,
        text: &str,
    ) -> Result<Tail, ChatError> {
        let parts = match parent {
            Parent::SiblingOf(_) => Vec::new(),
            _ => vec![Part::Text { text: text.into() }],
        };
        let request = TurnRequest {
            conversation_id: conversation.id,
            parent,
            parts,
            model: None,
            idempotency: None,
        };
        self.engine.start_turn(&self.principal, request).await
    }

    /// The next call of the model.
    pub(crate) async fn call(&self) -> Call {
        self.calls.lock().await.recv().await.unwrap()
    }

    pub(crate) async fn store_conversation(&self, conversation: &Conversation) -> Conversation {
        self.store
            .conversation(&self.principal, conversation.id)
            .await
            .unwrap()
    }

    /// All messages, oldest first.
    pub(crate) async fn messages(&self, conversation: &Conversation) -> Vec<Message> {
        let page = PageRequest {
            limit: 200,
            cursor: None,
        };
        let page = self
            .store
            .messages(&self.principal, conversation.id, page)
            .await
            .unwrap();
        page.items.into_iter().rev().collect()
    }
}

/// What a reader saw: numbered events, and where it was sent back to the beginning.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Seen {
    Event(u64, TurnEvent),
    Reset,
}

/// Reads until `enough` or the end.
pub(crate) async fn read_until(tail: &mut Tail, enough: impl Fn(&[Seen]) -> bool) -> Vec<Seen> {
    let mut seen = Vec::new();
    while !enough(&seen) {
        let step = poll_fn(|cx| {
            tail.poll_items(cx, &mut |item| {
                seen.push(match item {
                    TailItem::Event { seq, event } => Seen::Event(seq, event.parse().unwrap()),
                    TailItem::Reset => Seen::Reset,
                });
            })
        })
        .await
        .unwrap();
        if step == TailStep::Ended {
            break;
        }
    }
    seen
}

/// Reads to the end.
pub(crate) async fn read_all(tail: &mut Tail) -> Vec<Seen> {
    read_until(tail, |_| false).await
}

/// Reads until the text so far ends in `text`.
pub(crate) async fn read_to(tail: &mut Tail, text: &str) -> Vec<Seen> {
    read_until(tail, |seen| text_of(seen).ends_with(text)).await
}

pub(crate) fn text_of(seen: &[Seen]) -> String {
    seen.iter()
        .filter_map(|seen| match seen {
            Seen::Event(_, TurnEvent::TextDelta(text)) => Some(text.as_str()),
            _ => None,
        })
        .collect()
}

pub(crate) fn numbers(seen: &[Seen]) -> Vec<u64> {
    seen.iter()
        .filter_map(|seen| match seen {
            Seen::Event(seq, _) => Some(*seq),
            Seen::Reset => None,
        })
        .collect()
}

/// Why the turn ended, if the last thing seen is its end.
pub(crate) fn reason_of(seen: &[Seen]) -> Option<tidewire_domain::FinishReason> {
    match seen.last() {
        Some(Seen::Event(_, TurnEvent::TurnFinished(end))) => Some(end.finish_reason),
        _ => None,
    }
}

/// The code of the turn's error.
pub(crate) fn error_of(seen: &[Seen]) -> Option<&str> {
    seen.iter().find_map(|seen| match seen {
        Seen::Event(_, TurnEvent::Error(error)) => Some(error.code.as_str()),
        _ => None,
    })
}

pub(crate) fn message_text(message: &Message) -> String {
    message
        .parts
        .iter()
        .filter_map(|part| match part {
            Part::Text { text } => Some(text.as_str()),
            _ => None,
        })
        .collect()
}
