//! The ports of retrieval: passages that fit a question, and models that turn text into vectors.

use async_trait::async_trait;

use crate::{CollectionName, ModelError, Passage, PrincipalId};

/// What is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassageQuery {
    /// The question, in words.
    pub text: String,
    /// The collection; absent: all of the principal's.
    pub collection: Option<CollectionName>,
    /// How many passages at most.
    pub limit: u32,
}

/// Why there is no answer to a query, by what the caller does about it.
#[derive(Debug, thiserror::Error)]
pub enum KnowledgeError {
    /// An index or a model cannot be reached; trying again may help.
    #[error("the documents cannot be searched now: {0}")]
    Unavailable(String),
    /// An index cannot be read.
    #[error("the index of a collection cannot be read: {0}")]
    Corrupt(String),
}

/// What finds passages in a principal's documents.
#[async_trait]
pub trait KnowledgeIndex: Send + Sync {
    /// The passages that fit best, best first.
    async fn search(
        &self,
        principal: &PrincipalId,
        query: &PassageQuery,
    ) -> Result<Vec<Passage>, KnowledgeError>;

    /// Whether there is anything to find.
    async fn has_documents(&self, principal: &PrincipalId) -> Result<bool, KnowledgeError>;
}

/// What a text is turned into a vector for: some models tell the two apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmbeddingPurpose {
    /// To be found.
    Passage,
    /// To find.
    Query,
}

/// A model that turns texts into vectors. Those of one model are comparable, those of two are not.
#[async_trait]
pub trait EmbeddingModel: Send + Sync {
    /// Names the model and its settings: an index keeps it beside its vectors.
    fn id(&self) -> &str;

    /// How many texts go into one call at most.
    fn max_texts(&self) -> usize;

    /// The vectors of these texts, in their order and all of one length, which is not 0.
    async fn embed(
        &self,
        texts: &[String],
        purpose: EmbeddingPurpose,
    ) -> Result<Vec<Vec<f32>>, ModelError>;
}
