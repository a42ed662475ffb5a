//! One search.

use std::sync::Arc;

use tidewire_domain::{EmbeddingModel, Passage, PassageQuery};
use tokio::task::spawn_blocking;

use super::{fusion::fuse, meaning::embed_question};
use crate::index::{Hit, Index, IndexError, build_expression};

/// The most passages of one answer.
const MAX_PASSAGES: u32 = 50;

/// How many candidates each list has: what one list ranks low another may rank high.
const CANDIDATES: u32 = 100;

/// A passage's place: which index, and its number there.
type Place = (usize, i64);

/// The passages of these indexes that fit a question, best first, 1 to 50 of them as it asks for.
pub(crate) async fn search(
    indexes: Vec<Arc<Index>>,
    embeddings: Option<&Arc<dyn EmbeddingModel>>,
    query: &PassageQuery,
) -> Result<Vec<Passage>, IndexError> {
    let Some(expression) = build_expression(&query.text) else {
        return Ok(Vec::new());
    };
    let limit = query.limit.clamp(1, MAX_PASSAGES) as usize;
    let indexes: Arc<[Arc<Index>]> = indexes.into();
    let model = embeddings.filter(|model| {
        let mut held = indexes.iter().map(|index| index.embedding());
        held.any(|held| held == Some(model.id()))
    });
    let Some(model) = model else {
        return block(move || {
            let found = find_words(&indexes, &expression)?;
            read_passages(&indexes, found.into_iter().take(limit))
        })
        .await;
    };
    let by_words = {
        let indexes = Arc::clone(&indexes);
        block(move || find_words(&indexes, &expression))
    };
    let (by_words, vector) = tokio::join!(by_words, embed_question(model, &query.text));
    let by_words = by_words?;
    let model_id = model.id().to_owned();
    block(move || {
        let Some(vector) = vector else {
            return read_passages(&indexes, by_words.into_iter().take(limit));
        };
        let by_meaning = find_nearest(&indexes, &model_id, &vector)?;
        let places = |found: Vec<(Place, f64)>| found.into_iter().map(|(place, _)| place).collect();
        let fused = fuse(&[places(by_words), places(by_meaning)]);
        read_passages(&indexes, fused.into_iter().take(limit))
    })
    .await
}

async fn block<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, IndexError> + Send + 'static,
) -> Result<T, IndexError> {
    spawn_blocking(work)
        .await
        .unwrap_or_else(|_| Err(IndexError::Unavailable("a search broke off".into())))
}

/// BM25 of one index can be compared with that of another well enough: both are of the same words,
/// and each knows how rare they are in it.
fn find_words(indexes: &[Arc<Index>], expression: &str) -> Result<Vec<(Place, f64)>, IndexError> {
    collect(indexes, |index| index.find_words(expression, CANDIDATES))
}

fn find_nearest(
    indexes: &[Arc<Index>],
    model: &str,
    vector: &[f32],
) -> Result<Vec<(Place, f64)>, IndexError> {
    collect(indexes, |index| {
        if index.embedding() == Some(model) {
            index.find_nearest(vector, CANDIDATES)
        } else {
            Ok(Vec::new())
        }
    })
}

/// The hits of all indexes, best first.
fn collect(
    indexes: &[Arc<Index>],
    find: impl Fn(&Index) -> Result<Vec<Hit>, IndexError>,
) -> Result<Vec<(Place, f64)>, IndexError> {
    let mut found = Vec::new();
    for (number, index) in indexes.iter().enumerate() {
        let hits = find(index)?;
        found.extend(
            hits.into_iter()
                .map(|hit| ((number, hit.passage), hit.score)),
        );
    }
    found.sort_by(|one, other| other.1.total_cmp(&one.1));
    found.truncate(CANDIDATES as usize);
    Ok(found)
}

fn read_passages(
    indexes: &[Arc<Index>],
    found: impl Iterator<Item = (Place, f64)>,
) -> Result<Vec<Passage>, IndexError> {
    found
        .map(|((number, passage), score)| {
            let stored = indexes[number].passage(passage)?;
            Ok(Passage {
                document_id: stored.document_id,
                title: stored.title,
                text: stored.text,
                locator: stored.locator,
                score,
            })
        })
        .collect()
}
