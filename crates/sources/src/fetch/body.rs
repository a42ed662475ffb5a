//! Bodies, read up to a size that holds after decompression too.

use std::io::{self, Write};

use bytes::Bytes;
use flate2::write::MultiGzDecoder;
use reqwest::{Response, header::CONTENT_ENCODING};

/// The compression that is asked for. Others are not understood, and brotli is not worth its code.
pub(super) const ACCEPT_ENCODING: &str = "gzip";

/// A body, or its beginning.
#[derive(Debug)]
pub(super) struct Body {
    /// What was read, decompressed.
    pub(super) bytes: Bytes,
    /// Whether that is all of it.
    pub(super) is_whole: bool,
}

/// Why a body could not be read.
#[derive(Debug)]
pub(super) enum BodyError {
    /// The connection broke.
    Transport(reqwest::Error),
    /// The bytes are not what the headers say.
    Encoding(String),
}

impl Body {
    /// Reads at most `limit_bytes` of what `response` holds, counted before and after
    /// decompression. No more than a chunk beyond that is ever in memory.
    pub(super) async fn read(
        mut response: Response,
        limit_bytes: usize,
    ) -> Result<Self, BodyError> {
        let encoding = response
            .headers()
            .get(CONTENT_ENCODING)
            .map_or_else(String::new, |value| {
                String::from_utf8_lossy(value.as_bytes()).to_ascii_lowercase()
            });
        let mut decoder = Decoder::new(encoding.trim(), limit_bytes)?;
        let mut received_bytes = 0_usize;
        while let Some(chunk) = response.chunk().await.map_err(BodyError::Transport)? {
            received_bytes = received_bytes.saturating_add(chunk.len());
            if received_bytes > limit_bytes || !decoder.write(&chunk)? {
                return Ok(Self {
                    bytes: decoder.into_bytes(),
                    is_whole: false,
                });
            }
        }
        if received_bytes == 0 {
            // Some servers name a compression for nothing at all.
            return Ok(Self {
                bytes: Bytes::new(),
                is_whole: true,
            });
        }
        decoder.finish()
    }
}

enum Decoder {
    Plain(Capped),
    Gzip(Box<MultiGzDecoder<Capped>>),
}

impl Decoder {
    fn new(encoding: &str, limit_bytes: usize) -> Result<Self, BodyError> {
        let capped = Capped {
            bytes: Vec::new(),
            limit_bytes,
            is_full: false,
        };
        match encoding {
            "" | "identity" => Ok(Self::Plain(capped)),
            "gzip" | "x-gzip" => Ok(Self::Gzip(Box::new(MultiGzDecoder::new(capped)))),
            other => Err(BodyError::Encoding(format!(
                "is compressed as {other:?}, which was not asked for"
            ))),
        }
    }

    /// False where the limit is reached.
    fn write(&mut self, chunk: &[u8]) -> Result<bool, BodyError> {
        let (written, capped) = match self {
            Self::Plain(capped) => (capped.write_all(chunk), &*capped),
            Self::Gzip(decoder) => (decoder.write_all(chunk), decoder.get_ref()),
        };
        match written {
            Err(_) if capped.is_full => Ok(false),
            Err(error) => Err(broken(&error)),
            Ok(()) => Ok(true),
        }
    }

    fn finish(mut self) -> Result<Body, BodyError> {
        let is_whole = match self {
            Self::Plain(capped) => {
                return Ok(Body {
                    bytes: capped.bytes.into(),
                    is_whole: true,
                });
            }
            Self::Gzip(ref mut decoder) => match decoder.try_finish() {
                Err(_) if decoder.get_ref().is_full => false,
                Err(error) => return Err(broken(&error)),
                Ok(()) => true,
            },
        };
        Ok(Body {
            bytes: self.into_bytes(),
            is_whole,
        })
    }

    fn into_bytes(self) -> Bytes {
        match self {
            Self::Plain(capped) => capped.bytes.into(),
            Self::Gzip(mut decoder) => std::mem::take(&mut decoder.get_mut().bytes).into(),
        }
    }
}

fn broken(error: &io::Error) -> BodyError {
    BodyError::Encoding(format!("is not the gzip that it says it is: {error}"))
}

/// Bytes in memory, up to a limit.
struct Capped {
    bytes: Vec<u8>,
    limit_bytes: usize,
    /// Whether more was offered than there was room for.
    is_full: bool,
}

impl Write for Capped {
    fn write(&mut self, offered: &[u8]) -> io::Result<usize> {
        let room = self.limit_bytes - self.bytes.len();
        if room == 0 && !offered.is_empty() {
            self.is_full = true;
            return Err(io::ErrorKind::WriteZero.into());
        }
        let taken = offered.len().min(room);
        self.bytes.extend_from_slice(&offered[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
