//! Reading a file a piece at a time, where it may block.

use std::{fs::File, io::Read};

use bytes::Bytes;
use futures_util::stream;
use tidewire_domain::{BlobError, BlobStream};

use super::{blobs::blocking, failure::explain};

/// Large enough that the way to the thread and back costs little.
const PIECE: usize = 256 << 10;

/// The file's content from where it stands. Who replaces or deletes the blob meanwhile changes
/// nothing about it.
pub(super) fn pieces(file: File) -> BlobStream {
    Box::pin(stream::try_unfold(Some(file), |file| async {
        let Some(file) = file else {
            return Ok(None);
        };
        let (file, piece) = blocking(move || read(file)).await?;
        Ok((!piece.is_empty()).then_some((piece, Some(file))))
    }))
}

fn read(mut file: File) -> Result<(File, Bytes), BlobError> {
    let mut piece = Vec::with_capacity(PIECE);
    (&mut file)
        .take(PIECE as u64)
        .read_to_end(&mut piece)
        .map_err(explain)?;
    Ok((file, piece.into()))
}
