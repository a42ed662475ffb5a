//! Publishes what is pending, version by version.

use std::{fs, path::Path};

use bytes::Bytes;
use tidewire_domain::{
    BlobKey, CollectionLease, DocumentId, DocumentQuery, DocumentStatus, DocumentStep, IndexFile,
    PageRequest, PendingDocument, PrincipalId, StoreError, Timestamp,
};
use tokio::{sync::mpsc, task::spawn_blocking};
use tracing::{info, warn};
use uuid::Uuid;

use super::{
    Collections,
    cache::Unfinished,
    passages::{load_chunks, load_vectors},
    publish::lease_end,
};
use crate::{
    Chunk,
    index::{Built, IndexBuilder, IndexError, Vectors},
};

/// Changes in one version at most, so that the first of them does not wait for too many others.
const BATCH: u32 = 256;

/// Documents that are loaded ahead of the builder.
const AHEAD: usize = 2;

/// A page of a collection's documents.
const PAGE: u32 = 200;

/// How many files of old versions are looked at.
const OLD_FILES: u32 = 1000;

/// What the next version is built from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Base {
    /// The published version, as it is cached here.
    Cached,
    /// The published version, brought here anew.
    BroughtAnew,
    /// All documents: the published version is gone or damaged.
    Documents,
}

/// A change on its way to the builder.
enum Change {
    Put {
        id: DocumentId,
        title: String,
        chunks: Vec<Chunk>,
        vectors: Option<Vectors>,
    },
    Remove(DocumentId),
}

impl Collections {
    /// Publishes versions under a lease until nothing is pending.
    pub(super) async fn drain(
        &self,
        principal: &PrincipalId,
        mut lease: CollectionLease,
    ) -> Result<(), IndexError> {
        loop {
            let pending = self
                .library
                .pending_documents(principal, &lease.name, BATCH)
                .await?;
            if pending.is_empty() {
                return Ok(());
            }
            lease = self.publish_version(principal, &lease, &pending).await?;
        }
    }

    async fn publish_version(
        &self,
        principal: &PrincipalId,
        lease: &CollectionLease,
        pending: &[PendingDocument],
    ) -> Result<CollectionLease, IndexError> {
        let (file, built) = self.build(principal, lease, pending).await?;
        let body = Bytes::from(tokio::fs::read(file.path()).await?);
        let index = name_index(lease, built.size_bytes);
        let key = BlobKey {
            principal: principal.clone(),
            path: index.path.clone(),
        };
        self.blobs
            .put_new(&key, body, "application/vnd.sqlite3")
            .await?;
        let published = self
            .library
            .publish_collection(
                principal,
                lease,
                &index,
                pending,
                lease_end(),
                Timestamp::now(),
            )
            .await;
        let next = match published {
            Ok(next) => next,
            Err(StoreError::LeaseLost) => {
                // It is certain that nobody uses it.
                if let Err(error) = self.blobs.delete(&key).await {
                    warn!(%error, file = %index.path, "cannot delete an index that was not published");
                }
                return Err(IndexError::LeaseLost);
            }
            Err(error) => return Err(error.into()),
        };
        info!(
            collection = %lease.name, version = next.version, changes = pending.len(),
            passages = built.passages, size_bytes = built.size_bytes, "published a collection"
        );
        let place = self.cache.place(principal, &index);
        if let Err(error) = self.cache.keep(file, &place).await {
            warn!(%error, "cannot keep a published index: it will be brought here");
        }
        self.opened.forget_listing(principal);
        self.delete_old_versions(principal, lease, &index).await;
        Ok(next)
    }

    /// Builds the next version in a file of its own.
    async fn build(
        &self,
        principal: &PrincipalId,
        lease: &CollectionLease,
        pending: &[PendingDocument],
    ) -> Result<(Unfinished, Built), IndexError> {
        for base in [Base::Cached, Base::BroughtAnew] {
            match self.build_on(principal, lease, pending, base).await {
                Err(error @ (IndexError::Gone | IndexError::Corrupt(_))) => {
                    let Some(file) = &lease.index else {
                        return Err(error);
                    };
                    self.give_up_on(principal, file, &error);
                }
                other => return other,
            }
        }
        warn!(collection = %lease.name, "the published index is lost: building it anew from all documents");
        self.build_on(principal, lease, pending, Base::Documents)
            .await
    }

    async fn build_on(
        &self,
        principal: &PrincipalId,
        lease: &CollectionLease,
        pending: &[PendingDocument],
        base: Base,
    ) -> Result<(Unfinished, Built), IndexError> {
        let file = self.cache.unfinished()?;
        let from = match &lease.index {
            Some(index) if base != Base::Documents => {
                Some(self.cache.fetch(&*self.blobs, principal, index).await?)
            }
            _ => None,
        };
        let (changes, incoming) = mpsc::channel(AHEAD);
        let (path, embedding) = (file.path().to_owned(), self.embedding_id());
        let building = spawn_blocking(move || {
            if let Some(from) = from {
                fs::copy(from, &path)?;
            }
            build_file(&path, embedding.as_deref(), incoming)
        });
        let sent = async {
            if base == Base::Documents {
                self.send_documents(principal, lease, &changes).await?;
            }
            self.send_pending(principal, pending, &changes).await
        }
        .await;
        drop(changes);
        let built = building
            .await
            .unwrap_or_else(|_| Err(IndexError::Unavailable("building broke off".into())));
        // Where the builder failed, nothing could be sent either.
        let built = built?;
        sent?;
        Ok((file, built))
    }

    fn embedding_id(&self) -> Option<String> {
        self.embeddings.as_ref().map(|model| model.id().to_owned())
    }

    async fn send_pending(
        &self,
        principal: &PrincipalId,
        pending: &[PendingDocument],
        changes: &mpsc::Sender<Change>,
    ) -> Result<(), IndexError> {
        for one in pending {
            let change = if one.is_removal {
                Change::Remove(one.id)
            } else if let Some(change) = self.load(principal, one.id, &one.title).await? {
                change
            } else {
                self.fail(principal, one.id).await?;
                Change::Remove(one.id)
            };
            send(changes, change).await?;
        }
        Ok(())
    }

    /// Says of a document whose passages are lost what its owner can do. As it changes then, it is
    /// not settled by the version that is being built.
    async fn fail(&self, principal: &PrincipalId, id: DocumentId) -> Result<(), IndexError> {
        let reason = "What was read of this document is lost: upload it once more.".into();
        let step = DocumentStep::Failed { reason };
        match self
            .library
            .step_document(principal, id, step, Timestamp::now())
            .await
        {
            // Deleted meanwhile, and its passages with it.
            Ok(_) | Err(StoreError::NotFound(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    async fn send_documents(
        &self,
        principal: &PrincipalId,
        lease: &CollectionLease,
        changes: &mpsc::Sender<Change>,
    ) -> Result<(), IndexError> {
        let mut cursor = None;
        loop {
            let query = DocumentQuery {
                collection: Some(lease.name.clone()),
                page: PageRequest {
                    limit: PAGE,
                    cursor,
                },
            };
            let page = self.library.documents(principal, query).await?;
            for document in page.items {
                let was_read = document.passages > 0 && document.status != DocumentStatus::Failed;
                if was_read
                    && let Some(change) = self.load(principal, document.id, &document.title).await?
                {
                    send(changes, change).await?;
                }
            }
            cursor = page.next_cursor;
            if cursor.is_none() {
                return Ok(());
            }
        }
    }

    async fn load(
        &self,
        principal: &PrincipalId,
        id: DocumentId,
        title: &str,
    ) -> Result<Option<Change>, IndexError> {
        let Some(chunks) = load_chunks(&*self.blobs, principal, id).await? else {
            return Ok(None);
        };
        let vectors = match self.embeddings {
            Some(_) => load_vectors(&*self.blobs, principal, id).await?,
            None => None,
        };
        Ok(Some(Change::Put {
            id,
            title: title.to_owned(),
            chunks,
            vectors,
        }))
    }

    /// Deletes files of versions that nobody looks for any more, and what dead publishers left. The
    /// version before the new one stays: somebody may be loading it. Best effort: what stays is
    /// deleted after the next publication.
    async fn delete_old_versions(
        &self,
        principal: &PrincipalId,
        lease: &CollectionLease,
        newest: &IndexFile,
    ) {
        let prefix = folder_of(lease);
        let listed = self.blobs.list(principal, &prefix, None, OLD_FILES).await;
        let paths = match listed {
            Ok(paths) => paths,
            Err(error) => {
                warn!(%error, "cannot list old indexes");
                return;
            }
        };
        let before = lease.index.as_ref().map(|file| &file.path);
        for path in paths {
            let name = path.as_str().strip_prefix(&prefix).unwrap_or_default();
            let version = name
                .split_once('-')
                .and_then(|(version, _)| version.parse().ok());
            // A file of a later version is a publisher's that took over meanwhile.
            let is_old = version.is_some_and(|version: u64| version <= lease.version + 1);
            if !is_old || path == newest.path || Some(&path) == before {
                continue;
            }
            let principal = principal.clone();
            if let Err(error) = self.blobs.delete(&BlobKey { principal, path }).await {
                warn!(%error, "cannot delete an old index");
            }
        }
    }
}

fn folder_of(lease: &CollectionLease) -> String {
    format!("collections/{}/", lease.name)
}

/// The file of the version after the lease's, under a name that is nobody else's.
fn name_index(lease: &CollectionLease, size_bytes: u64) -> IndexFile {
    let (version, unique) = (lease.version + 1, Uuid::new_v4().simple());
    let path = format!("{}{version}-{unique}.sqlite", folder_of(lease));
    IndexFile {
        path: path.parse().expect("names of collections are plain"),
        size_bytes,
    }
}

async fn send(changes: &mpsc::Sender<Change>, change: Change) -> Result<(), IndexError> {
    let sent = changes.send(change).await;
    sent.map_err(|_| IndexError::Unavailable("the builder ended early".into()))
}

fn build_file(
    path: &Path,
    embedding: Option<&str>,
    mut incoming: mpsc::Receiver<Change>,
) -> Result<Built, IndexError> {
    let mut builder = IndexBuilder::open(path, embedding)?;
    while let Some(change) = incoming.blocking_recv() {
        match change {
            Change::Put {
                id,
                title,
                chunks,
                vectors,
            } => builder.put(id, &title, &chunks, vectors.as_ref())?,
            Change::Remove(id) => builder.remove(id)?,
        }
    }
    builder.finish()
}
