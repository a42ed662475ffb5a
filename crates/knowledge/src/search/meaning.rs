//! The vector of a question.

use std::{sync::Arc, time::Duration};

use tidewire_domain::{EmbeddingModel, EmbeddingPurpose};
use tokio::time::timeout;
use tracing::warn;

/// How long a search waits for the model. It goes on by words alone then.
const PATIENCE: Duration = Duration::from_secs(3);

/// What is read of a longer question.
const READ_BYTES: usize = 8 * 1024;

/// The vector of a question. `None`, and a line in the log, where the model does not answer.
pub(super) async fn embed_question(
    model: &Arc<dyn EmbeddingModel>,
    text: &str,
) -> Option<Vec<f32>> {
    let text = text[..text.floor_char_boundary(READ_BYTES)].to_owned();
    let texts = [text];
    match timeout(PATIENCE, model.embed(&texts, EmbeddingPurpose::Query)).await {
        Ok(Ok(vectors)) => vectors.into_iter().next(),
        Ok(Err(error)) => {
            warn!(%error, model = model.id(), "searching by words alone: the embedding model failed");
            None
        }
        Err(_) => {
            warn!(
                model = model.id(),
                "searching by words alone: the embedding model did not answer in {} s",
                PATIENCE.as_secs()
            );
            None
        }
    }
}
