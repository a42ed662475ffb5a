//! The port behind which models stand.

use std::{pin::Pin, time::Duration};

use async_trait::async_trait;
use futures_util::Stream;
use serde::{Deserialize, Serialize};

use crate::{Citation, FinishReason, Part, Role, ToolCall, Usage};

/// What a model can do beyond text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Capability {
    /// It may ask for tools.
    Tools,
    /// It sees images.
    Images,
    /// It shows its reasoning.
    Reasoning,
}

/// What a million tokens cost.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// US dollars for a million tokens read.
    pub input_per_million_usd: f64,
    /// US dollars for a million tokens written.
    pub output_per_million_usd: f64,
}

/// A model as users see it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ModelInfo {
    /// The name that requests use.
    pub id: String,
    /// The name that people read.
    pub name: String,
    /// `offline`, `openai_compatible` or `bedrock`.
    pub provider: String,
    /// Tokens that it takes in and gives out in one call, together.
    pub context_window: u64,
    /// The longest answer, in tokens, where one is set.
    pub max_output_tokens: Option<u64>,
    /// What it can do beyond text.
    pub capabilities: Vec<Capability>,
    /// What it costs, where that is known.
    pub price: Option<Price>,
}

/// A tool as a model is told of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ToolSpec {
    /// Letters, digits, `_` and `-`; 64 at most.
    pub name: String,
    /// What it does and when to use it.
    pub description: String,
    /// JSON Schema of its arguments.
    pub parameters: serde_json::Value,
}

/// Which tools the model may or must use.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum ToolChoice {
    /// As it likes.
    #[default]
    Auto,
    /// None.
    None,
    /// At least one.
    Required,
    /// This one.
    Named(String),
}

/// The form of the answer.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum ResponseFormat {
    /// Any text.
    #[default]
    Text,
    /// One JSON object.
    JsonObject,
    /// JSON that fits a schema.
    JsonSchema {
        /// The schema's name.
        name: String,
        /// JSON Schema.
        schema: serde_json::Value,
        /// Whether the provider is to enforce it.
        strict: bool,
    },
}

/// One message to a model. Tool results travel in user messages; providers that want it otherwise
/// are served by their adapter.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelMessage {
    /// Who speaks.
    pub role: Role,
    /// What is said. Citations and errors never stand here.
    pub parts: Vec<Part>,
}

/// One call of a model. Users and assistants take turns in `messages`, a user first and last.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ModelRequest {
    /// Instructions that stand before everything.
    pub system: Option<String>,
    /// The conversation.
    pub messages: Vec<ModelMessage>,
    /// What the model may ask for.
    pub tools: Vec<ToolSpec>,
    /// Which of them it may or must use.
    pub tool_choice: ToolChoice,
    /// Whether a provider that refuses tools may be asked without them: nobody asked for these.
    pub are_tools_optional: bool,
    /// The longest answer, in tokens.
    pub max_output_tokens: Option<u64>,
    /// 0 to 2.
    pub temperature: Option<f64>,
    /// 0 to 1.
    pub top_p: Option<f64>,
    /// Texts at which the model ends.
    pub stop: Vec<String>,
    /// For repeatable sampling, where the provider has it.
    pub seed: Option<i64>,
    /// `low`, `medium` or `high`, where the model reasons.
    pub reasoning_effort: Option<String>,
    /// The form of the answer.
    pub response_format: ResponseFormat,
}

/// What a model says, a piece at a time. A stream ends after `Finished` or after an error.
#[derive(Debug, Clone, PartialEq)]
pub enum ModelEvent {
    /// More of the answer.
    TextDelta(String),
    /// More of its reasoning.
    ReasoningDelta(String),
    /// The provider's seal over the reasoning so far.
    ReasoningSignature(String),
    /// It asks for a tool; the call is whole.
    ToolCall(ToolCall),
    /// The text rests on a passage.
    Citation(Citation),
    /// What this call cost. Comes once, or with rising numbers: the last one counts.
    Usage(Usage),
    /// It came to an end: `Stop`, `Length`, `ToolCalls` or `ContentFilter`.
    Finished(FinishReason),
}

/// Why a model call failed, by what the caller does about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// The provider asks to slow down.
    #[error("the model provider is throttling requests")]
    Throttled {
        /// How long it asks to wait.
        retry_after: Option<Duration>,
    },
    /// The conversation does not fit the model.
    #[error("the conversation is too long for this model")]
    ContextTooLong,
    /// The credentials may not use this model.
    #[error("access to the model was denied: {0}")]
    AccessDenied(String),
    /// The provider does not know this model.
    #[error("the model provider does not know this model: {0}")]
    UnknownModel(String),
    /// The provider refuses the request as it stands.
    #[error("the model provider refused the request: {0}")]
    Rejected(String),
    /// Nothing came for too long, or the provider itself timed out.
    #[error("the model did not answer in time")]
    Timeout,
    /// The provider cannot be reached, or is out of order.
    #[error("the model provider is not available: {0}")]
    Unavailable(String),
    /// The stream ended before its end.
    #[error("the model provider broke off in the middle of the answer")]
    Cut,
    /// The provider sent what its protocol does not allow.
    #[error("the model provider sent something that cannot be read: {0}")]
    Protocol(String),
}

impl ModelError {
    /// A stable name, in snake case.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Throttled { .. } => "model_throttled",
            Self::ContextTooLong => "context_too_long",
            Self::AccessDenied(_) => "model_access_denied",
            Self::UnknownModel(_) => "model_unknown_upstream",
            Self::Rejected(_) => "model_rejected_request",
            Self::Timeout => "model_timeout",
            Self::Unavailable(_) => "model_unavailable",
            Self::Cut => "model_stream_cut",
            Self::Protocol(_) => "model_protocol",
        }
    }

    /// Whether the same request may succeed later.
    pub const fn is_retryable(&self) -> bool {
        matches!(
            self,
            Self::Throttled { .. }
                | Self::Timeout
                | Self::Unavailable(_)
                | Self::Cut
                | Self::Protocol(_)
        )
    }
}

/// The pieces of one answer.
pub type ModelStream = Pin<Box<dyn Stream<Item = Result<ModelEvent, ModelError>> + Send>>;

/// A model. Dropping the future or the stream cancels the call at the provider.
#[async_trait]
pub trait ChatModel: Send + Sync {
    /// Starts an answer. Errors that come before the first piece come from here.
    async fn stream(&self, request: ModelRequest) -> Result<ModelStream, ModelError>;
}
