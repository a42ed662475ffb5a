//! What Tidewire is about: conversations, messages, turns and their events, and the ports behind
//! which models, stores and tools stand. Pure: no I/O, no clock but [`Timestamp::now`].

mod blob;
mod conversation;
mod document;
mod event;
mod event_log;
mod id;
mod knowledge;
mod library;
mod message;
mod model;
mod passage;
mod queue;
mod source;
mod store;
mod timestamp;
mod tool;
mod turn;

pub use blob::{
    BlobError, BlobInfo, BlobKey, BlobPath, BlobPathError, BlobStore, BlobStream, DownloadTerms,
    SignedRequest, UploadTerms,
};
pub use conversation::{Conversation, ConversationPatch, NewConversation};
pub use document::{
    Collection, CollectionLease, CollectionName, CollectionNameError, Document, DocumentStatus,
    DocumentStep, IndexFile, NewDocument, Origin, PendingDocument,
};
pub use event::{
    Citation, EventKind, ToolOutput, ToolStream, TurnError, TurnEvent, TurnFinished, TurnStarted,
};
pub use event_log::{EVENT_LOG_FORMAT, EventLogError, RawEvent, RawEvents, encode_event};
pub use id::{
    ConversationId, DocumentId, IdError, JobId, MessageId, PrincipalId, SourceId, TurnId,
};
pub use knowledge::{
    EmbeddingModel, EmbeddingPurpose, KnowledgeError, KnowledgeIndex, PassageQuery,
};
pub use library::{DocumentQuery, DueSource, Library};
pub use message::{Image, Message, Part, Role, ToolCall, ToolResult, Usage, fold_events};
pub use model::{
    Capability, ChatModel, ModelError, ModelEvent, ModelInfo, ModelMessage, ModelRequest,
    ModelStream, Price, ResponseFormat, ToolChoice, ToolSpec,
};
pub use passage::{NumberedPassage, Passage, read_passages, write_passages};
pub use queue::{
    DeadJob, Delivery, Job, JobQueue, MAX_DELIVERIES, QueueError, QueueStats, Receipt,
};
pub use source::{NewSource, RunCounts, Schedule, Source, SourceItem, SourceKind, SourceRun};
pub use store::{
    Append, Appended, BeginTurn, BegunTurn, ConversationQuery, EventBatch, EventPage, FinishTurn,
    Idempotency, Page, PageRequest, Parent, Renewal, Store, StoreError,
};
pub use timestamp::Timestamp;
pub use tool::{Tool, ToolAnswer, ToolContext, ToolError};
pub use turn::{FinishReason, Holder, Lease, Turn, TurnKey, TurnState};
