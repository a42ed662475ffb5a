//! A process that dies at a call: everything that it reaches goes through here, and from one call on
//! nothing comes back.

use std::{
    future::pending,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use tidewire_domain::{
    BlobError, BlobInfo, BlobKey, BlobPath, BlobStore, BlobStream, Collection, CollectionLease,
    CollectionName, Document, DocumentId, DocumentQuery, DocumentStep, DownloadTerms, DueSource,
    IndexFile, Library, NewDocument, NewSource, Page, PageRequest, PendingDocument, PrincipalId,
    SignedRequest, Source, SourceId, SourceItem, StoreError, Timestamp, UploadTerms,
};
use tidewire_store::SqliteStore;
use tokio::sync::Notify;

use crate::blobs::Blobs;

/// When the process dies.
pub(crate) struct Death {
    calls_left: AtomicU32,
    /// Whether the last call still has its effect.
    is_after: bool,
    pub(crate) died: Notify,
    /// How often the library was asked.
    pub(crate) library_calls: AtomicU32,
}

impl Death {
    /// At the call after so many others, before or after its effect.
    pub(crate) fn at(calls: u32, is_after: bool) -> Arc<Self> {
        Arc::new(Self {
            calls_left: AtomicU32::new(calls),
            is_after,
            died: Notify::new(),
            library_calls: AtomicU32::new(0),
        })
    }

    pub(crate) fn never() -> Arc<Self> {
        Self::at(u32::MAX, false)
    }

    async fn through<T>(&self, call: impl Future<Output = T>) -> T {
        let left = self.calls_left.load(Ordering::Relaxed);
        if left == 0 {
            if self.is_after {
                drop(call.await);
            }
            self.died.notify_one();
            return pending().await;
        }
        self.calls_left.store(left - 1, Ordering::Relaxed);
        call.await
    }
}

pub(crate) struct MortalBlobs(pub(crate) Arc<Blobs>, pub(crate) Arc<Death>);

#[async_trait]
impl BlobStore for MortalBlobs {
    async fn put(&self, key: &BlobKey, body: Bytes, kind: &str) -> Result<BlobInfo, BlobError> {
        self.1.through(self.0.put(key, body, kind)).await
    }
    async fn put_new(&self, key: &BlobKey, body: Bytes, kind: &str) -> Result<BlobInfo, BlobError> {
        self.1.through(self.0.put_new(key, body, kind)).await
    }
    async fn open(&self, key: &BlobKey, max: u64) -> Result<(BlobInfo, BlobStream), BlobError> {
        self.1.through(self.0.open(key, max)).await
    }
    async fn get(&self, key: &BlobKey, max_bytes: u64) -> Result<Bytes, BlobError> {
        self.1.through(self.0.get(key, max_bytes)).await
    }
    async fn info(&self, key: &BlobKey) -> Result<BlobInfo, BlobError> {
        self.1.through(self.0.info(key)).await
    }
    async fn delete(&self, key: &BlobKey) -> Result<(), BlobError> {
        self.1.through(self.0.delete(key)).await
    }
    async fn list(
        &self,
        principal: &PrincipalId,
        prefix: &str,
        after: Option<&BlobPath>,
        limit: u32,
    ) -> Result<Vec<BlobPath>, BlobError> {
        let listed = self.0.list(principal, prefix, after, limit);
        self.1.through(listed).await
    }
    async fn presign_put(
        &self,
        key: &BlobKey,
        terms: &UploadTerms,
        valid_for: Duration,
    ) -> Result<SignedRequest, BlobError> {
        self.0.presign_put(key, terms, valid_for).await
    }
    async fn presign_get(
        &self,
        key: &BlobKey,
        terms: &DownloadTerms,
        valid_for: Duration,
    ) -> Result<SignedRequest, BlobError> {
        self.0.presign_get(key, terms, valid_for).await
    }
}

pub(crate) struct MortalLibrary(pub(crate) Arc<SqliteStore>, pub(crate) Arc<Death>);

impl MortalLibrary {
    async fn through<T>(&self, call: impl Future<Output = T>) -> T {
        self.1.library_calls.fetch_add(1, Ordering::Relaxed);
        self.1.through(call).await
    }
}

#[async_trait]
impl Library for MortalLibrary {
    async fn create_document(
        &self,
        principal: &PrincipalId,
        new: NewDocument,
        at: Timestamp,
    ) -> Result<Document, StoreError> {
        self.through(self.0.create_document(principal, new, at))
            .await
    }
    async fn document(
        &self,
        principal: &PrincipalId,
        id: DocumentId,
    ) -> Result<Document, StoreError> {
        self.through(self.0.document(principal, id)).await
    }
    async fn documents(
        &self,
        principal: &PrincipalId,
        query: DocumentQuery,
    ) -> Result<Page<Document>, StoreError> {
        self.through(self.0.documents(principal, query)).await
    }
    async fn step_document(
        &self,
        principal: &PrincipalId,
        id: DocumentId,
        step: DocumentStep,
        at: Timestamp,
    ) -> Result<Document, StoreError> {
        self.through(self.0.step_document(principal, id, step, at))
            .await
    }
    async fn delete_document(
        &self,
        principal: &PrincipalId,
        id: DocumentId,
        at: Timestamp,
    ) -> Result<Document, StoreError> {
        self.through(self.0.delete_document(principal, id, at))
            .await
    }
    async fn collections(&self, principal: &PrincipalId) -> Result<Vec<Collection>, StoreError> {
        self.through(self.0.collections(principal)).await
    }
    async fn pending_documents(
        &self,
        principal: &PrincipalId,
        collection: &CollectionName,
        limit: u32,
    ) -> Result<Vec<PendingDocument>, StoreError> {
        let pending = self.0.pending_documents(principal, collection, limit);
        self.through(pending).await
    }
    /// The lease ends as it begins, so that a dead publisher holds nobody up.
    async fn lease_collection(
        &self,
        principal: &PrincipalId,
        collection: &CollectionName,
        at: Timestamp,
        until: Timestamp,
    ) -> Result<Option<CollectionLease>, StoreError> {
        let is_mortal = self.1.calls_left.load(Ordering::Relaxed) < u32::MAX / 2;
        let until = if is_mortal { at } else { until };
        let lease = self.0.lease_collection(principal, collection, at, until);
        self.through(lease).await
    }
    async fn renew_collection(
        &self,
        principal: &PrincipalId,
        lease: &CollectionLease,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        self.through(self.0.renew_collection(principal, lease, until))
            .await
    }
    async fn publish_collection(
        &self,
        principal: &PrincipalId,
        lease: &CollectionLease,
        index: &IndexFile,
        settled: &[PendingDocument],
        until: Timestamp,
        at: Timestamp,
    ) -> Result<CollectionLease, StoreError> {
        let is_mortal = self.1.calls_left.load(Ordering::Relaxed) < u32::MAX / 2;
        let until = if is_mortal { at } else { until };
        let published = self
            .0
            .publish_collection(principal, lease, index, settled, until, at);
        self.through(published).await
    }
    async fn release_collection(
        &self,
        principal: &PrincipalId,
        lease: &CollectionLease,
    ) -> Result<(), StoreError> {
        self.through(self.0.release_collection(principal, lease))
            .await
    }
    async fn create_source(
        &self,
        principal: &PrincipalId,
        new: NewSource,
        at: Timestamp,
    ) -> Result<Source, StoreError> {
        self.0.create_source(principal, new, at).await
    }
    async fn source(&self, principal: &PrincipalId, id: SourceId) -> Result<Source, StoreError> {
        self.0.source(principal, id).await
    }
    async fn sources(
        &self,
        principal: &PrincipalId,
        page: PageRequest,
    ) -> Result<Page<Source>, StoreError> {
        self.0.sources(principal, page).await
    }
    async fn update_source(
        &self,
        principal: &PrincipalId,
        source: Source,
        at: Timestamp,
    ) -> Result<Source, StoreError> {
        self.0.update_source(principal, source, at).await
    }
    async fn delete_source(&self, principal: &PrincipalId, id: SourceId) -> Result<(), StoreError> {
        self.0.delete_source(principal, id).await
    }
    async fn source_items(
        &self,
        principal: &PrincipalId,
        id: SourceId,
        page: PageRequest,
    ) -> Result<Page<SourceItem>, StoreError> {
        self.0.source_items(principal, id, page).await
    }
    async fn put_source_item(
        &self,
        principal: &PrincipalId,
        id: SourceId,
        item: SourceItem,
    ) -> Result<(), StoreError> {
        self.0.put_source_item(principal, id, item).await
    }
    async fn delete_source_item(
        &self,
        principal: &PrincipalId,
        id: SourceId,
        key: &str,
    ) -> Result<(), StoreError> {
        self.0.delete_source_item(principal, id, key).await
    }
    async fn due_sources(&self, now: Timestamp, limit: u32) -> Result<Vec<DueSource>, StoreError> {
        self.0.due_sources(now, limit).await
    }
}
