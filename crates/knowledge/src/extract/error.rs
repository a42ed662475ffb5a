//! Why a document was not extracted.

use super::Refusal;

/// Why a document was not extracted, by what the caller does about it. The sentences of the first
/// four are for the owner of the document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExtractError {
    /// It cannot be read, and will not be another time.
    #[error("{0}")]
    Unreadable(String),
    /// It is larger, or needs more memory, than is allowed; and will another time.
    #[error("{0}")]
    TooLarge(String),
    /// Reading it takes longer than is allowed; and will another time.
    #[error("{0}")]
    TooLong(String),
    /// It broke the child process. Worth one more try, since a machine that is short of memory kills
    /// processes, too; then it will not be read another time either.
    #[error(
        "The document cannot be read: its reader broke down. Save it anew where it was made, or in another format, and upload that."
    )]
    Crashed {
        /// How the child ended, for the log. Nothing of the document is in it.
        detail: String,
    },
    /// The child process cannot be started, or the file not be opened: try later. For the log.
    #[error("documents cannot be read now: {0}")]
    Unavailable(String),
}

impl From<Refusal> for ExtractError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Unreadable(reason) => Self::Unreadable(reason),
            Refusal::TooLarge(reason) => Self::TooLarge(reason),
        }
    }
}
