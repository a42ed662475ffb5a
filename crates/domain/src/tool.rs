//! The port behind which tools stand.

use async_trait::async_trait;

use crate::ToolSpec;

/// A tool that could not do what it was asked. The text goes to the model, so that it can mend its
/// call, and to the user.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ToolError(pub String);

/// Something that a model may ask for in the middle of its answer.
#[async_trait]
pub trait Tool: Send + Sync {
    /// What the model is told of it.
    fn spec(&self) -> &ToolSpec;

    /// Does it. Dropped when the turn is stopped.
    async fn call(&self, arguments: &serde_json::Value) -> Result<String, ToolError>;
}
