//! What Tidewire is about: conversations, messages, turns and their events, and the ports behind
//! which models, stores and tools stand. Pure: no I/O, no clock but [`Timestamp::now`].

mod conversation;
mod event;
mod event_log;
mod id;
mod message;
mod model;
mod store;
mod timestamp;
mod tool;
mod turn;

pub use conversation::{Conversation, ConversationPatch, NewConversation};
pub use event::{
    Citation, EventKind, ToolOutput, ToolStream, TurnError, TurnEvent, TurnFinished, TurnStarted,
};
pub use event_log::{EVENT_LOG_FORMAT, EventLogError, RawEvent, RawEvents, encode_event};
pub use id::{ConversationId, IdError, MessageId, PrincipalId, TurnId};
pub use message::{Image, Message, Part, Role, ToolCall, ToolResult, Usage, fold_events};
pub use model::{
    Capability, ChatModel, ModelError, ModelEvent, ModelInfo, ModelMessage, ModelRequest,
    ModelStream, Price, ResponseFormat, ToolChoice, ToolSpec,
};
pub use store::{
    Append, Appended, BeginTurn, BegunTurn, ConversationQuery, EventBatch, EventPage, FinishTurn,
    Idempotency, Page, PageRequest, Parent, Renewal, Store, StoreError,
};
pub use timestamp::Timestamp;
pub use tool::{Tool, ToolError};
pub use turn::{FinishReason, Holder, Lease, Turn, TurnKey, TurnState};
