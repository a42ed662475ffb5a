//! A document's passages and vectors, as they are kept beside it.

use std::sync::Arc;

use bytes::Bytes;
use tidewire_domain::{
    BlobError, BlobKey, BlobStore, DocumentId, EmbeddingModel, EmbeddingPurpose, PrincipalId,
};
use tracing::warn;

use crate::{
    Chunk,
    index::{IndexError, Vectors},
};

/// Larger than any document's passages: documents are bounded before they are read.
const MAX_BYTES: u64 = 1 << 30;

fn key_of(principal: &PrincipalId, id: DocumentId, name: &str) -> BlobKey {
    BlobKey::new(principal, &format!("documents/{id}/{name}")).expect("ids are plain")
}

fn chunks_key(principal: &PrincipalId, id: DocumentId) -> BlobKey {
    key_of(principal, id, "chunks.jsonl")
}

fn vectors_key(principal: &PrincipalId, id: DocumentId) -> BlobKey {
    key_of(principal, id, "vectors.bin")
}

/// Stores a document's passages, and their vectors where there is a model. Plain JSON lines: they
/// are read once for each publication, and by people who look for what went wrong.
pub(super) async fn store(
    blobs: &dyn BlobStore,
    embeddings: Option<&Arc<dyn EmbeddingModel>>,
    principal: &PrincipalId,
    id: DocumentId,
    chunks: &[Chunk],
) -> Result<(), IndexError> {
    let vectors = match embeddings {
        Some(model) => embed(model, chunks).await?,
        None => None,
    };
    let mut lines = Vec::new();
    for chunk in chunks {
        serde_json::to_writer(&mut lines, chunk).expect("it has text keys and no failing parts");
        lines.push(b'\n');
    }
    let vectors_key = vectors_key(principal, id);
    match vectors {
        Some(vectors) => {
            let body = Bytes::from(vectors.encode());
            blobs
                .put(&vectors_key, body, "application/octet-stream")
                .await?;
        }
        // Those of an earlier file say nothing of this one.
        None => blobs.delete(&vectors_key).await?,
    }
    let key = chunks_key(principal, id);
    blobs
        .put(&key, Bytes::from(lines), "application/jsonl")
        .await?;
    Ok(())
}

/// The vectors of passages. An error where asking again may help; none, and a line in the log,
/// where it will not: a document without vectors is still found by its words.
async fn embed(
    model: &Arc<dyn EmbeddingModel>,
    chunks: &[Chunk],
) -> Result<Option<Vectors>, IndexError> {
    let texts: Vec<String> = chunks.iter().map(text_to_embed).collect();
    let mut vectors = Vec::with_capacity(texts.len());
    for batch in texts.chunks(model.max_texts().max(1)) {
        match model.embed(batch, EmbeddingPurpose::Passage).await {
            Ok(answer) if answer.len() == batch.len() => vectors.extend(answer),
            Ok(answer) => {
                warn!(
                    model = model.id(),
                    asked = batch.len(),
                    answered = answer.len(),
                    "storing a document without vectors: the embedding model miscounted"
                );
                return Ok(None);
            }
            Err(error) if error.is_retryable() => {
                return Err(IndexError::Unavailable(format!(
                    "the embedding model {}: {error}",
                    model.id()
                )));
            }
            Err(error) => {
                warn!(%error, model = model.id(), "storing a document without vectors: the embedding model failed");
                return Ok(None);
            }
        }
    }
    Ok(Vectors::new(model.id(), &vectors))
}

/// What a passage is about stands in its headings as often as in its text.
fn text_to_embed(chunk: &Chunk) -> String {
    if chunk.headings.is_empty() {
        return chunk.text.clone();
    }
    format!("{}\n\n{}", chunk.headings.join(" › "), chunk.text)
}

/// Reads a document's passages; `None` where they are gone or cannot be read.
pub(super) async fn load_chunks(
    blobs: &dyn BlobStore,
    principal: &PrincipalId,
    id: DocumentId,
) -> Result<Option<Vec<Chunk>>, IndexError> {
    let lines = match blobs.get(&chunks_key(principal, id), MAX_BYTES).await {
        Ok(lines) => lines,
        Err(BlobError::NotFound) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let chunks: Result<Vec<Chunk>, _> = serde_json::Deserializer::from_slice(&lines)
        .into_iter()
        .collect();
    if let Err(error) = &chunks {
        warn!(%error, %id, "the passages of a document cannot be read");
    }
    Ok(chunks.ok())
}

/// Reads a document's vectors, where there are any.
pub(super) async fn load_vectors(
    blobs: &dyn BlobStore,
    principal: &PrincipalId,
    id: DocumentId,
) -> Result<Option<Vectors>, IndexError> {
    match blobs.get(&vectors_key(principal, id), MAX_BYTES).await {
        Ok(bytes) => Ok(Vectors::decode(&bytes)),
        Err(BlobError::NotFound) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
