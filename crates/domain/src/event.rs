//! The events that a turn's log is made of.

use serde::{Deserialize, Serialize};

use crate::{FinishReason, MessageId, ToolCall, ToolResult, TurnId, Usage};

/// The first event of every turn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TurnStarted {
    /// The turn.
    pub turn_id: TurnId,
    /// The assistant message that it makes.
    pub message_id: MessageId,
    /// The user message that it answers.
    pub parent_id: Option<MessageId>,
    /// The model that answers.
    pub model: String,
}

/// What a running tool has printed, a piece at a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ToolOutput {
    /// The call that it belongs to.
    pub call_id: String,
    /// Where the tool wrote it.
    pub stream: ToolStream,
    /// The piece.
    pub text: String,
}

/// Where a tool writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ToolStream {
    /// Its standard output.
    Stdout,
    /// Its standard error.
    Stderr,
    /// What it says of how far it is.
    Progress,
}

/// A passage that the answer rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Citation {
    /// The number that stands in brackets in the text, from 1.
    pub index: u32,
    /// The document's title.
    pub title: String,
    /// Where in the document: a heading, a page, a time code.
    pub locator: String,
    /// The passage itself, or its beginning.
    pub snippet: String,
    /// The document.
    pub document_id: String,
}

/// Why a turn failed, for whoever asked for it. Never carries internals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TurnError {
    /// Stable, in snake case.
    pub code: String,
    /// One sentence that names the thing and the way out.
    pub message: String,
    /// Whether the same request may succeed later.
    pub retryable: bool,
}

/// The last event of every turn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TurnFinished {
    /// Why it ended.
    pub finish_reason: FinishReason,
}

/// One event of a turn's log. Numbered from 1 without gaps by its place in the log.
#[derive(Debug, Clone, PartialEq)]
pub enum TurnEvent {
    /// The turn began.
    TurnStarted(TurnStarted),
    /// More of the answer.
    TextDelta(String),
    /// More of the model's reasoning.
    ReasoningDelta(String),
    /// The provider's seal over the reasoning so far; it must come back with it unchanged.
    ReasoningSignature(String),
    /// The model asks for a tool.
    ToolCall(ToolCall),
    /// A tool printed something.
    ToolOutput(ToolOutput),
    /// A tool came to its end.
    ToolResult(ToolResult),
    /// The text rests on a passage.
    Citation(Citation),
    /// What the turn has cost so far, summed over its model calls.
    Usage(Usage),
    /// Something failed.
    Error(TurnError),
    /// The turn ended.
    TurnFinished(TurnFinished),
}

/// The kind of an event. The numbers are stored: they never change their meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum EventKind {
    /// [`TurnEvent::TurnStarted`]
    TurnStarted = 1,
    /// [`TurnEvent::TextDelta`]
    TextDelta = 2,
    /// [`TurnEvent::ReasoningDelta`]
    ReasoningDelta = 3,
    /// [`TurnEvent::ToolCall`]
    ToolCall = 4,
    /// [`TurnEvent::ToolOutput`]
    ToolOutput = 5,
    /// [`TurnEvent::ToolResult`]
    ToolResult = 6,
    /// [`TurnEvent::Citation`]
    Citation = 7,
    /// [`TurnEvent::Usage`]
    Usage = 8,
    /// [`TurnEvent::Error`]
    Error = 9,
    /// [`TurnEvent::TurnFinished`]
    TurnFinished = 10,
    /// [`TurnEvent::ReasoningSignature`]
    ReasoningSignature = 11,
}

impl EventKind {
    /// The kind of this number.
    pub const fn from_u8(number: u8) -> Option<Self> {
        Some(match number {
            1 => Self::TurnStarted,
            2 => Self::TextDelta,
            3 => Self::ReasoningDelta,
            4 => Self::ToolCall,
            5 => Self::ToolOutput,
            6 => Self::ToolResult,
            7 => Self::Citation,
            8 => Self::Usage,
            9 => Self::Error,
            10 => Self::TurnFinished,
            11 => Self::ReasoningSignature,
            _ => return None,
        })
    }

    /// Whether its payload is bare text; the payload of the others is JSON.
    pub const fn is_text(self) -> bool {
        matches!(
            self,
            Self::TextDelta | Self::ReasoningDelta | Self::ReasoningSignature
        )
    }

    /// Whether it may wait for the next batch: the others are stored at once.
    pub const fn is_delta(self) -> bool {
        self.is_text() || matches!(self, Self::ToolOutput)
    }
}

impl TurnEvent {
    /// Its kind.
    pub const fn kind(&self) -> EventKind {
        match self {
            Self::TurnStarted(_) => EventKind::TurnStarted,
            Self::TextDelta(_) => EventKind::TextDelta,
            Self::ReasoningDelta(_) => EventKind::ReasoningDelta,
            Self::ReasoningSignature(_) => EventKind::ReasoningSignature,
            Self::ToolCall(_) => EventKind::ToolCall,
            Self::ToolOutput(_) => EventKind::ToolOutput,
            Self::ToolResult(_) => EventKind::ToolResult,
            Self::Citation(_) => EventKind::Citation,
            Self::Usage(_) => EventKind::Usage,
            Self::Error(_) => EventKind::Error,
            Self::TurnFinished(_) => EventKind::TurnFinished,
        }
    }
}
