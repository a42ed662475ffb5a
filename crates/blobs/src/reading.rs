//! What both stores do about reading.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use tidewire_domain::{BlobError, BlobInfo, BlobPath, BlobStream};

/// The longest that a presigned request is valid for: S3 takes no longer.
pub(crate) const LONGEST_VALID: Duration = Duration::from_hours(7 * 24);

/// All of an opened blob.
pub(crate) async fn collect(
    (info, mut stream): (BlobInfo, BlobStream),
) -> Result<Bytes, BlobError> {
    // What is claimed is reserved only as far as it is likely.
    let capacity = info.size_bytes.min(16 << 20);
    let mut whole = BytesMut::with_capacity(usize::try_from(capacity).unwrap_or(0));
    while let Some(piece) = stream.next().await {
        whole.extend_from_slice(&piece?);
    }
    Ok(whole.freeze())
}

/// Whether anything may be under this prefix of a list: it is empty, or a path that ends in `/`.
pub(crate) fn is_prefix(prefix: &str) -> bool {
    prefix.is_empty()
        || prefix
            .strip_suffix('/')
            .is_some_and(|path| path.parse::<BlobPath>().is_ok())
}
