//! The port behind which tools stand.

use async_trait::async_trait;

use crate::{Citation, ConversationId, PrincipalId, ToolSpec, TurnId};

/// A tool that could not do what it was asked. The text goes to the model, so that it can mend its
/// call, and to the user.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ToolError(pub String);

/// Who asks, and in the middle of what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToolContext {
    /// Whose data it may see.
    pub principal: PrincipalId,
    /// The conversation.
    pub conversation_id: ConversationId,
    /// The turn.
    pub turn_id: TurnId,
    /// The call; unique within the turn.
    pub call_id: String,
    /// The number of the next citation: they go on through a turn.
    pub next_citation: u32,
}

/// What a tool answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ToolAnswer {
    /// For the model, and shown to the user.
    pub content: String,
    /// The passages that the content names by their numbers, from the context's `next_citation` on.
    pub citations: Vec<Citation>,
}

impl ToolAnswer {
    /// An answer that rests on no passage.
    pub fn text(content: impl Into<String>) -> Self {
        Self {
            content: content.into(),
            citations: Vec::new(),
        }
    }
}

/// Something that a model may ask for in the middle of its answer.
#[async_trait]
pub trait Tool: Send + Sync {
    /// What the model is told of it.
    fn spec(&self) -> &ToolSpec;

    /// Whether models are to be told of it when they answer this principal.
    async fn is_offered_to(&self, _principal: &PrincipalId) -> bool {
        true
    }

    /// Does it. Dropped when the turn is stopped.
    async fn call(
        &self,
        context: &ToolContext,
        arguments: &serde_json::Value,
    ) -> Result<ToolAnswer, ToolError>;
}
