//! The engine's front: starting, reading and stopping turns.

mod queued;

use std::{sync::Arc, time::Duration};

use tidewire_domain::{
    BeginTurn, BegunTurn, Capability, Conversation, ConversationId, FinishReason, Holder,
    Idempotency, Image, KnowledgeIndex, MessageId, ModelRequest, Parent, Part, PrincipalId, Store,
    StoreError, Timestamp, Tool, Turn, TurnEvent, TurnId, TurnStarted, TurnState,
};
use tokio::{
    sync::OnceCell,
    task::{AbortHandle, JoinHandle},
    time::{Instant, sleep},
};

use crate::{
    Catalogue, CatalogueEntry, ChatError, Generation, Tail, TurnLimits,
    cancellation::Cancel,
    flusher::Flusher,
    log::TurnLog,
    producer::{Work, produce},
    reaper,
    title::title_of,
};

/// How long cancelled turns may take to store their end at shutdown.
const LAST_WORDS: Duration = Duration::from_secs(3);

/// How long a new turn waits for a reaper to end a dead one before it.
const REAPING: Duration = Duration::from_secs(3);

/// What all turns of a process share.
pub(crate) struct Shared {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) tools: Vec<Arc<dyn Tool>>,
    /// For models that cannot ask for tools.
    pub(crate) knowledge: Option<Arc<dyn KnowledgeIndex>>,
    pub(crate) limits: TurnLimits,
    pub(crate) holder: Holder,
    pub(crate) flusher: Flusher,
    registered: OnceCell<()>,
}

impl Shared {
    /// Makes the holder known to the store, once. It is a write, so it does not stand in the way of
    /// the start: whoever takes a lease waits for it.
    pub(crate) async fn register(&self) -> Result<(), StoreError> {
        let registering = || self.store.register_holder(&self.holder, Timestamp::now());
        self.registered.get_or_try_init(registering).await?;
        Ok(())
    }
}

/// Starts, reads and stops turns. One a process.
pub struct Engine {
    shared: Arc<Shared>,
    catalogue: Catalogue,
    background: [AbortHandle; 2],
}

/// What a user asks.
#[derive(Debug, Clone, PartialEq)]
pub struct TurnRequest {
    /// The conversation.
    pub conversation_id: ConversationId,
    /// Where the turn hangs.
    pub parent: Parent,
    /// What the user says; empty where a sibling is made.
    pub parts: Vec<Part>,
    /// The model; absent: the conversation's.
    pub model: Option<String>,
    /// The client's name for the request.
    pub idempotency: Option<Idempotency>,
}

impl Engine {
    /// Starts what runs behind the engine. Must be called within a tokio runtime.
    ///
    /// Models that can use tools are told of `tools`. The others are shown passages of
    /// `knowledge`, if it is there, that fit the question.
    pub fn start(
        store: Arc<dyn Store>,
        catalogue: Catalogue,
        tools: Vec<Arc<dyn Tool>>,
        knowledge: Option<Arc<dyn KnowledgeIndex>>,
        limits: TurnLimits,
        holder: Holder,
    ) -> Self {
        let flusher = Flusher::new(Arc::clone(&store), holder.clone(), &limits);
        let shared = Arc::new(Shared {
            store,
            tools,
            knowledge,
            limits,
            holder,
            flusher,
            registered: OnceCell::new(),
        });
        let registering = Arc::clone(&shared);
        // Where this fails, the first turn tries again and says why.
        tokio::spawn(async move { registering.register().await });
        let flushing = Arc::clone(&shared);
        let background = [
            tokio::spawn(async move { flushing.flusher.run().await }).abort_handle(),
            tokio::spawn(reaper::run(Arc::clone(&shared))).abort_handle(),
        ];
        Self {
            shared,
            catalogue,
            background,
        }
    }

    /// The models.
    pub const fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// Starts a turn, or joins the one that the same request started, and reads it from its
    /// beginning. The turn goes on if the caller goes away, also in the middle of this.
    pub async fn start_turn(
        &self,
        principal: &PrincipalId,
        request: TurnRequest,
    ) -> Result<Tail, ChatError> {
        let entry = self.accept(principal, &request).await?;
        let shared = Arc::clone(&self.shared);
        let principal = principal.clone();
        // A task of its own: a caller that is dropped here must not leave a turn without producer.
        tokio::spawn(begin(shared, principal, request, entry))
            .await
            .map_err(|_| ChatError::ShuttingDown)?
    }

    /// The model that answers a request that can be answered.
    async fn accept(
        &self,
        principal: &PrincipalId,
        request: &TurnRequest,
    ) -> Result<Arc<CatalogueEntry>, ChatError> {
        check_parts(request, self.shared.limits.max_text_bytes)?;
        let conversation = self
            .shared
            .store
            .conversation(principal, request.conversation_id)
            .await?;
        let model = request.model.as_deref().or(conversation.model.as_deref());
        let entry = Arc::clone(self.catalogue.find(model)?);
        let has_images = request
            .parts
            .iter()
            .any(|part| matches!(part, Part::Image(_)));
        if has_images && !entry.info.capabilities.contains(&Capability::Images) {
            return Err(ChatError::NoImages(entry.info.id.clone()));
        }
        Ok(entry)
    }

    /// Reads a turn's log after the event `after`, 0 for all of it.
    pub async fn tail(
        &self,
        principal: &PrincipalId,
        id: TurnId,
        after: u64,
    ) -> Result<Tail, ChatError> {
        let local = self.shared.flusher.find(id);
        if local.is_none_or(|log| log.key.principal != *principal) {
            self.shared.store.turn(principal, id).await?;
        }
        let shared = Arc::clone(&self.shared);
        Ok(Tail::new(shared, principal.clone(), id, after))
    }

    /// Stops a turn, whichever process produces it. Does nothing to one that is over.
    pub async fn stop(&self, principal: &PrincipalId, id: TurnId) -> Result<(), ChatError> {
        let turn = self.shared.store.request_stop(principal, id).await?;
        if let Some(log) = self.shared.flusher.find(id) {
            log.cancellation.cancel(Cancel::Stopped);
        } else if let TurnState::Running(lease) = &turn.state {
            let key = turn.key.clone();
            if lease.holder.is_queue() {
                reaper::end(&self.shared, lease, key, FinishReason::Stopped).await?;
            } else if reaper::is_dead(&self.shared, lease) {
                reaper::interrupt(&self.shared, lease, key).await?;
            }
        }
        Ok(())
    }

    /// Deletes a conversation, and ends what runs on it.
    pub async fn delete_conversation(
        &self,
        principal: &PrincipalId,
        id: ConversationId,
    ) -> Result<(), ChatError> {
        self.shared.store.delete_conversation(principal, id).await?;
        for log in self.shared.flusher.running() {
            if log.key.conversation_id == id {
                log.cancellation.cancel(Cancel::LeaseLost);
            }
        }
        Ok(())
    }

    /// An answer that nobody stores.
    pub fn generate(&self, entry: &CatalogueEntry, request: ModelRequest) -> Generation {
        Generation::start(entry, request, &self.shared.limits)
    }

    /// Lets running turns end for `grace`, then interrupts them and waits until that is stored.
    pub async fn shut_down(&self, grace: Duration) {
        self.wait_until_idle(Instant::now() + grace).await;
        for log in self.shared.flusher.running() {
            log.cancellation.cancel(Cancel::ShuttingDown);
        }
        self.wait_until_idle(Instant::now() + LAST_WORDS).await;
    }

    async fn wait_until_idle(&self, until: Instant) {
        while !self.shared.flusher.running().is_empty() && Instant::now() < until {
            sleep(Duration::from_millis(10)).await;
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.background.iter().for_each(AbortHandle::abort);
    }
}

fn check_parts(request: &TurnRequest, max: usize) -> Result<(), ChatError> {
    let mut bytes = 0;
    let mut says_something = matches!(request.parent, Parent::SiblingOf(_));
    for part in &request.parts {
        match part {
            Part::Text { text } => {
                if text.contains('\0') {
                    return Err(ChatError::NulCharacter);
                }
                bytes += text.len();
                says_something |= !text.trim().is_empty();
            }
            Part::Image(Image { .. }) => says_something = true,
            _ => {}
        }
    }
    if bytes > max {
        return Err(ChatError::MessageTooLong { bytes, max });
    }
    if !says_something {
        return Err(ChatError::EmptyMessage);
    }
    Ok(())
}

async fn begin(
    shared: Arc<Shared>,
    principal: PrincipalId,
    request: TurnRequest,
    entry: Arc<CatalogueEntry>,
) -> Result<Tail, ChatError> {
    shared.register().await?;
    let wanted = begin_of(&shared, request, &entry);
    let turn_id = match begin_or_join(&shared, &principal, wanted).await? {
        BegunTurn::Joined(turn) => turn.key.turn_id,
        BegunTurn::Started { turn, conversation } => {
            let turn_id = turn.key.turn_id;
            spawn_producer(&shared, turn, conversation, entry);
            turn_id
        }
    };
    Ok(Tail::new(shared, principal, turn_id, 0))
}

/// Begins the turn, after the end of a dead one that stands in its way.
async fn begin_or_join(
    shared: &Shared,
    principal: &PrincipalId,
    wanted: BeginTurn,
) -> Result<BegunTurn, ChatError> {
    let give_up_at = Instant::now() + REAPING;
    loop {
        let begun = shared.store.begin_turn(principal, wanted.clone()).await;
        let Err(StoreError::TurnActive(active)) = begun else {
            return Ok(begun?);
        };
        match &active.state {
            TurnState::Running(lease) if reaper::is_dead(shared, lease) => {
                reaper::interrupt(shared, lease, active.key.clone()).await?;
            }
            // Only reapers take a lease over: its end is being written.
            TurnState::Running(lease) if lease.epoch > 1 && Instant::now() < give_up_at => {
                sleep(Duration::from_millis(10)).await;
            }
            _ => return Err(ChatError::TurnActive(active.key.turn_id)),
        }
    }
}

fn begin_of(shared: &Shared, request: TurnRequest, entry: &CatalogueEntry) -> BeginTurn {
    let title = request.parts.iter().find_map(|part| match part {
        Part::Text { text } => title_of(text),
        _ => None,
    });
    let user_message = match request.parent {
        Parent::SiblingOf(_) => None,
        Parent::Newest | Parent::Under(_) => Some((MessageId::new(), request.parts)),
    };
    BeginTurn {
        conversation_id: request.conversation_id,
        turn_id: TurnId::new(),
        message_id: MessageId::new(),
        parent: request.parent,
        user_message,
        model: entry.info.id.clone(),
        title,
        idempotency: request.idempotency,
        holder: shared.holder.clone(),
        at: Timestamp::now(),
    }
}

/// Starts the producer of a turn that runs.
fn spawn_producer(
    shared: &Arc<Shared>,
    turn: Turn,
    conversation: Conversation,
    entry: Arc<CatalogueEntry>,
) -> Option<JoinHandle<()>> {
    let epoch = match &turn.state {
        TurnState::Running(lease) => lease.epoch,
        TurnState::Finished(_) => return None,
    };
    let log = Arc::new(TurnLog::new(
        turn.key.clone(),
        epoch,
        shared.limits.flush_bytes,
    ));
    shared.flusher.add(Arc::clone(&log));
    let urgency = log.append(&TurnEvent::TurnStarted(TurnStarted {
        turn_id: turn.key.turn_id,
        message_id: turn.message_id,
        parent_id: turn.parent_id,
        model: turn.model,
    }));
    shared.flusher.queue(&log, urgency);
    let work = Work {
        log,
        entry,
        conversation_id: turn.key.conversation_id,
        system: conversation
            .system
            .filter(|system| !system.trim().is_empty()),
        leaf: turn.parent_id,
    };
    Some(tokio::spawn(produce(Arc::clone(shared), work)))
}
