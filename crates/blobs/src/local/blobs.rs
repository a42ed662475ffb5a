//! The port, on a folder.

use std::{
    fmt,
    fs::{self, File},
    io::ErrorKind,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{Stream, StreamExt, pin_mut};
use tidewire_domain::{
    BlobError, BlobInfo, BlobKey, BlobPath, BlobStore, BlobStream, DownloadTerms, PrincipalId,
    SignedRequest, Timestamp, UploadTerms,
};
use tokio::task::spawn_blocking;

use super::{
    draft::{Draft, Placement, make_folder, sweep},
    etag,
    failure::explain,
    grant::{Grant, GrantError, GrantSigner},
    listing::Listing,
    pieces::pieces,
};
use crate::{
    principal_name,
    reading::{LONGEST_VALID, collect, is_prefix},
};

/// Beside the principals: no encoded name begins with a dot.
const DRAFTS: &str = ".drafts";

/// How much of an upload is written at once.
const PIECE: usize = 256 << 10;

/// Keeps blobs as files that only this user may read, in a folder for each principal. Processes of
/// one machine may share them.
///
/// A path that names a blob must not lead to others as well: beside `a` there is no `a/b`.
///
/// Presigned requests are requests to this app, whose route hands them to [`LocalBlobs::verify`] and
/// uploads to [`LocalBlobs::receive`].
#[derive(Clone)]
pub struct LocalBlobs {
    root: Arc<Path>,
    signer: GrantSigner,
}

impl fmt::Debug for LocalBlobs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalBlobs")
            .field("root", &self.root)
            .finish_non_exhaustive()
    }
}

impl LocalBlobs {
    /// Opens the store in the folder `root`, makes it if it is missing, and removes what a crash
    /// left of uploads. Presigned requests are signed with `secret`, which all processes share.
    /// Blocks for some milliseconds.
    pub fn open(root: &Path, secret: &[u8; 32]) -> Result<Self, BlobError> {
        let drafts = root.join(DRAFTS);
        make_folder(root, &drafts)
            .and_then(|()| sweep(&drafts))
            .map_err(|error| match explain(error) {
                BlobError::Unavailable(text) => {
                    BlobError::Unavailable(format!("{}: {text}", root.display()))
                }
                BlobError::NotFound | BlobError::Exists => {
                    BlobError::Unavailable(format!("{} is no folder: move it away", root.display()))
                }
                other => other,
            })?;
        Ok(Self {
            root: root.into(),
            signer: GrantSigner::new(secret),
        })
    }

    /// What a presigned request permits, which came with this method, this path and query as they
    /// were sent, and this `Content-Type`.
    pub fn verify(
        &self,
        method: &str,
        path_and_query: &str,
        content_type: Option<&str>,
        now: Timestamp,
    ) -> Result<Grant, GrantError> {
        self.signer
            .verify(method, path_and_query, content_type, now)
    }

    /// Stores what is uploaded under a [`Grant::Upload`]. Nothing is seen of it before its end;
    /// nothing is left of one that breaks off, or that turns out to be larger than the terms allow
    /// ([`BlobError::TooLarge`]).
    pub async fn receive<E>(
        &self,
        key: &BlobKey,
        terms: &UploadTerms,
        body: impl Stream<Item = Result<Bytes, E>> + Send,
    ) -> Result<BlobInfo, BlobError> {
        let drafts = self.root.join(DRAFTS);
        let mut draft = blocking(move || Draft::create(&drafts).map_err(explain)).await?;
        let mut waiting = Vec::new();
        let mut size_bytes = 0;
        pin_mut!(body);
        while let Some(piece) = body.next().await {
            let piece = piece.map_err(|_| BlobError::Unavailable("the upload broke off".into()))?;
            size_bytes += piece.len() as u64;
            if size_bytes > terms.max_bytes {
                return Err(BlobError::TooLarge {
                    max_bytes: terms.max_bytes,
                });
            }
            waiting.extend_from_slice(&piece);
            if waiting.len() >= PIECE {
                (draft, waiting) = write(draft, waiting).await?;
            }
        }
        (draft, _) = write(draft, waiting).await?;
        self.place(draft, key, Placement::Replace).await
    }

    async fn store(
        &self,
        key: &BlobKey,
        body: Bytes,
        placement: Placement,
    ) -> Result<BlobInfo, BlobError> {
        let drafts = self.root.join(DRAFTS);
        let draft = blocking(move || {
            let mut draft = Draft::create(&drafts)?;
            draft.write(&body)?;
            Ok(draft)
        });
        let draft = draft.await.map_err(explain)?;
        self.place(draft, key, placement).await
    }

    async fn place(
        &self,
        draft: Draft,
        key: &BlobKey,
        placement: Placement,
    ) -> Result<BlobInfo, BlobError> {
        let (root, target) = (Arc::clone(&self.root), self.path(key));
        let taken = format!("{} is a folder, or in a file", key.path);
        blocking(move || {
            draft.place(&root, &target, placement).map_err(|error| {
                let is_taken = match error.kind() {
                    ErrorKind::IsADirectory | ErrorKind::NotADirectory => true,
                    ErrorKind::AlreadyExists => !target.is_file(),
                    _ => false,
                };
                if is_taken {
                    BlobError::Unavailable(taken)
                } else {
                    explain(error)
                }
            })
        })
        .await
    }

    fn folder(&self, principal: &PrincipalId) -> PathBuf {
        self.root.join(principal_name::folder(principal))
    }

    fn path(&self, key: &BlobKey) -> PathBuf {
        // Its segments are plain names.
        self.folder(&key.principal).join(key.path.as_str())
    }
}

/// Runs `work` where it may block. Dropping the future does not end it.
pub(super) async fn blocking<T, E>(
    work: impl FnOnce() -> Result<T, E> + Send + 'static,
) -> Result<T, E>
where
    T: Send + 'static,
    E: Send + 'static,
{
    match spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // The runtime ends, and whoever waits here with it.
            Err(_) => std::future::pending().await,
        },
    }
}

/// Writes the bytes. They come back as an empty vector with the same room.
async fn write(mut draft: Draft, mut bytes: Vec<u8>) -> Result<(Draft, Vec<u8>), BlobError> {
    blocking(move || {
        draft.write(&bytes).map_err(explain)?;
        bytes.clear();
        Ok((draft, bytes))
    })
    .await
}

/// Opens the file of a blob of up to `max_bytes`.
fn open(path: &Path, max_bytes: u64) -> Result<(BlobInfo, File), BlobError> {
    let mut file = File::open(path).map_err(explain)?;
    let metadata = file.metadata().map_err(explain)?;
    if !metadata.is_file() {
        return Err(BlobError::NotFound);
    }
    if metadata.len() > max_bytes {
        return Err(BlobError::TooLarge { max_bytes });
    }
    let info = BlobInfo {
        size_bytes: metadata.len(),
        etag: etag::of(&mut file, &metadata).map_err(explain)?,
    };
    Ok((info, file))
}

#[async_trait]
impl BlobStore for LocalBlobs {
    async fn put(&self, key: &BlobKey, body: Bytes, _: &str) -> Result<BlobInfo, BlobError> {
        self.store(key, body, Placement::Replace).await
    }

    async fn put_new(&self, key: &BlobKey, body: Bytes, _: &str) -> Result<BlobInfo, BlobError> {
        self.store(key, body, Placement::New).await
    }

    async fn open(
        &self,
        key: &BlobKey,
        max_bytes: u64,
    ) -> Result<(BlobInfo, BlobStream), BlobError> {
        let path = self.path(key);
        let (info, file) = blocking(move || open(&path, max_bytes)).await?;
        Ok((info, pieces(file)))
    }

    async fn get(&self, key: &BlobKey, max_bytes: u64) -> Result<Bytes, BlobError> {
        collect(self.open(key, max_bytes).await?).await
    }

    async fn info(&self, key: &BlobKey) -> Result<BlobInfo, BlobError> {
        let path = self.path(key);
        blocking(move || Ok(open(&path, u64::MAX)?.0)).await
    }

    async fn delete(&self, key: &BlobKey) -> Result<(), BlobError> {
        let (folder, path) = (self.folder(&key.principal), self.path(key));
        blocking(move || {
            match fs::remove_file(&path).map_err(|error| (path.is_dir(), explain(error))) {
                Ok(()) => {}
                // Folders are no blobs.
                Err((true, _) | (_, BlobError::NotFound)) => return Ok(()),
                Err((_, error)) => return Err(error),
            }
            // Folders that are empty now go, too; the first that is not ends it.
            let above = path.ancestors().skip(1);
            for empty in above.take_while(|above| above.starts_with(&folder)) {
                if fs::remove_dir(empty).is_err() {
                    break;
                }
            }
            Ok(())
        })
        .await
    }

    async fn list(
        &self,
        principal: &PrincipalId,
        prefix: &str,
        after: Option<&BlobPath>,
        limit: u32,
    ) -> Result<Vec<BlobPath>, BlobError> {
        if !is_prefix(prefix) {
            return Ok(Vec::new());
        }
        let folder = self.folder(principal).join(prefix);
        let (prefix, after) = (prefix.to_owned(), after.cloned());
        blocking(move || {
            let mut listing = Listing {
                after: after.as_ref().map(BlobPath::as_str),
                limit: limit as usize,
                found: Vec::new(),
            };
            listing.add(&folder, &prefix).map_err(explain)?;
            Ok(listing.found)
        })
        .await
    }

    async fn presign_put(
        &self,
        key: &BlobKey,
        terms: &UploadTerms,
        valid_for: Duration,
    ) -> Result<SignedRequest, BlobError> {
        let grant = Grant::Upload {
            key: key.clone(),
            terms: terms.clone(),
        };
        let headers = vec![("content-type".into(), terms.media_type.clone())];
        Ok(self.signed(&grant, headers, valid_for))
    }

    async fn presign_get(
        &self,
        key: &BlobKey,
        terms: &DownloadTerms,
        valid_for: Duration,
    ) -> Result<SignedRequest, BlobError> {
        let grant = Grant::Download {
            key: key.clone(),
            terms: terms.clone(),
        };
        Ok(self.signed(&grant, Vec::new(), valid_for))
    }
}

impl LocalBlobs {
    fn signed(
        &self,
        grant: &Grant,
        headers: Vec<(String, String)>,
        valid_for: Duration,
    ) -> SignedRequest {
        let valid_for = valid_for.min(LONGEST_VALID).as_millis();
        let until = Timestamp::now().as_millis() + i64::try_from(valid_for).unwrap_or(0);
        SignedRequest {
            method: grant.method(),
            url: self.signer.sign(grant, (until + 999) / 1000),
            headers,
        }
    }
}
