//! What the cases play with.

use std::{any::Any, sync::Arc};

use tidewire_domain::{
    CollectionLease, CollectionName, Document, DocumentId, DocumentStatus, DocumentStep, IndexFile,
    Library, NewDocument, NewSource, PendingDocument, Source, SourceKind, StoreError,
};

use crate::contract::scene::{alice, at};

/// An empty library under test.
pub struct Subject {
    pub(super) library: Arc<dyn Library>,
    pub(super) other: Arc<dyn Library>,
    _keep: Box<dyn Any + Send + Sync>,
}

impl Subject {
    /// `other` stands for another process on the same rows. `keep` lives as long as the case: a
    /// folder, a server.
    pub fn new(
        library: Arc<dyn Library>,
        other: Arc<dyn Library>,
        keep: impl Any + Send + Sync,
    ) -> Self {
        Self {
            library,
            other,
            _keep: Box::new(keep),
        }
    }

    /// A queued document of Alice's.
    pub(super) async fn queued(&self) -> Document {
        self.made(new_document()).await
    }

    pub(super) async fn made(&self, new: NewDocument) -> Document {
        let made = self.library.create_document(&alice(), new, at(0)).await;
        made.unwrap()
    }

    /// A document of Alice's that was read and waits to be published.
    pub(super) async fn read(&self) -> Document {
        let id = self.queued().await.id;
        self.step(id, DocumentStep::Began).await;
        self.step(id, read_step()).await
    }

    /// A document of Alice's that is found by searches.
    pub(super) async fn ready(&self) -> Document {
        let id = self.read().await.id;
        let lease = self.lease().await;
        let lease = self.publish(&lease, &self.pending().await).await;
        let released = self.library.release_collection(&alice(), &lease).await;
        released.unwrap();
        self.document(id).await
    }

    pub(super) async fn step(&self, id: DocumentId, step: DocumentStep) -> Document {
        let stepped = self.library.step_document(&alice(), id, step, at(3)).await;
        stepped.unwrap()
    }

    pub(super) async fn document(&self, id: DocumentId) -> Document {
        self.other.document(&alice(), id).await.unwrap()
    }

    pub(super) async fn pending(&self) -> Vec<PendingDocument> {
        let pending = self.other.pending_documents(&alice(), &name(), 1000).await;
        pending.unwrap()
    }

    /// Ids of what is pending, in order, and whether each is a removal.
    pub(super) async fn pending_ids(&self) -> Vec<(DocumentId, bool)> {
        let pending = self.pending().await.into_iter();
        pending.map(|one| (one.id, one.is_removal)).collect()
    }

    /// The lease of Alice's collection, from a moment on at which it is free, for 1 s.
    pub(super) async fn lease(&self) -> CollectionLease {
        let lease = self
            .library
            .lease_collection(&alice(), &name(), at(10), at(1010))
            .await;
        lease.unwrap().unwrap()
    }

    pub(super) async fn try_publish(
        &self,
        lease: &CollectionLease,
        settled: &[PendingDocument],
    ) -> Result<CollectionLease, StoreError> {
        self.library
            .publish_collection(&alice(), lease, &index_of(lease), settled, at(1010), at(20))
            .await
    }

    pub(super) async fn publish(
        &self,
        lease: &CollectionLease,
        settled: &[PendingDocument],
    ) -> CollectionLease {
        self.try_publish(lease, settled).await.unwrap()
    }

    /// A source of Alice's.
    pub(super) async fn source(&self) -> Source {
        let made = self
            .library
            .create_source(&alice(), new_source("https://example.org/feed"), at(0))
            .await;
        made.unwrap()
    }
}

/// The collection that the cases play with.
pub(super) fn name() -> CollectionName {
    CollectionName::default()
}

/// The file that a publisher under this lease makes.
pub(super) fn index_of(lease: &CollectionLease) -> IndexFile {
    let path = format!("collections/{}-{}.sqlite", lease.version + 1, lease.epoch);
    IndexFile {
        path: path.parse().unwrap(),
        size_bytes: 4096 + lease.version,
    }
}

pub(super) fn new_document() -> NewDocument {
    NewDocument {
        id: DocumentId::new(),
        collection: name(),
        title: "notes.md".into(),
        file_name: "notes.md".into(),
        media_type: "text/markdown".into(),
        size_bytes: 12,
        status: DocumentStatus::Queued,
        origin: None,
        url: None,
    }
}

pub(super) fn read_step() -> DocumentStep {
    DocumentStep::Read {
        title: Some("Notes".into()),
        passages: 7,
    }
}

pub(super) fn failed_step() -> DocumentStep {
    DocumentStep::Failed {
        reason: "The file is encrypted: save it without a password.".into(),
    }
}

pub(super) fn new_source(url: &str) -> NewSource {
    NewSource {
        kind: SourceKind::Feed { url: url.into() },
        title: "News".into(),
        collection: name(),
        schedule: None,
        next_run_at: None,
    }
}

pub(super) fn is_missing<T>(result: &Result<T, StoreError>) -> bool {
    matches!(result, Err(StoreError::NotFound(_)))
}

pub(super) fn is_lost<T>(result: &Result<T, StoreError>) -> bool {
    matches!(result, Err(StoreError::LeaseLost))
}
