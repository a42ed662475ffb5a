//! Sources: places that documents are brought from by a schedule.

use serde::{Deserialize, Serialize};

use crate::{CollectionName, DocumentId, SourceId, Timestamp};

/// What a source is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum SourceKind {
    /// The transcripts of a playlist's videos.
    YoutubePlaylist {
        /// As it stands behind `list=` in its address.
        playlist_id: String,
    },
    /// An RSS, Atom or JSON feed.
    Feed {
        /// Its address.
        url: String,
    },
    /// One page.
    WebPage {
        /// Its address.
        url: String,
    },
}

/// When a source is looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Schedule {
    /// Five fields of cron: minute, hour, day of the month, month, day of the week.
    pub cron: String,
    /// An IANA time zone, such as `Europe/Lisbon`.
    pub time_zone: String,
}

/// What a run came to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RunCounts {
    /// Items that were not there before.
    pub new: u32,
    /// Items that are others than before.
    pub changed: u32,
    /// Items that are as they were.
    pub unchanged: u32,
    /// Items that are gone.
    pub gone: u32,
    /// Items that could not be brought; each says why.
    pub failed: u32,
}

/// One look at a source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SourceRun {
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended; absent while it runs.
    pub finished_at: Option<Timestamp>,
    /// What it came to.
    pub counts: RunCounts,
    /// Why the source itself could not be read, in a sentence for its owner.
    pub error: Option<String>,
}

/// A source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Source {
    /// Its name in the API.
    pub id: SourceId,
    /// What it is.
    pub kind: SourceKind,
    /// What the list shows.
    pub title: String,
    /// The collection that its documents are searched in.
    pub collection: CollectionName,
    /// When it is looked at; absent: only when somebody asks.
    pub schedule: Option<Schedule>,
    /// When it is looked at next.
    pub next_run_at: Option<Timestamp>,
    /// The last look at it.
    pub last_run: Option<SourceRun>,
    /// What its server said of its version (`ETag`, `Last-Modified`), to ask for news alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validators: Option<String>,
    /// Rises with every change.
    pub revision: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// What a source starts from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSource {
    /// What it is.
    pub kind: SourceKind,
    /// What the list shows.
    pub title: String,
    /// The collection.
    pub collection: CollectionName,
    /// When it is looked at.
    pub schedule: Option<Schedule>,
    /// When it is looked at first.
    pub next_run_at: Option<Timestamp>,
}

/// An item of a source: an entry of a feed, a video, a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SourceItem {
    /// Names it within its source.
    pub key: String,
    /// Its title.
    pub title: String,
    /// Where it is on the web.
    pub url: Option<String>,
    /// A hash or tag of what was brought last; another one means that it changed. Absent until it
    /// was brought.
    pub fingerprint: Option<String>,
    /// The document that it became.
    pub document_id: Option<DocumentId>,
    /// Why it could not be brought, in a sentence that names the way out.
    pub error: Option<String>,
    /// When it was last looked at.
    pub updated_at: Timestamp,
}
