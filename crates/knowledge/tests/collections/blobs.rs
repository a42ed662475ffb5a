//! Files in memory.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream;
use tidewire_domain::{
    BlobError, BlobInfo, BlobKey, BlobPath, BlobStore, BlobStream, DownloadTerms, PrincipalId,
    SignedRequest, UploadTerms,
};

/// Files of all principals, and how often one was opened.
#[derive(Default)]
pub(crate) struct Blobs {
    files: Mutex<BTreeMap<(PrincipalId, BlobPath), Bytes>>,
    pub(crate) opened: AtomicU32,
}

impl Blobs {
    /// The paths of a principal's files.
    pub(crate) fn paths(&self, principal: &PrincipalId) -> Vec<String> {
        let files = self.files.lock().unwrap();
        let own = files.keys().filter(|(of, _)| of == principal);
        own.map(|(_, path)| path.to_string()).collect()
    }

    /// Loses a file, whosever it is.
    pub(crate) fn forget(&self, path: &str) {
        self.files
            .lock()
            .unwrap()
            .retain(|(_, known), _| known.as_str() != path);
    }

    /// Puts other bytes into the files whose path holds this text.
    pub(crate) fn damage(&self, part: &str, bytes: &'static [u8]) {
        for ((_, path), body) in self.files.lock().unwrap().iter_mut() {
            if path.as_str().contains(part) {
                *body = Bytes::from_static(bytes);
            }
        }
    }
}

fn place(key: &BlobKey) -> (PrincipalId, BlobPath) {
    (key.principal.clone(), key.path.clone())
}

fn info(body: &Bytes) -> BlobInfo {
    BlobInfo {
        size_bytes: body.len() as u64,
        etag: "e".into(),
    }
}

#[async_trait]
impl BlobStore for Blobs {
    async fn put(&self, key: &BlobKey, body: Bytes, _: &str) -> Result<BlobInfo, BlobError> {
        let known = info(&body);
        self.files.lock().unwrap().insert(place(key), body);
        Ok(known)
    }

    async fn put_new(&self, key: &BlobKey, body: Bytes, _: &str) -> Result<BlobInfo, BlobError> {
        let mut files = self.files.lock().unwrap();
        if files.contains_key(&place(key)) {
            return Err(BlobError::Exists);
        }
        let known = info(&body);
        files.insert(place(key), body);
        Ok(known)
    }

    async fn open(&self, key: &BlobKey, max: u64) -> Result<(BlobInfo, BlobStream), BlobError> {
        self.opened.fetch_add(1, Ordering::Relaxed);
        let body = self.get(key, max).await?;
        let pieces: Vec<_> = body
            .chunks(64 << 10)
            .map(|piece| Ok(Bytes::copy_from_slice(piece)))
            .collect();
        Ok((info(&body), Box::pin(stream::iter(pieces))))
    }

    async fn get(&self, key: &BlobKey, max_bytes: u64) -> Result<Bytes, BlobError> {
        let files = self.files.lock().unwrap();
        let body = files.get(&place(key)).ok_or(BlobError::NotFound)?;
        if body.len() as u64 > max_bytes {
            return Err(BlobError::TooLarge { max_bytes });
        }
        Ok(body.clone())
    }

    async fn info(&self, key: &BlobKey) -> Result<BlobInfo, BlobError> {
        Ok(info(&self.get(key, u64::MAX).await?))
    }

    async fn delete(&self, key: &BlobKey) -> Result<(), BlobError> {
        self.files.lock().unwrap().remove(&place(key));
        Ok(())
    }

    async fn list(
        &self,
        principal: &PrincipalId,
        prefix: &str,
        after: Option<&BlobPath>,
        limit: u32,
    ) -> Result<Vec<BlobPath>, BlobError> {
        let files = self.files.lock().unwrap();
        let paths = files.keys().filter(|(of, path)| {
            of == principal
                && path.as_str().starts_with(prefix)
                && after.is_none_or(|after| path > after)
        });
        let paths = paths.map(|(_, path)| path.clone());
        Ok(paths.take(limit as usize).collect())
    }

    async fn presign_put(
        &self,
        _: &BlobKey,
        _: &UploadTerms,
        _: Duration,
    ) -> Result<SignedRequest, BlobError> {
        Err(BlobError::Unavailable("nobody signs here".into()))
    }

    async fn presign_get(
        &self,
        _: &BlobKey,
        _: &DownloadTerms,
        _: Duration,
    ) -> Result<SignedRequest, BlobError> {
        Err(BlobError::Unavailable("nobody signs here".into()))
    }
}
