//! The port of documents, collections and sources, on `SQLite`.

use async_trait::async_trait;
use tidewire_domain::{
    Collection, CollectionLease, CollectionName, Document, DocumentId, DocumentQuery, DocumentStep,
    DueSource, IndexFile, Library, NewDocument, NewSource, Page, PageRequest, PendingDocument,
    PrincipalId, Source, SourceId, SourceItem, StoreError, Timestamp,
};

use super::{
    SqliteStore,
    collection::{self, Publication},
    document, source,
};

#[async_trait]
impl Library for SqliteStore {
    async fn create_document(
        &self,
        principal: &PrincipalId,
        new: NewDocument,
        at: Timestamp,
    ) -> Result<Document, StoreError> {
        let principal = principal.clone();
        self.writer
            .write(move |connection| document::create(connection, &principal, &new, at))
            .await
    }

    async fn document(
        &self,
        principal: &PrincipalId,
        id: DocumentId,
    ) -> Result<Document, StoreError> {
        let principal = principal.clone();
        self.readers
            .read(move |connection| document::read(connection, &principal, id))
            .await
    }

    async fn documents(
        &self,
        principal: &PrincipalId,
        query: DocumentQuery,
    ) -> Result<Page<Document>, StoreError> {
        let principal = principal.clone();
        self.readers
            .read(move |connection| document::list(connection, &principal, &query))
            .await
    }

    async fn step_document(
        &self,
        principal: &PrincipalId,
        id: DocumentId,
        step: DocumentStep,
        at: Timestamp,
    ) -> Result<Document, StoreError> {
        let principal = principal.clone();
        self.writer
            .write(move |connection| document::step(connection, &principal, id, &step, at))
            .await
    }

    async fn delete_document(
        &self,
        principal: &PrincipalId,
        id: DocumentId,
        at: Timestamp,
    ) -> Result<Document, StoreError> {
        let principal = principal.clone();
        self.writer
            .write(move |connection| document::delete(connection, &principal, id, at))
            .await
    }

    async fn collections(&self, principal: &PrincipalId) -> Result<Vec<Collection>, StoreError> {
        let principal = principal.clone();
        self.readers
            .read(move |connection| collection::list(connection, &principal))
            .await
    }

    async fn pending_documents(
        &self,
        principal: &PrincipalId,
        collection: &CollectionName,
        limit: u32,
    ) -> Result<Vec<PendingDocument>, StoreError> {
        let (principal, name) = (principal.clone(), collection.clone());
        self.readers
            .read(move |connection| collection::pending(connection, &principal, &name, limit))
            .await
    }

    async fn lease_collection(
        &self,
        principal: &PrincipalId,
        collection: &CollectionName,
        at: Timestamp,
        until: Timestamp,
    ) -> Result<Option<CollectionLease>, StoreError> {
        let (principal, name) = (principal.clone(), collection.clone());
        self.writer
            .write(move |connection| collection::lease(connection, &principal, &name, at, until))
            .await
    }

    async fn renew_collection(
        &self,
        principal: &PrincipalId,
        lease: &CollectionLease,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        let (principal, lease) = (principal.clone(), lease.clone());
        self.writer
            .write(move |connection| collection::renew(connection, &principal, &lease, until))
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
        let principal = principal.clone();
        let publication = Publication {
            lease: lease.clone(),
            index: index.clone(),
            settled: settled.to_vec(),
            until,
            at,
        };
        self.writer
            .write(move |connection| collection::publish(connection, &principal, &publication))
            .await
    }

    async fn release_collection(
        &self,
        principal: &PrincipalId,
        lease: &CollectionLease,
    ) -> Result<(), StoreError> {
        let (principal, lease) = (principal.clone(), lease.clone());
        self.writer
            .write(move |connection| collection::release(connection, &principal, &lease))
            .await
    }

    async fn create_source(
        &self,
        principal: &PrincipalId,
        new: NewSource,
        at: Timestamp,
    ) -> Result<Source, StoreError> {
        let principal = principal.clone();
        let id = SourceId::new();
        self.writer
            .write(move |connection| source::create(connection, &principal, id, &new, at))
            .await
    }

    async fn source(&self, principal: &PrincipalId, id: SourceId) -> Result<Source, StoreError> {
        let principal = principal.clone();
        self.readers
            .read(move |connection| source::read(connection, &principal, id))
            .await
    }

    async fn sources(
        &self,
        principal: &PrincipalId,
        page: PageRequest,
    ) -> Result<Page<Source>, StoreError> {
        let principal = principal.clone();
        self.readers
            .read(move |connection| source::list(connection, &principal, &page))
            .await
    }

    async fn update_source(
        &self,
        principal: &PrincipalId,
        source: Source,
        at: Timestamp,
    ) -> Result<Source, StoreError> {
        let principal = principal.clone();
        self.writer
            .write(move |connection| source::update(connection, &principal, &source, at))
            .await
    }

    async fn delete_source(&self, principal: &PrincipalId, id: SourceId) -> Result<(), StoreError> {
        let principal = principal.clone();
        self.writer
            .write(move |connection| source::delete(connection, &principal, id))
            .await
    }

    async fn source_items(
        &self,
        principal: &PrincipalId,
        id: SourceId,
        page: PageRequest,
    ) -> Result<Page<SourceItem>, StoreError> {
        let principal = principal.clone();
        self.readers
            .read(move |connection| source::list_items(connection, &principal, id, &page))
            .await
    }

    async fn put_source_item(
        &self,
        principal: &PrincipalId,
        id: SourceId,
        item: SourceItem,
    ) -> Result<(), StoreError> {
        let principal = principal.clone();
        self.writer
            .write(move |connection| source::put_item(connection, &principal, id, &item))
            .await
    }

    async fn delete_source_item(
        &self,
        principal: &PrincipalId,
        id: SourceId,
        key: &str,
    ) -> Result<(), StoreError> {
        let (principal, key) = (principal.clone(), key.to_owned());
        self.writer
            .write(move |connection| source::delete_item(connection, &principal, id, &key))
            .await
    }

    async fn due_sources(&self, now: Timestamp, limit: u32) -> Result<Vec<DueSource>, StoreError> {
        self.readers
            .read(move |connection| source::due(connection, now, limit))
            .await
    }
}
