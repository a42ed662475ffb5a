//! What the cases play with.

use std::{any::Any, sync::Arc};

use bytes::Bytes;
use reqwest::{Client, Method, Response};
use tidewire_domain::{BlobKey, BlobStore, PrincipalId, SignedRequest};

/// An empty store under test.
pub struct Subject {
    pub(super) store: Arc<dyn BlobStore>,
    pub(super) other: Arc<dyn BlobStore>,
    base_url: String,
    client: Client,
    _keep: Box<dyn Any + Send + Sync>,
}

impl Subject {
    /// `other` stands for another process on the same blobs. Presigned requests whose URL has no
    /// host go to `base_url`. `keep` lives as long as the case: a folder, a server.
    pub fn new(
        store: Arc<dyn BlobStore>,
        other: Arc<dyn BlobStore>,
        base_url: &str,
        keep: impl Any + Send + Sync,
    ) -> Self {
        // Fails where another case did it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder().no_proxy().tls_certs_only([]);
        Self {
            store,
            other,
            base_url: base_url.to_owned(),
            client: client.build().unwrap(),
            _keep: Box::new(keep),
        }
    }

    pub(super) async fn put(&self, key: &BlobKey, body: &'static str) {
        let body = Bytes::from_static(body.as_bytes());
        self.store.put(key, body, "text/plain").await.unwrap();
    }

    pub(super) async fn get(&self, key: &BlobKey) -> Bytes {
        self.other.get(key, u64::MAX).await.unwrap()
    }

    /// Sends a presigned request over HTTP.
    pub(super) async fn send(&self, request: &SignedRequest, body: Bytes) -> Response {
        let url = if request.url.starts_with('/') {
            format!("{}{}", self.base_url, request.url)
        } else {
            request.url.clone()
        };
        let method = Method::from_bytes(request.method.as_bytes()).unwrap();
        let mut sent = self.client.request(method, url).body(body);
        for (name, value) in &request.headers {
            sent = sent.header(name, value);
        }
        sent.send().await.unwrap()
    }
}

/// Alice's blob at this path.
pub(super) fn key(path: &str) -> BlobKey {
    key_of("alice", path)
}

pub(super) fn key_of(principal: &str, path: &str) -> BlobKey {
    BlobKey::new(&PrincipalId::new(principal), path).unwrap()
}

/// So many bytes that differ from their neighbours.
pub(super) fn noise(size: usize) -> Bytes {
    let mut state = 1_u32;
    let next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    };
    std::iter::repeat_with(next).take(size).collect()
}
