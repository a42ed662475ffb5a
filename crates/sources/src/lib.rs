//! What Tidewire reads from the network on a schedule: web pages, feeds and YouTube playlists.
//!
//! [`Reader::refresh`] reads a source and hands out, one at a time, what is new in it. It stores
//! nothing: what was ingested before comes in as [`SourceState`], and the caller keeps the new one.
//! All requests go through the [`Fetcher`], which reaches no address that is not public.

mod entry;
mod error;
mod feed;
mod fetch;
mod plan;
mod reader;
mod refresh;
mod source;
mod timetable;
mod youtube;

pub use error::SourceError;
pub use fetch::{FetchSettings, Fetched, Fetcher, Page, Reach, Validators};
pub use plan::{Coverage, Listed, Plan, Seen, plan};
pub use reader::Reader;
pub use refresh::{IngestItem, ItemFailure, Outcome, Refresh, SourceState};
pub use source::parse_source;
pub use timetable::{MIN_INTERVAL, Timetable};
pub use youtube::{YouTube, YouTubeSettings};
