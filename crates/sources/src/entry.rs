//! What a source lists.

use std::collections::BTreeSet;

use bytes::Bytes;
use sha2::{Digest, Sha256};
use tidewire_domain::Timestamp;

use crate::{Coverage, Listed, SourceError, Validators};

/// The most items that are read from one source; a playlist holds no more.
pub(crate) const MAX_ENTRIES: usize = 5000;

/// A source, as it shows itself now.
#[derive(Debug)]
pub(crate) struct Listing {
    pub(crate) entries: Vec<Entry>,
    /// Keys of entries that the source says it deleted.
    pub(crate) deleted: BTreeSet<String>,
    pub(crate) coverage: Coverage,
    /// What tells whether the list changes.
    pub(crate) validators: Validators,
}

/// An item of a source.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) listed: Listed,
    pub(crate) title: Option<String>,
    /// Where a person finds it.
    pub(crate) url: Option<String>,
    pub(crate) published: Option<Timestamp>,
    pub(crate) content: Content,
}

/// Where the content of an item is.
#[derive(Debug)]
pub(crate) enum Content {
    /// Here.
    Here(Document),
    /// On this page.
    Page(String),
    /// In what is said in this video.
    Transcript(String),
    /// Nowhere: what was listed says so already.
    Missing(SourceError),
}

/// Content, and what kind of it.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) bytes: Bytes,
    pub(crate) media_type: String,
    pub(crate) charset: Option<String>,
}

impl Document {
    /// A text of ours.
    pub(crate) fn text(media_type: &str, text: String) -> Self {
        Self {
            bytes: text.into(),
            media_type: media_type.to_owned(),
            charset: Some("utf-8".into()),
        }
    }
}

/// A short text that is another one where any of `parts` is.
pub(crate) fn fingerprint(parts: &[&[u8]]) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        // With the length in front, "ab" and "c" are not "a" and "bc".
        digest.update(part.len().to_be_bytes());
        digest.update(part);
    }
    hex::encode(digest.finalize())
}
