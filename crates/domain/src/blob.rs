//! The port behind which files are kept: uploads, passages, indexes.

use std::{fmt, pin::Pin, str::FromStr, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::Stream;

use crate::{DocumentId, PrincipalId};

/// A text that cannot name a blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a blob's path has segments of a-z, A-Z, 0-9, '.', '_' and '-', none of which begins with a dot"
)]
pub struct BlobPathError;

/// Where a blob is within what a principal owns, such as `documents/ID/original`. Segments of 1 to
/// 128 characters, 512 in all.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BlobPath(String);

impl BlobPath {
    const LONGEST: usize = 512;
    const LONGEST_SEGMENT: usize = 128;

    /// The path.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for BlobPath {
    type Err = BlobPathError;

    fn from_str(text: &str) -> Result<Self, BlobPathError> {
        let is_plain = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'.' | b'_' | b'-');
        let is_segment = |segment: &str| {
            (1..=Self::LONGEST_SEGMENT).contains(&segment.len())
                && !segment.starts_with('.')
                && segment.bytes().all(is_plain)
        };
        if text.len() <= Self::LONGEST && text.split('/').all(is_segment) {
            Ok(Self(text.into()))
        } else {
            Err(BlobPathError)
        }
    }
}

impl fmt::Display for BlobPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The whole address of a blob.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BlobKey {
    /// Whose it is.
    pub principal: PrincipalId,
    /// Where it is.
    pub path: BlobPath,
}

impl BlobKey {
    /// The blob of this principal at this path.
    pub fn new(principal: &PrincipalId, path: &str) -> Result<Self, BlobPathError> {
        Ok(Self {
            principal: principal.clone(),
            path: path.parse()?,
        })
    }

    /// The file of a document, as it was uploaded.
    pub fn of_document(principal: &PrincipalId, id: DocumentId) -> Self {
        Self {
            principal: principal.clone(),
            path: BlobPath(format!("documents/{id}/original")),
        }
    }
}

/// What is known of a blob without reading it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlobInfo {
    /// Its size.
    pub size_bytes: u64,
    /// Changes with its content.
    pub etag: String,
}

/// What may be uploaded by a presigned request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadTerms {
    /// The content type that must be sent.
    pub media_type: String,
    /// The largest file that is taken. Not every store can enforce it: whoever uses the blob looks
    /// at its size first.
    pub max_bytes: u64,
}

/// How a blob is handed out by a presigned request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DownloadTerms {
    /// The name that the file is saved under: it is always an attachment.
    pub file_name: String,
    /// The content type.
    pub media_type: String,
}

/// A request that needs no credentials until it expires.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedRequest {
    /// `PUT` or `GET`.
    pub method: &'static str,
    /// Where to; without scheme and host where it is to this app.
    pub url: String,
    /// Headers that must be sent as they are.
    pub headers: Vec<(String, String)>,
}

/// Why a blob store did not do what it was asked, by what the caller does about it.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// There is no such blob.
    #[error("there is no such file")]
    NotFound,
    /// There is one already, and it was to be new.
    #[error("the file exists already")]
    Exists,
    /// It is larger than the caller takes.
    #[error("the file is larger than {max_bytes} bytes")]
    TooLarge {
        /// What the caller takes.
        max_bytes: u64,
    },
    /// The disk is full.
    #[error("the disk is full")]
    Full,
    /// The store refuses the credentials.
    #[error("access to the file store was denied: {0}")]
    Denied(String),
    /// It cannot be reached or does not answer; trying again may help.
    #[error("the file store is not available: {0}")]
    Unavailable(String),
}

/// A blob's bytes, a piece at a time.
pub type BlobStream = Pin<Box<dyn Stream<Item = Result<Bytes, BlobError>> + Send>>;

/// Where files are kept. A blob is seen whole or not at all, never in part.
#[async_trait]
pub trait BlobStore: Send + Sync {
    /// Stores a blob, in the place of the one that is there.
    async fn put(
        &self,
        key: &BlobKey,
        body: Bytes,
        media_type: &str,
    ) -> Result<BlobInfo, BlobError>;

    /// Stores a blob where there is none; [`BlobError::Exists`] otherwise.
    async fn put_new(
        &self,
        key: &BlobKey,
        body: Bytes,
        media_type: &str,
    ) -> Result<BlobInfo, BlobError>;

    /// Opens a blob for reading. [`BlobError::TooLarge`], before anything is read, where it has more
    /// than `max_bytes`.
    async fn open(
        &self,
        key: &BlobKey,
        max_bytes: u64,
    ) -> Result<(BlobInfo, BlobStream), BlobError>;

    /// Reads a whole blob of up to `max_bytes`.
    async fn get(&self, key: &BlobKey, max_bytes: u64) -> Result<Bytes, BlobError>;

    /// What is known of a blob.
    async fn info(&self, key: &BlobKey) -> Result<BlobInfo, BlobError>;

    /// Deletes a blob. One that is not there is deleted.
    async fn delete(&self, key: &BlobKey) -> Result<(), BlobError>;

    /// The paths of a principal's blobs under a prefix that ends in `/`, or of all where it is
    /// empty, in order; at most `limit`, after the path `after`.
    async fn list(
        &self,
        principal: &PrincipalId,
        prefix: &str,
        after: Option<&BlobPath>,
        limit: u32,
    ) -> Result<Vec<BlobPath>, BlobError>;

    /// A request that uploads a blob, valid for `valid_for`.
    async fn presign_put(
        &self,
        key: &BlobKey,
        terms: &UploadTerms,
        valid_for: Duration,
    ) -> Result<SignedRequest, BlobError>;

    /// A request that downloads a blob, valid for `valid_for`.
    async fn presign_get(
        &self,
        key: &BlobKey,
        terms: &DownloadTerms,
        valid_for: Duration,
    ) -> Result<SignedRequest, BlobError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_never_leave_their_place() {
        for good in [
            "a",
            "documents/0190-af/original",
            "collections/x_y/12.sqlite",
        ] {
            assert!(good.parse::<BlobPath>().is_ok(), "{good}");
        }
        let (long, deep) = ("x".repeat(129), "x/".repeat(300) + "x");
        for bad in [
            "", "/a", "a/", "a//b", ".", "..", "a/../b", ".hidden", "a\\b", "ä", "a b", "a\0",
            &long, &deep,
        ] {
            assert!(bad.parse::<BlobPath>().is_err(), "{bad}");
        }
    }
}
