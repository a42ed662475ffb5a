//! Conversations: a title, a model, a system prompt, and the tree of messages that hangs under them.

use serde::{Deserialize, Serialize};

use crate::{ConversationId, Timestamp, TurnId};

/// A conversation, without its messages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Conversation {
    /// Its name in the API.
    pub id: ConversationId,
    /// What the list shows; taken from the first message where nobody set one.
    pub title: Option<String>,
    /// The model that answers unless a turn names another; absent: the default one.
    pub model: Option<String>,
    /// Instructions that stand before every turn.
    pub system: Option<String>,
    /// The turn that runs now, if one does.
    pub active_turn: Option<TurnId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last written to; lists are in this order, newest first.
    pub updated_at: Timestamp,
}

/// What a conversation starts from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewConversation {
    /// What the list shows; absent: taken from the first message.
    #[serde(default)]
    pub title: Option<String>,
    /// The model that answers; absent: the default one.
    #[serde(default)]
    pub model: Option<String>,
    /// Instructions that stand before every turn.
    #[serde(default)]
    pub system: Option<String>,
}

/// A change to a conversation: what is `None` stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ConversationPatch {
    /// A new title.
    #[serde(default)]
    pub title: Option<String>,
    /// Another model; the empty text goes back to the default.
    #[serde(default)]
    pub model: Option<String>,
    /// Other instructions; the empty text takes them away.
    #[serde(default)]
    pub system: Option<String>,
}
