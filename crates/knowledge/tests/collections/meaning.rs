//! Searches by meaning.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU32, Ordering},
};

use async_trait::async_trait;
use tidewire_domain::{EmbeddingModel, EmbeddingPurpose, ModelError};
use tidewire_knowledge::Collections;

use crate::{
    faults::Death,
    scene::{World, alice, find, find_texts, name},
};

/// Knows that seas and oceans are one, and nothing else.
struct Thesaurus {
    id: &'static str,
    is_down: AtomicBool,
    is_denied: AtomicBool,
    passages: AtomicU32,
}

impl Thesaurus {
    fn new(id: &'static str) -> Arc<Self> {
        Arc::new(Self {
            id,
            is_down: AtomicBool::new(false),
            is_denied: AtomicBool::new(false),
            passages: AtomicU32::new(0),
        })
    }
}

#[async_trait]
impl EmbeddingModel for Thesaurus {
    fn id(&self) -> &str {
        self.id
    }

    fn max_texts(&self) -> usize {
        2
    }

    async fn embed(
        &self,
        texts: &[String],
        purpose: EmbeddingPurpose,
    ) -> Result<Vec<Vec<f32>>, ModelError> {
        if self.is_down.load(Ordering::Relaxed) {
            return Err(ModelError::Timeout);
        }
        if self.is_denied.load(Ordering::Relaxed) {
            return Err(ModelError::AccessDenied("no".into()));
        }
        assert!(texts.len() <= 2);
        if purpose == EmbeddingPurpose::Passage {
            self.passages.fetch_add(1, Ordering::Relaxed);
        }
        let vectors = texts.iter().map(|text| {
            let is_sea = text.contains("sea") || text.contains("ocean");
            if is_sea {
                vec![1.0, 0.1]
            } else {
                vec![0.1, 1.0]
            }
        });
        Ok(vectors.collect())
    }
}

fn process(world: &World, model: &Arc<Thesaurus>) -> Collections {
    let model = Arc::clone(model) as Arc<dyn EmbeddingModel>;
    world.process_with("cache", &Death::never(), Some(model), u64::MAX)
}

#[tokio::test]
async fn a_passage_is_found_by_what_it_means() {
    let world = World::new();
    let model = Thesaurus::new("m");
    let process = process(&world, &model);
    world.read(&process, &alice(), "the ocean is deep").await;
    world.read(&process, &alice(), "a mountain is high").await;
    process.publish(&alice(), &name()).await.unwrap();
    // No word of the question is in any passage.
    let found = find(&process, "sea").await;
    assert_eq!(found[0].text, "the ocean is deep");
    // Both ways of looking count.
    assert_eq!(find(&process, "high sea mountain").await.len(), 2);
    // Publishing embedded nothing: each passage was embedded when it was stored.
    assert_eq!(model.passages.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn without_the_model_words_alone_are_searched() {
    let world = World::new();
    let model = Thesaurus::new("m");
    let process = process(&world, &model);
    world.read(&process, &alice(), "the ocean is deep").await;
    process.publish(&alice(), &name()).await.unwrap();
    model.is_down.store(true, Ordering::Relaxed);
    assert_eq!(find_texts(&process, "ocean").await, ["the ocean is deep"]);
    assert_eq!(find_texts(&process, "sea").await, [""; 0]);
}

#[tokio::test]
async fn vectors_of_another_model_are_left_alone() {
    let world = World::new();
    let process_of_old = process(&world, &Thesaurus::new("old"));
    world
        .read(&process_of_old, &alice(), "the ocean is deep")
        .await;
    process_of_old.publish(&alice(), &name()).await.unwrap();
    let process = process(&world, &Thesaurus::new("new"));
    assert_eq!(find_texts(&process, "sea").await, [""; 0]);
    assert_eq!(find_texts(&process, "ocean").await, ["the ocean is deep"]);
}

#[tokio::test]
async fn a_model_that_will_not_answer_keeps_no_document_out() {
    let world = World::new();
    let model = Thesaurus::new("m");
    let process = process(&world, &model);
    model.is_denied.store(true, Ordering::Relaxed);
    world.read(&process, &alice(), "the ocean is deep").await;
    process.publish(&alice(), &name()).await.unwrap();
    assert_eq!(find_texts(&process, "ocean").await, ["the ocean is deep"]);
    model.is_denied.store(false, Ordering::Relaxed);
    model.is_down.store(true, Ordering::Relaxed);
    // This one may answer later: the job is to come again.
    let id = world.queued(&alice(), "t").await;
    let chunks = [tidewire_knowledge::Chunk {
        headings: Vec::new(),
        locator: String::new(),
        text: "x".into(),
    }];
    assert!(process.store_passages(&alice(), id, &chunks).await.is_err());
}
