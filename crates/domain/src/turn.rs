//! Turns and the leases under which they are written.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{ConversationId, MessageId, PrincipalId, Timestamp, TurnId};

/// Why a turn ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum FinishReason {
    /// The model came to its end.
    Stop,
    /// The model reached its longest output, or the model's window is full.
    Length,
    /// The model asked for tools that the client is to run.
    ToolCalls,
    /// The provider withheld the rest.
    ContentFilter,
    /// Somebody asked it to stop.
    Stopped,
    /// Its producer died, or was shut down, before the end.
    Interrupted,
    /// It reached the longest duration of a turn.
    Timeout,
    /// It reached its budget of tokens or of tool rounds.
    Budget,
    /// It failed; an `error` event says why.
    Error,
}

impl FinishReason {
    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Length => "length",
            Self::ToolCalls => "tool_calls",
            Self::ContentFilter => "content_filter",
            Self::Stopped => "stopped",
            Self::Interrupted => "interrupted",
            Self::Timeout => "timeout",
            Self::Budget => "budget",
            Self::Error => "error",
        }
    }

    /// The reason of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        [
            Self::Stop,
            Self::Length,
            Self::ToolCalls,
            Self::ContentFilter,
            Self::Stopped,
            Self::Interrupted,
            Self::Timeout,
            Self::Budget,
            Self::Error,
        ]
        .into_iter()
        .find(|reason| reason.as_str() == name)
    }
}

/// A turn with the whole of its address: stores find it by all three.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TurnKey {
    /// Whose it is.
    pub principal: PrincipalId,
    /// The conversation that it belongs to.
    pub conversation_id: ConversationId,
    /// The turn itself.
    pub turn_id: TurnId,
}

/// A process that produces turns, with what another process on the same host needs to tell whether
/// it still lives.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Holder {
    /// Unique to one run of one process.
    pub id: Uuid,
    /// Names the host and the space of process ids on it.
    pub host: String,
    /// The process id.
    pub pid: u32,
    /// When that process started, as its host counts: a reused pid has another one.
    pub started: u64,
}

impl Holder {
    /// What holds this turn while it waits in a queue for its producer. It renews nothing and is not
    /// dead. One for each turn, so that what becomes of one says nothing of another.
    pub fn queue(turn: TurnId) -> Self {
        Self {
            id: turn.into(),
            host: "queue".into(),
            pid: 0,
            started: 0,
        }
    }

    /// Whether this is [`Holder::queue`].
    pub fn is_queue(&self) -> bool {
        self.pid == 0 && self.host == "queue"
    }
}

/// The right to append to a turn's log. A higher epoch takes it away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// The turn.
    pub key: TurnKey,
    /// Rises by one whenever another holder takes over.
    pub epoch: u64,
    /// Who holds it.
    pub holder: Holder,
    /// When the holder last renewed it.
    pub renewed_at: Timestamp,
}

/// Whether a turn goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TurnState {
    /// It runs under this lease, if its holder lives.
    Running(Lease),
    /// It is over.
    Finished(FinishReason),
}

/// A turn as the store has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// Its address.
    pub key: TurnKey,
    /// The assistant message that it makes.
    pub message_id: MessageId,
    /// The user message that it answers.
    pub parent_id: Option<MessageId>,
    /// The model that answers.
    pub model: String,
    /// Whether it goes on.
    pub state: TurnState,
    /// The last stored event's number; 0 before the first.
    pub last_seq: u64,
    /// When it began.
    pub created_at: Timestamp,
}
