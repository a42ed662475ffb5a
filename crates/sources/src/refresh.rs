//! A source that is being read.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    mem,
};

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use tidewire_domain::Timestamp;

use crate::{
    Reader, Seen, SourceError, Validators,
    entry::{Content, Document, Entry, Listing},
    plan::{Plan, plan},
};

/// What is known of a source from the last time.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceState {
    /// From the last [`Outcome::Finished`].
    #[serde(default)]
    pub validators: Validators,
    /// The items that are documents now, by their keys.
    #[serde(default)]
    pub items: BTreeMap<String, Seen>,
}

/// What came of an item, or of the whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Content to ingest. Once that is done, keep its fingerprint under its key.
    Ingest(IngestItem),
    /// An item that could not be read. What was ingested of it before stays.
    Failed(ItemFailure),
    /// An item that no longer exists: delete its document, and forget its key.
    Gone {
        /// Its key.
        key: String,
        /// The document that it was made into.
        document: String,
    },
    /// The end. Keep these validators if all content was ingested; if not, keep none, so that the
    /// source is looked at anew the next time.
    Finished(Validators),
}

/// Content to ingest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IngestItem {
    /// Names the item within its source, for good.
    pub key: String,
    /// What its content is known by: see [`Seen`].
    pub fingerprint: String,
    /// The document whose place it takes, where the item was ingested before.
    pub replaces: Option<String>,
    /// Its title, where the source gives one.
    pub title: Option<String>,
    /// Where a person finds it.
    pub url: Option<String>,
    /// When it was published, by its source.
    pub published: Option<Timestamp>,
    /// Such as `text/html`, without parameters. An item of a feed may be a piece of a document.
    pub media_type: String,
    /// What its text is encoded in, where that was said.
    pub charset: Option<String>,
    /// The content.
    pub bytes: Bytes,
}

/// An item that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemFailure {
    /// Names the item within its source.
    pub key: String,
    /// Its title, where the source gives one.
    pub title: Option<String>,
    /// Where a person finds it.
    pub url: Option<String>,
    /// Why; with a code, a message, and whether trying again soon may help.
    pub error: SourceError,
}

/// A source that is being read: [`Refresh::next`] until [`Outcome::Finished`].
///
/// It may be dropped at any point. Whoever keeps what was ingested so far, and comes again, gets
/// the rest and nothing twice.
pub struct Refresh<'a> {
    reader: &'a Reader,
    seen: BTreeMap<String, Seen>,
    gone: VecDeque<String>,
    to_read: VecDeque<Entry>,
    unchanged: usize,
    /// Those who take no more requests in this run, and what they said.
    halted: HashMap<String, SourceError>,
    /// None once an item was left that may be read the next time.
    validators: Option<Validators>,
    is_finished: bool,
}

impl<'a> Refresh<'a> {
    pub(crate) fn new(reader: &'a Reader, listing: Listing, state: SourceState) -> Self {
        let listed: Vec<_> = listing
            .entries
            .iter()
            // What cannot be watched any more is gone, if it was here, though it is still listed.
            .filter(|entry| !(is_withdrawn(entry) && state.items.contains_key(&entry.listed.key)))
            .map(|entry| entry.listed.clone())
            .collect();
        let Plan {
            new,
            changed,
            unchanged,
            gone,
        } = plan(&state.items, &listed, &listing.deleted, listing.coverage);
        let mut entries: HashMap<String, Entry> = HashMap::new();
        for entry in listing.entries {
            entries.entry(entry.listed.key.clone()).or_insert(entry);
        }
        Self {
            reader,
            seen: state.items,
            gone: gone.into(),
            to_read: new
                .iter()
                .chain(&changed)
                .filter_map(|key| entries.remove(key))
                .collect(),
            unchanged: unchanged.len(),
            halted: HashMap::new(),
            validators: Some(listing.validators),
            is_finished: false,
        }
    }

    /// A source that has not changed at all.
    pub(crate) fn nothing(reader: &'a Reader, state: SourceState) -> Self {
        Self {
            reader,
            unchanged: state.items.len(),
            seen: state.items,
            gone: VecDeque::new(),
            to_read: VecDeque::new(),
            halted: HashMap::new(),
            validators: Some(state.validators),
            is_finished: false,
        }
    }

    /// How many items are still to be read.
    pub fn remaining(&self) -> usize {
        self.to_read.len()
    }

    /// How many items are as they were.
    pub const fn unchanged(&self) -> usize {
        self.unchanged
    }

    /// What comes next; none after [`Outcome::Finished`]. Nothing is read before it is asked for.
    pub async fn next(&mut self) -> Option<Outcome> {
        if let Some(key) = self.gone.pop_front() {
            return Some(self.gone(key));
        }
        if let Some(entry) = self.to_read.pop_front() {
            return Some(self.read(entry).await);
        }
        if mem::replace(&mut self.is_finished, true) {
            return None;
        }
        Some(Outcome::Finished(
            self.validators.take().unwrap_or_default(),
        ))
    }

    fn gone(&mut self, key: String) -> Outcome {
        let document = self.seen.remove(&key).map(|seen| seen.document);
        Outcome::Gone {
            key,
            document: document.unwrap_or_default(),
        }
    }

    async fn read(&mut self, entry: Entry) -> Outcome {
        let Entry {
            listed,
            title,
            url,
            published,
            content,
        } = entry;
        // Put back when the item is done with: not if this is dropped in between, nor if the item
        // may be read the next time.
        let validators = self.validators.take();
        let read = self.document(content).await;
        if !read.as_ref().is_err_and(|error| !error.is_permanent()) {
            self.validators = validators;
        }
        let document = match read {
            Ok(document) => document,
            // Gone for good, says the page itself; 404 is too often a mistake.
            Err(SourceError::Gone { status: 410, .. }) if self.seen.contains_key(&listed.key) => {
                return self.gone(listed.key);
            }
            Err(error) => {
                return Outcome::Failed(ItemFailure {
                    key: listed.key,
                    title,
                    url,
                    error,
                });
            }
        };
        Outcome::Ingest(IngestItem {
            replaces: self.seen.remove(&listed.key).map(|seen| seen.document),
            key: listed.key,
            fingerprint: listed.fingerprint,
            title,
            url,
            published,
            media_type: document.media_type,
            charset: document.charset,
            bytes: document.bytes,
        })
    }

    async fn document(&mut self, content: Content) -> Result<Document, SourceError> {
        let whom = match &content {
            Content::Here(_) | Content::Missing(_) => None,
            Content::Page(url) => reqwest::Url::parse(url)
                .ok()
                .map(|url| url.origin().ascii_serialization()),
            Content::Transcript(_) => Some("YouTube".to_owned()),
        };
        if let Some(error) = whom.as_ref().and_then(|whom| self.halted.get(whom)) {
            return Err(error.clone());
        }
        let read = match content {
            Content::Here(document) => Ok(document),
            Content::Missing(error) => Err(error),
            Content::Page(url) => self.reader.page(&url).await.map(Document::from),
            Content::Transcript(video) => self.reader.youtube()?.transcript(&video).await,
        };
        if let (Some(whom), Err(error)) = (whom, &read)
            && matches!(
                error,
                SourceError::Throttled { .. } | SourceError::TranscriptsRefused(_)
            )
        {
            tracing::info!(whom, %error, "asks for nothing more in this run");
            self.halted.insert(whom, error.clone());
        }
        read
    }
}

fn is_withdrawn(entry: &Entry) -> bool {
    matches!(
        entry.content,
        Content::Missing(SourceError::VideoPrivate { .. } | SourceError::VideoDeleted { .. })
    )
}
