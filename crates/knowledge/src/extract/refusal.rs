//! Why a document cannot be read.

use serde::{Deserialize, Serialize};

/// Why a document cannot be read, in sentences for its owner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// It is no document, of no format that is read, or damaged.
    #[error("{0}")]
    Unreadable(String),
    /// It holds more than may be read.
    #[error("{0}")]
    TooLarge(String),
}

impl Refusal {
    /// A document that cannot be read, for this reason.
    pub(crate) fn unreadable(reason: impl Into<String>) -> Self {
        Self::Unreadable(reason.into())
    }
}
