//! The port behind which documents, collections and sources are kept. Every query but that of the
//! worker's clock names the principal whose rows it may see.

use async_trait::async_trait;

use crate::{
    Collection, CollectionLease, CollectionName, Document, DocumentId, DocumentStep, IndexFile,
    NewDocument, NewSource, Page, PageRequest, PendingDocument, PrincipalId, Source, SourceId,
    SourceItem, StoreError, Timestamp,
};

/// A source that is to be looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueSource {
    /// Whose it is.
    pub principal: PrincipalId,
    /// The source.
    pub id: SourceId,
    /// When it was due.
    pub due_at: Timestamp,
}

/// Which documents are wanted, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentQuery {
    /// Those of this collection alone.
    pub collection: Option<CollectionName>,
    /// The page.
    pub page: PageRequest,
}

/// Where documents, the state of their collections, and sources are kept.
///
/// A document that was deleted is gone for its owner at once. Where its passages may be in the index
/// it stays pending in its collection until a version without it is published; so does one that
/// failed after an earlier file of it was read. A pending change stays pending through later steps.
#[async_trait]
pub trait Library: Send + Sync {
    /// Makes a document. [`StoreError::Changed`] where the principal has, or had, one of this id.
    async fn create_document(
        &self,
        principal: &PrincipalId,
        new: NewDocument,
        at: Timestamp,
    ) -> Result<Document, StoreError>;

    /// Reads a document.
    async fn document(
        &self,
        principal: &PrincipalId,
        id: DocumentId,
    ) -> Result<Document, StoreError>;

    /// Lists documents, the newest first.
    async fn documents(
        &self,
        principal: &PrincipalId,
        query: DocumentQuery,
    ) -> Result<Page<Document>, StoreError>;

    /// Takes a step if the document is in a state that the step is taken from, and returns the
    /// document as it is then. [`StoreError::NotFound`] where it is not there, or deleted.
    async fn step_document(
        &self,
        principal: &PrincipalId,
        id: DocumentId,
        step: DocumentStep,
        at: Timestamp,
    ) -> Result<Document, StoreError>;

    /// Deletes a document, and leaves its removal from the index pending where it may be there.
    async fn delete_document(
        &self,
        principal: &PrincipalId,
        id: DocumentId,
        at: Timestamp,
    ) -> Result<Document, StoreError>;

    /// All collections that were ever published or hold a document, by name.
    async fn collections(&self, principal: &PrincipalId) -> Result<Vec<Collection>, StoreError>;

    /// What is to be changed in a collection's index, the oldest change first.
    async fn pending_documents(
        &self,
        principal: &PrincipalId,
        collection: &CollectionName,
        limit: u32,
    ) -> Result<Vec<PendingDocument>, StoreError>;

    /// The right to publish the next version, until `until`. `None` while somebody has it.
    async fn lease_collection(
        &self,
        principal: &PrincipalId,
        collection: &CollectionName,
        at: Timestamp,
        until: Timestamp,
    ) -> Result<Option<CollectionLease>, StoreError>;

    /// Keeps a lease until `until`. [`StoreError::LeaseLost`] where another took it.
    async fn renew_collection(
        &self,
        principal: &PrincipalId,
        lease: &CollectionLease,
        until: Timestamp,
    ) -> Result<(), StoreError>;

    /// Publishes `index` as the version after the lease's, then settles the changes that are in it:
    /// documents become ready, removed ones are forgotten, those that changed meanwhile stay pending.
    /// The lease goes on under the new version. [`StoreError::LeaseLost`] publishes nothing. The same
    /// call once more publishes nothing again and settles what is left.
    ///
    /// Whoever dies between the two leaves changes pending that are published already; to publish
    /// them once more must change nothing.
    async fn publish_collection(
        &self,
        principal: &PrincipalId,
        lease: &CollectionLease,
        index: &IndexFile,
        settled: &[PendingDocument],
        until: Timestamp,
        at: Timestamp,
    ) -> Result<CollectionLease, StoreError>;

    /// Gives a lease back. Does nothing where it is lost.
    async fn release_collection(
        &self,
        principal: &PrincipalId,
        lease: &CollectionLease,
    ) -> Result<(), StoreError>;

    /// Makes a source.
    async fn create_source(
        &self,
        principal: &PrincipalId,
        new: NewSource,
        at: Timestamp,
    ) -> Result<Source, StoreError>;

    /// Reads a source.
    async fn source(&self, principal: &PrincipalId, id: SourceId) -> Result<Source, StoreError>;

    /// Lists sources, the newest first.
    async fn sources(
        &self,
        principal: &PrincipalId,
        page: PageRequest,
    ) -> Result<Page<Source>, StoreError>;

    /// Stores a source as it is given, with the next revision. [`StoreError::Changed`] where it is
    /// no longer of the revision that it names.
    async fn update_source(
        &self,
        principal: &PrincipalId,
        source: Source,
        at: Timestamp,
    ) -> Result<Source, StoreError>;

    /// Deletes a source and its items; the documents stay.
    async fn delete_source(&self, principal: &PrincipalId, id: SourceId) -> Result<(), StoreError>;

    /// Lists a source's items by key.
    async fn source_items(
        &self,
        principal: &PrincipalId,
        id: SourceId,
        page: PageRequest,
    ) -> Result<Page<SourceItem>, StoreError>;

    /// Stores an item, in the place of the one that has its key.
    async fn put_source_item(
        &self,
        principal: &PrincipalId,
        id: SourceId,
        item: SourceItem,
    ) -> Result<(), StoreError>;

    /// Forgets an item.
    async fn delete_source_item(
        &self,
        principal: &PrincipalId,
        id: SourceId,
        key: &str,
    ) -> Result<(), StoreError>;

    /// Sources of all principals whose next run is due, the longest due first.
    async fn due_sources(&self, now: Timestamp, limit: u32) -> Result<Vec<DueSource>, StoreError>;
}
