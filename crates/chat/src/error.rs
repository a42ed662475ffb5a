//! Why the engine did not do what it was asked.

use tidewire_domain::{ModelError, StoreError, TurnId};

/// By what the caller does about it.
#[derive(Debug, thiserror::Error)]
pub enum ChatError {
    /// No such model.
    #[error("there is no model {asked:?}; the models are {}", known.join(", "))]
    UnknownModel {
        /// What was asked for.
        asked: String,
        /// What there is.
        known: Vec<String>,
    },
    /// The message says nothing.
    #[error("the message is empty")]
    EmptyMessage,
    /// The message is longer than a message may be.
    #[error("the message has {bytes} bytes of text; a message may have {max}")]
    MessageTooLong {
        /// Its length.
        bytes: usize,
        /// The longest that is taken.
        max: usize,
    },
    /// The text holds a character that no text should.
    #[error("the text holds a NUL character")]
    NulCharacter,
    /// The model cannot see images.
    #[error("the model {0:?} does not take images")]
    NoImages(String),
    /// A turn already runs on this conversation.
    #[error("a turn already runs on this conversation: stop it, or wait for its end")]
    TurnActive(TurnId),
    /// The process is going down.
    #[error("the service is shutting down")]
    ShuttingDown,
    /// The model refused before its first word.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The store did not do its part.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for ChatError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::TurnActive(turn) => Self::TurnActive(turn.key.turn_id),
            other => Self::Store(other),
        }
    }
}

/// What an error says, as people are told it: a capital first, a full stop last.
pub fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|first| first.to_uppercase().to_string());
    let mut sentence = first.unwrap_or_default() + chars.as_str();
    if !sentence.ends_with(['.', '!', '?']) {
        sentence.push('.');
    }
    sentence
}
