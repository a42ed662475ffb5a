//! What the tests play with.

use std::{path::PathBuf, sync::Arc};

use tidewire_domain::{
    CollectionName, DocumentId, DocumentStatus, DocumentStep, EmbeddingModel, KnowledgeIndex,
    Library, NewDocument, Passage, PassageQuery, PrincipalId, Timestamp,
};
use tidewire_knowledge::{Chunk, Collections, CollectionsConfig};
use tidewire_store::SqliteStore;

use crate::{
    blobs::Blobs,
    faults::{Death, MortalBlobs, MortalLibrary},
};

pub(crate) fn alice() -> PrincipalId {
    PrincipalId::new("alice/../\u{fc} key")
}

pub(crate) fn bob() -> PrincipalId {
    PrincipalId::new("bob")
}

pub(crate) fn name() -> CollectionName {
    CollectionName::default()
}

/// What all processes share.
pub(crate) struct World {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) blobs: Arc<Blobs>,
    pub(crate) library: Arc<SqliteStore>,
}

impl World {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let library = SqliteStore::open(&folder.path().join("tidewire.db")).unwrap();
        Self {
            folder,
            blobs: Arc::default(),
            library: Arc::new(library),
        }
    }

    pub(crate) fn cache(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A process with a cache of its own.
    pub(crate) fn process(&self, cache: &str) -> Collections {
        self.mortal(cache, &Death::never())
    }

    /// A process that dies as it is told.
    pub(crate) fn mortal(&self, cache: &str, death: &Arc<Death>) -> Collections {
        self.process_with(cache, death, None, u64::MAX)
    }

    pub(crate) fn process_with(
        &self,
        cache: &str,
        death: &Arc<Death>,
        embeddings: Option<Arc<dyn EmbeddingModel>>,
        max_cache_bytes: u64,
    ) -> Collections {
        Collections::new(
            Arc::new(MortalBlobs(Arc::clone(&self.blobs), Arc::clone(death))),
            Arc::new(MortalLibrary(Arc::clone(&self.library), Arc::clone(death))),
            embeddings,
            CollectionsConfig {
                cache_dir: self.cache(cache),
                max_cache_bytes,
            },
        )
    }

    /// A document of one passage that was read and waits to be published.
    pub(crate) async fn read(
        &self,
        by: &Collections,
        whose: &PrincipalId,
        text: &str,
    ) -> DocumentId {
        let id = self.queued(whose, text).await;
        self.read_again(by, whose, id, text).await;
        id
    }

    pub(crate) async fn queued(&self, whose: &PrincipalId, title: &str) -> DocumentId {
        let new = NewDocument {
            id: DocumentId::new(),
            collection: name(),
            title: title.into(),
            file_name: "f".into(),
            media_type: "text/plain".into(),
            size_bytes: 1,
            status: DocumentStatus::Queued,
            origin: None,
            url: None,
        };
        let made = self.library.create_document(whose, new, Timestamp::now());
        made.await.unwrap().id
    }

    pub(crate) async fn read_again(
        &self,
        by: &Collections,
        whose: &PrincipalId,
        id: DocumentId,
        text: &str,
    ) {
        let chunks = [Chunk {
            headings: Vec::new(),
            locator: "p. 1".into(),
            text: text.into(),
        }];
        self.step(whose, id, DocumentStep::Began).await;
        by.store_passages(whose, id, &chunks).await.unwrap();
        let read = DocumentStep::Read {
            title: None,
            passages: 1,
        };
        self.step(whose, id, read).await;
    }

    pub(crate) async fn step(&self, whose: &PrincipalId, id: DocumentId, step: DocumentStep) {
        let stepped = self
            .library
            .step_document(whose, id, step, Timestamp::now());
        stepped.await.unwrap();
    }

    pub(crate) async fn delete(&self, whose: &PrincipalId, id: DocumentId) {
        let deleted = self.library.delete_document(whose, id, Timestamp::now());
        deleted.await.unwrap();
    }

    pub(crate) async fn status(&self, id: DocumentId) -> DocumentStatus {
        self.library.document(&alice(), id).await.unwrap().status
    }

    pub(crate) async fn version(&self) -> u64 {
        let collections = self.library.collections(&alice()).await.unwrap();
        collections[0].version
    }

    /// Files of indexes of Alice's.
    pub(crate) fn index_files(&self) -> Vec<String> {
        let mut paths = self.blobs.paths(&alice());
        paths.retain(|path| path.starts_with("collections/"));
        paths
    }
}

/// The passages that a process finds for Alice.
pub(crate) async fn find(by: &Collections, question: &str) -> Vec<Passage> {
    by.search(&alice(), &question_of(question)).await.unwrap()
}

/// Their texts, in alphabetical order.
pub(crate) async fn find_texts(by: &Collections, question: &str) -> Vec<String> {
    let found = find(by, question).await;
    let mut texts: Vec<_> = found.into_iter().map(|passage| passage.text).collect();
    texts.sort_unstable();
    texts
}

pub(crate) fn question_of(text: &str) -> PassageQuery {
    PassageQuery {
        text: text.into(),
        collection: None,
        limit: 50,
    }
}
