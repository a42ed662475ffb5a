//! The front of all collections.

use std::{path::PathBuf, sync::Arc};

use async_trait::async_trait;
use futures_util::future::try_join_all;
use tidewire_domain::{
    BlobKey, BlobStore, Collection, CollectionName, DocumentId, EmbeddingModel, IndexFile,
    KnowledgeError, KnowledgeIndex, Library, Passage, PassageQuery, PrincipalId,
};
use tokio::{task::spawn_blocking, time::Instant};
use tracing::warn;

use super::{cache::Cache, opened::Opened, passages, publish::Turns};
use crate::{
    Chunk,
    index::{Index, IndexError},
    search::search,
};

/// How often a search begins anew where the file that it wants is gone or damaged.
const ATTEMPTS: u32 = 3;

/// How many blobs are deleted between two looks at what is left.
const DELETION_BATCH: u32 = 1000;

/// Where indexes are kept on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CollectionsConfig {
    /// A folder for copies of indexes; made where it is missing. Processes may share it, and it may
    /// be emptied at any time.
    pub cache_dir: PathBuf,
    /// What the copies may take on disk. The one that is used now is always kept.
    pub max_cache_bytes: u64,
}

/// All collections of everybody: stores passages, publishes versions of indexes, and searches them.
///
/// A search asks the library which versions there are at most every 2 s for each principal, so it
/// may miss what another process published within that time.
pub struct Collections {
    pub(super) blobs: Arc<dyn BlobStore>,
    pub(super) library: Arc<dyn Library>,
    pub(super) embeddings: Option<Arc<dyn EmbeddingModel>>,
    pub(super) cache: Cache,
    pub(super) opened: Opened,
    pub(super) turns: Turns,
}

impl Collections {
    /// The collections whose files are in `blobs` and whose state is in `library`.
    pub fn new(
        blobs: Arc<dyn BlobStore>,
        library: Arc<dyn Library>,
        embeddings: Option<Arc<dyn EmbeddingModel>>,
        config: CollectionsConfig,
    ) -> Self {
        Self {
            blobs,
            library,
            embeddings,
            cache: Cache::new(config.cache_dir, config.max_cache_bytes),
            opened: Opened::default(),
            turns: Turns::default(),
        }
    }

    /// Stores the passages of a document that was read, and their vectors. To be called before the
    /// document's step `Read`; they are found once they are published.
    pub async fn store_passages(
        &self,
        principal: &PrincipalId,
        id: DocumentId,
        chunks: &[Chunk],
    ) -> Result<(), IndexError> {
        let (blobs, embeddings) = (&*self.blobs, self.embeddings.as_ref());
        passages::store(blobs, embeddings, principal, id, chunks).await
    }

    /// Deletes a document's file, passages and vectors. Its passages are found until its removal
    /// is published.
    pub async fn delete_document(
        &self,
        principal: &PrincipalId,
        id: DocumentId,
    ) -> Result<(), IndexError> {
        self.delete_blobs(principal, &format!("documents/{id}/"))
            .await
    }

    /// Deletes all files of a principal: documents, passages, vectors, indexes, and what is cached
    /// of them on this machine.
    pub async fn delete_principal(&self, principal: &PrincipalId) -> Result<(), IndexError> {
        self.delete_blobs(principal, "").await?;
        self.opened.forget_listing(principal);
        self.cache.discard_all(principal);
        Ok(())
    }

    async fn delete_blobs(&self, principal: &PrincipalId, prefix: &str) -> Result<(), IndexError> {
        loop {
            let paths = self
                .blobs
                .list(principal, prefix, None, DELETION_BATCH)
                .await?;
            if paths.is_empty() {
                return Ok(());
            }
            for path in paths {
                let principal = principal.clone();
                self.blobs.delete(&BlobKey { principal, path }).await?;
            }
        }
    }

    /// The published version of a collection, open; `None` where none is published.
    pub async fn open(
        &self,
        principal: &PrincipalId,
        name: &CollectionName,
    ) -> Result<Option<Arc<Index>>, IndexError> {
        let mut attempt = 1;
        loop {
            let collections = self.collections(principal).await?;
            let found = collections.iter().find(|known| known.name == *name);
            let Some(file) = found.and_then(|known| known.index.as_ref()) else {
                return Ok(None);
            };
            match self.open_file(principal, file).await {
                Err(error) if attempt < ATTEMPTS && self.give_up_on(principal, file, &error) => {
                    attempt += 1;
                }
                other => return other.map(Some),
            }
        }
    }

    /// Opens a version, which is brought here where it is not.
    pub(super) async fn open_file(
        &self,
        principal: &PrincipalId,
        file: &IndexFile,
    ) -> Result<Arc<Index>, IndexError> {
        let cell = self.opened.cell(&self.cache.place(principal, file));
        let index = cell
            .get_or_try_init(|| async {
                let place = self.cache.fetch(&*self.blobs, principal, file).await?;
                let opened = spawn_blocking(move || Index::open(&place)).await;
                opened
                    .unwrap_or_else(|_| Err(IndexError::Unavailable("opening broke off".into())))
                    .map(Arc::new)
            })
            .await?;
        Ok(Arc::clone(index))
    }

    /// Lets go of a file that is gone or damaged here, and of what is known of its collection, so
    /// that another attempt brings it anew. Whether there is hope in that.
    pub(super) fn give_up_on(
        &self,
        principal: &PrincipalId,
        file: &IndexFile,
        error: &IndexError,
    ) -> bool {
        let is_hopeful = matches!(error, IndexError::Gone | IndexError::Corrupt(_));
        if is_hopeful {
            warn!(%error, file = %file.path, "bringing an index anew");
            self.opened.forget_listing(principal);
            self.opened.forget_index(&self.cache.place(principal, file));
            self.cache.discard(principal, file);
        }
        is_hopeful
    }

    /// What the library said, at most [`FRESH_FOR`](super::opened::FRESH_FOR) ago.
    async fn collections(&self, principal: &PrincipalId) -> Result<Arc<[Collection]>, IndexError> {
        if let Some(known) = self.opened.listing(principal) {
            return Ok(known);
        }
        // Before the question: what is published meanwhile may not be in the answer.
        let asked_at = Instant::now();
        let found: Arc<[Collection]> = self.library.collections(principal).await?.into();
        self.opened
            .remember(principal, asked_at, Arc::clone(&found));
        Ok(found)
    }

    async fn search_once(
        &self,
        principal: &PrincipalId,
        query: &PassageQuery,
    ) -> Result<Vec<Passage>, (IndexError, Vec<IndexFile>)> {
        let collections = self
            .collections(principal)
            .await
            .map_err(|error| (error, Vec::new()))?;
        let files: Vec<IndexFile> = collections
            .iter()
            .filter(|known| {
                query
                    .collection
                    .as_ref()
                    .is_none_or(|name| *name == known.name)
            })
            .filter_map(|known| known.index.clone())
            .collect();
        let opening = files.iter().map(|file| async move {
            let opened = self.open_file(principal, file).await;
            opened.map_err(|error| (error, vec![file.clone()]))
        });
        let indexes = try_join_all(opening).await?;
        search(indexes, self.embeddings.as_ref(), query)
            .await
            .map_err(|error| (error, files))
    }
}

#[async_trait]
impl KnowledgeIndex for Collections {
    async fn search(
        &self,
        principal: &PrincipalId,
        query: &PassageQuery,
    ) -> Result<Vec<Passage>, KnowledgeError> {
        let mut attempt = 1;
        loop {
            let (error, files) = match self.search_once(principal, query).await {
                Ok(passages) => return Ok(passages),
                Err(failure) => failure,
            };
            let mut is_hopeful = attempt < ATTEMPTS;
            for file in &files {
                is_hopeful &= self.give_up_on(principal, file, &error);
            }
            if !is_hopeful || files.is_empty() {
                return Err(error.into());
            }
            attempt += 1;
        }
    }

    async fn has_documents(&self, principal: &PrincipalId) -> Result<bool, KnowledgeError> {
        let collections = self.collections(principal).await?;
        Ok(collections.iter().any(|known| known.index.is_some()))
    }
}
