//! Documents that users bring, and the collections that they are searched in.

use std::{fmt, str::FromStr, sync::Arc};

use serde::{Deserialize, Deserializer, Serialize, de};

use crate::{BlobPath, DocumentId, SourceId, Timestamp};

/// A text that cannot name a collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a collection's name has 1 to 64 characters out of a-z, 0-9, - and _")]
pub struct CollectionNameError;

/// Names a collection of one principal's documents. Two principals may have one of the same name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String))]
#[serde(transparent)]
pub struct CollectionName(Arc<str>);

impl CollectionName {
    /// The longest name, in characters.
    const LONGEST: usize = 64;

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for CollectionName {
    /// Where documents go that name no collection.
    fn default() -> Self {
        Self("documents".into())
    }
}

impl fmt::Display for CollectionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for CollectionName {
    type Err = CollectionNameError;

    fn from_str(text: &str) -> Result<Self, CollectionNameError> {
        let is_plain =
            |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-' || c == b'_';
        if (1..=Self::LONGEST).contains(&text.len()) && text.bytes().all(is_plain) {
            Ok(Self(text.into()))
        } else {
            Err(CollectionNameError)
        }
    }
}

impl<'de> Deserialize<'de> for CollectionName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

/// How far a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DocumentStatus {
    /// Its file is to be uploaded to a presigned URL.
    AwaitingUpload,
    /// Its file is here; a worker will take it.
    Queued,
    /// A worker reads it, or waits to publish it.
    Ingesting,
    /// It is found by searches.
    Ready,
    /// It cannot be read; its `reason` says why.
    Failed,
}

impl DocumentStatus {
    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AwaitingUpload => "awaiting_upload",
            Self::Queued => "queued",
            Self::Ingesting => "ingesting",
            Self::Ready => "ready",
            Self::Failed => "failed",
        }
    }

    /// The status of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        [
            Self::AwaitingUpload,
            Self::Queued,
            Self::Ingesting,
            Self::Ready,
            Self::Failed,
        ]
        .into_iter()
        .find(|status| status.as_str() == name)
    }
}

/// Where a document came from, if a source brought it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Origin {
    /// The source.
    pub source_id: SourceId,
    /// The item's key within the source.
    pub item_key: String,
}

/// A document, without its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Document {
    /// Its name in the API.
    pub id: DocumentId,
    /// The collection that it is searched in.
    pub collection: CollectionName,
    /// The file's name until it was read; then the title that it gives itself, where it has one.
    pub title: String,
    /// The name that the file was uploaded under.
    pub file_name: String,
    /// What the file is, by its name and its first bytes.
    pub media_type: String,
    /// The file's size.
    pub size_bytes: u64,
    /// How far it is.
    pub status: DocumentStatus,
    /// Why it failed, in a sentence for its owner.
    pub reason: Option<String>,
    /// How many passages it was cut into; 0 until it was read.
    pub passages: u32,
    /// The source that brought it.
    pub origin: Option<Origin>,
    /// Where it is on the web.
    pub url: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// What a document starts from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDocument {
    /// Chosen by the caller, who stores the file under it first.
    pub id: DocumentId,
    /// The collection.
    pub collection: CollectionName,
    /// The title, until the file was read.
    pub title: String,
    /// The name that the file was uploaded under.
    pub file_name: String,
    /// What the file is.
    pub media_type: String,
    /// The file's size; 0 where it is still to be uploaded.
    pub size_bytes: u64,
    /// [`DocumentStatus::AwaitingUpload`] or [`DocumentStatus::Queued`].
    pub status: DocumentStatus,
    /// The source that brings it.
    pub origin: Option<Origin>,
    /// Where it is on the web.
    pub url: Option<String>,
}

/// A step of a document's life. Each is taken only from the states that it names; from any other it
/// changes nothing, so that a job which is delivered twice, or late, does no harm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DocumentStep {
    /// The file was uploaded, and is this large. From awaiting upload.
    Uploaded {
        /// The file's size.
        size_bytes: u64,
    },
    /// Another file replaces the one that it had, or it is to be read once more. From ready and failed.
    Requeued {
        /// The file's size.
        size_bytes: u64,
    },
    /// A worker began to read it. From queued and ingesting.
    Began,
    /// Its passages are stored, and wait to be published. From ingesting.
    Read {
        /// The title that it gives itself, where it has one.
        title: Option<String>,
        /// How many passages there are.
        passages: u32,
    },
    /// It cannot be read. From awaiting upload, queued and ingesting. Passages that an earlier file
    /// left in the index are to be taken out.
    Failed {
        /// Why, in a sentence for its owner.
        reason: String,
    },
}

/// What is to be changed in a collection's index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingDocument {
    /// The document.
    pub id: DocumentId,
    /// Rises with each step of the document: what is published is the state that was looked at, and
    /// a change that came meanwhile stays pending.
    pub revision: u64,
    /// The title, for the index.
    pub title: String,
    /// Whether its passages are to be taken out rather than put in.
    pub is_removal: bool,
}

/// Where a version of a collection's index is kept.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct IndexFile {
    /// The blob. Its name is nobody else's: two publishers of the same version never write the same
    /// blob, and what a dead one left behind is in nobody's way.
    pub path: BlobPath,
    /// Its size.
    pub size_bytes: u64,
}

/// A collection and the version of its index that searches use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Collection {
    /// Its name.
    pub name: CollectionName,
    /// The published version; 0 before the first.
    pub version: u64,
    /// When it was published.
    pub published_at: Option<Timestamp>,
    /// The published version's file; absent before the first. Not for users.
    #[serde(skip)]
    pub index: Option<IndexFile>,
}

/// The right to publish a collection's next version. A higher epoch takes it away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CollectionLease {
    /// The collection.
    pub name: CollectionName,
    /// Rises by one with every lease that is given.
    pub epoch: u64,
    /// The published version when the lease was given; the next one is one more.
    pub version: u64,
    /// That version's file, from which the next one is made.
    pub index: Option<IndexFile>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_collections_are_plain() {
        for good in ["a", "documents", "team-7_notes", &"x".repeat(64)] {
            assert!(good.parse::<CollectionName>().is_ok(), "{good}");
        }
        for bad in ["", "A", "ä", "a b", "../x", "a/b", ".", &"x".repeat(65)] {
            assert!(bad.parse::<CollectionName>().is_err(), "{bad}");
        }
        assert!(serde_json::from_str::<CollectionName>("\"a/b\"").is_err());
    }
}
