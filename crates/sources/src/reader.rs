//! Reads sources of all kinds.

use std::{collections::BTreeSet, sync::Arc};

use tidewire_domain::SourceKind;

use crate::{
    Coverage, Fetched, Fetcher, Listed, Page, Refresh, SourceError, SourceState, Validators,
    YouTube,
    entry::{Content, Document, Entry, Listing, fingerprint},
    feed, parse_source,
};

/// Reads sources of all kinds. One serves the whole process.
pub struct Reader {
    fetcher: Arc<Fetcher>,
    youtube: Option<YouTube>,
}

impl Reader {
    /// A reader of pages and feeds, and of playlists where there is a client for them.
    pub const fn new(fetcher: Arc<Fetcher>, youtube: Option<YouTube>) -> Self {
        Self { fetcher, youtube }
    }

    /// What `pasted` names, by [`parse_source`] and, where that is an address, by a look at
    /// what is there: a feed or a page.
    ///
    /// Fails as reading it would, so that a source that cannot be read is not even made.
    pub async fn recognise(&self, pasted: &str) -> Result<SourceKind, SourceError> {
        let kind = parse_source(pasted)?;
        let (SourceKind::WebPage { url } | SourceKind::Feed { url }) = &kind else {
            return Ok(kind);
        };
        let page = self.page(url).await?;
        if !feed::looks_like_feed(&page) {
            return Ok(kind);
        }
        feed::read(page).await?;
        Ok(SourceKind::Feed { url: url.clone() })
    }

    /// Looks what is new in a source. Its items come out of the [`Refresh`], one at a time.
    ///
    /// Fails where the source as a whole cannot be read; nothing is deleted then. Only a page that
    /// no longer exists, and was ingested before, is [`Outcome::Gone`](crate::Outcome::Gone).
    pub async fn refresh(
        &self,
        kind: &SourceKind,
        state: SourceState,
    ) -> Result<Refresh<'_>, SourceError> {
        let listing = match kind {
            SourceKind::YoutubePlaylist { playlist_id } => {
                Some(self.youtube()?.list(playlist_id).await?)
            }
            SourceKind::Feed { url } => match self.fetcher.get(url, &state.validators).await? {
                Fetched::NotModified => None,
                Fetched::Page(page) => Some(feed::read(page).await?),
            },
            SourceKind::WebPage { url } => self.list_page(url, &state).await?,
        };
        Ok(match listing {
            Some(listing) => Refresh::new(self, listing, state),
            None => Refresh::nothing(self, state),
        })
    }

    /// One page is a list of one item, which is gone when the page is.
    async fn list_page(
        &self,
        url: &str,
        state: &SourceState,
    ) -> Result<Option<Listing>, SourceError> {
        // Validators of a page that never became a document are of no use.
        let validators = match state.items.get(url) {
            Some(_) => &state.validators,
            None => &Validators::default(),
        };
        let mut listing = Listing {
            entries: Vec::new(),
            deleted: BTreeSet::new(),
            coverage: Coverage::Everything,
            validators: Validators::default(),
        };
        match self.fetcher.get(url, validators).await {
            Ok(Fetched::NotModified) => return Ok(None),
            Ok(Fetched::Page(page)) => {
                listing.validators = page.validators.clone();
                listing.entries.push(page_entry(url, page));
            }
            Err(SourceError::Gone { .. }) if !state.items.is_empty() => {}
            Err(error) => return Err(error),
        }
        Ok(Some(listing))
    }

    /// What is at `url`, whether it changed or not.
    pub(crate) async fn page(&self, url: &str) -> Result<Page, SourceError> {
        match self.fetcher.get(url, &Validators::default()).await? {
            Fetched::Page(page) => Ok(page),
            Fetched::NotModified => Err(SourceError::Malformed(
                "the server answers as if it had been asked before".into(),
            )),
        }
    }

    pub(crate) fn youtube(&self) -> Result<&YouTube, SourceError> {
        self.youtube.as_ref().ok_or_else(|| {
            SourceError::Invalid(
                "YouTube playlists cannot be read here: the operator has set no API key".into(),
            )
        })
    }
}

fn page_entry(url: &str, page: Page) -> Entry {
    Entry {
        listed: Listed {
            key: url.to_owned(),
            fingerprint: fingerprint(&[page.media_type.as_bytes(), &page.body]),
        },
        title: None,
        url: Some(page.url.clone()),
        published: None,
        content: Content::Here(Document::from(page)),
    }
}

impl From<Page> for Document {
    fn from(page: Page) -> Self {
        Self {
            bytes: page.body,
            media_type: page.media_type,
            charset: page.charset,
        }
    }
}
