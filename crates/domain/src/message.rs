//! Messages, their parts, and how a turn's log becomes one.

use serde::{Deserialize, Serialize};

use crate::{Citation, FinishReason, MessageId, Timestamp, TurnError, TurnEvent, TurnId};

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// A person, or a program that speaks for one.
    User,
    /// The model.
    Assistant,
}

/// A picture, whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Image {
    /// `image/png`, `image/jpeg`, `image/gif` or `image/webp`.
    pub media_type: String,
    /// The file's bytes, in standard base64.
    pub data_base64: String,
}

/// The model asks for a tool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ToolCall {
    /// Unique within the turn.
    pub call_id: String,
    /// The tool.
    pub name: String,
    /// A JSON object; what is not one stands as the text that the model wrote.
    pub arguments: serde_json::Value,
}

/// What a tool answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ToolResult {
    /// The call that it answers.
    pub call_id: String,
    /// Whether the tool did what it was asked.
    pub ok: bool,
    /// The answer, or why there is none.
    pub content: String,
}

/// A piece of a message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Part {
    /// Text, as markdown where a model wrote it.
    Text {
        /// The text.
        text: String,
    },
    /// A picture.
    Image(Image),
    /// What the model thought before it spoke.
    Reasoning {
        /// The thought.
        text: String,
        /// The provider's seal over it; it must come back unchanged.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        signature: Option<String>,
    },
    /// The model asked for a tool.
    ToolCall(ToolCall),
    /// What a tool answered.
    ToolResult(ToolResult),
    /// The text rests on a passage.
    Citation(Citation),
    /// Why the message is not whole.
    Error(TurnError),
}

/// Tokens used, as the provider counts them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Usage {
    /// Read by the model, cached ones not counted.
    pub input_tokens: u64,
    /// Written by the model, reasoning included.
    pub output_tokens: u64,
    /// Read from the provider's cache.
    #[serde(default)]
    pub cache_read_tokens: u64,
    /// Written to the provider's cache.
    #[serde(default)]
    pub cache_write_tokens: u64,
}

impl Usage {
    /// The sum of both. Providers may say any number, so it ends at the largest.
    pub const fn plus(self, other: Self) -> Self {
        Self {
            input_tokens: self.input_tokens.saturating_add(other.input_tokens),
            output_tokens: self.output_tokens.saturating_add(other.output_tokens),
            cache_read_tokens: self
                .cache_read_tokens
                .saturating_add(other.cache_read_tokens),
            cache_write_tokens: self
                .cache_write_tokens
                .saturating_add(other.cache_write_tokens),
        }
    }

    /// All tokens, whatever they cost.
    pub const fn total(self) -> u64 {
        self.prompt().saturating_add(self.output_tokens)
    }

    /// All tokens that went in, cached or not.
    pub const fn prompt(self) -> u64 {
        self.input_tokens
            .saturating_add(self.cache_read_tokens)
            .saturating_add(self.cache_write_tokens)
    }
}

/// A message of a conversation. Messages form a tree: several may have the same parent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Message {
    /// Its name in the API.
    pub id: MessageId,
    /// The message that it follows; absent at the root.
    pub parent_id: Option<MessageId>,
    /// Who speaks.
    pub role: Role,
    /// What is said; empty while the turn that makes it runs.
    pub parts: Vec<Part>,
    /// The turn that makes or made it.
    pub turn_id: Option<TurnId>,
    /// Why its turn ended; absent while it runs, and on a user's message.
    pub finish_reason: Option<FinishReason>,
    /// What its turn cost.
    pub usage: Option<Usage>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// The parts and the usage that a turn's events amount to.
pub fn fold_events(events: impl IntoIterator<Item = TurnEvent>) -> (Vec<Part>, Option<Usage>) {
    let mut parts: Vec<Part> = Vec::new();
    let mut usage = None;
    for event in events {
        match event {
            TurnEvent::TextDelta(delta) => match parts.last_mut() {
                Some(Part::Text { text }) => text.push_str(&delta),
                _ => parts.push(Part::Text { text: delta }),
            },
            TurnEvent::ReasoningDelta(delta) => match parts.last_mut() {
                Some(Part::Reasoning {
                    text,
                    signature: None,
                }) => text.push_str(&delta),
                _ => parts.push(Part::Reasoning {
                    text: delta,
                    signature: None,
                }),
            },
            TurnEvent::ReasoningSignature(seal) => match parts.last_mut() {
                Some(Part::Reasoning { signature, .. }) if signature.is_none() => {
                    *signature = Some(seal);
                }
                _ => parts.push(Part::Reasoning {
                    text: String::new(),
                    signature: Some(seal),
                }),
            },
            TurnEvent::ToolCall(call) => parts.push(Part::ToolCall(call)),
            TurnEvent::ToolResult(result) => parts.push(Part::ToolResult(result)),
            TurnEvent::Citation(citation) => parts.push(Part::Citation(citation)),
            TurnEvent::Error(error) => parts.push(Part::Error(error)),
            TurnEvent::Usage(counted) => usage = Some(counted),
            TurnEvent::TurnStarted(_) | TurnEvent::ToolOutput(_) | TurnEvent::TurnFinished(_) => {}
        }
    }
    (parts, usage)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deltas_become_one_part_until_something_else_comes() {
        let call = ToolCall {
            call_id: "c".into(),
            name: "f".into(),
            arguments: serde_json::json!({}),
        };
        let (parts, usage) = fold_events([
            TurnEvent::ReasoningDelta("think ".into()),
            TurnEvent::ReasoningDelta("more".into()),
            TurnEvent::ReasoningSignature("seal".into()),
            TurnEvent::TextDelta("a".into()),
            TurnEvent::TextDelta("b".into()),
            TurnEvent::ToolCall(call.clone()),
            TurnEvent::Usage(Usage {
                output_tokens: 1,
                ..Usage::default()
            }),
            TurnEvent::TextDelta("c".into()),
            TurnEvent::Usage(Usage {
                output_tokens: 5,
                ..Usage::default()
            }),
        ]);
        assert_eq!(
            parts,
            [
                Part::Reasoning {
                    text: "think more".into(),
                    signature: Some("seal".into()),
                },
                Part::Text { text: "ab".into() },
                Part::ToolCall(call),
                Part::Text { text: "c".into() },
            ]
        );
        assert_eq!(usage.map(|usage| usage.output_tokens), Some(5));
    }

    #[test]
    fn no_number_of_tokens_is_too_large_to_be_added_up() {
        let most = Usage {
            input_tokens: u64::MAX,
            output_tokens: u64::MAX,
            cache_read_tokens: 1,
            cache_write_tokens: 1,
        };
        assert_eq!(most.plus(most).input_tokens, u64::MAX);
        assert_eq!(most.total(), u64::MAX);
    }

    #[test]
    fn reasoning_after_a_seal_is_a_part_of_its_own() {
        let (parts, _) = fold_events([
            TurnEvent::ReasoningDelta("one".into()),
            TurnEvent::ReasoningSignature("1".into()),
            TurnEvent::ReasoningDelta("two".into()),
            TurnEvent::ReasoningSignature("2".into()),
        ]);
        assert_eq!(parts.len(), 2);
    }
}
