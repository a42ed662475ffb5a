//! Feeds: RSS 0.9x, 1.0 and 2.0, Atom (RFC 4287), JSON Feed.

mod charset;
mod tombstone;

use feed_rs::{
    model::{Entry as FeedEntry, Link},
    parser,
};
use tidewire_domain::Timestamp;

use crate::{
    Coverage, Listed, Page, SourceError,
    entry::{Content, Document, Entry, Listing, MAX_ENTRIES, fingerprint},
};

/// Whether `page` is a feed, by its media type and its first bytes.
pub(crate) fn looks_like_feed(page: &Page) -> bool {
    if matches!(
        page.media_type.as_str(),
        "application/rss+xml"
            | "application/atom+xml"
            | "application/feed+json"
            | "application/rdf+xml"
    ) {
        return true;
    }
    // Many feeds come as XML, or as HTML.
    let beginning = &page.body[..page.body.len().min(2048)];
    let beginning = charset::decode(beginning, page.charset.as_deref());
    ["<rss", "<feed", "<rdf:RDF", "https://jsonfeed.org/version/"]
        .iter()
        .any(|mark| beginning.contains(mark))
        && !beginning.to_ascii_lowercase().contains("<html")
}

/// Reads a feed.
///
/// An item's key is its guid or id, else its link, else its content. An item that has its whole
/// content in the feed is taken from there; of one that has but a summary the page is read. It has
/// changed when what the feed says of it has.
pub(crate) async fn read(page: Page) -> Result<Listing, SourceError> {
    let url = page.shown();
    // Megabytes of XML hold a thread for a while, and a defect of the reader must not end more
    // than this feed.
    tokio::task::spawn_blocking(move || parse(&page))
        .await
        .unwrap_or_else(|_| {
            Err(SourceError::Malformed(format!(
                "{url} breaks the feed reader"
            )))
        })
}

fn parse(page: &Page) -> Result<Listing, SourceError> {
    let url = page.shown();
    let text = charset::decode(&page.body, page.charset.as_deref());
    let feed = parser::Builder::new()
        .base_uri(Some(&page.url))
        // None of its own: an id that is made up anew each time would make every item new.
        .id_generator(|_, _, _| String::new())
        .build()
        .parse(text.as_bytes())
        .map_err(|error| SourceError::Malformed(format!("{url} is not a feed: {error}")))?;
    if feed.entries.len() > MAX_ENTRIES {
        return Err(SourceError::TooLarge(format!(
            "{url} lists more than the {MAX_ENTRIES} items that are read of one feed"
        )));
    }
    Ok(Listing {
        entries: feed.entries.into_iter().map(entry).collect(),
        deleted: tombstone::find(&text),
        coverage: Coverage::Newest,
        validators: page.validators.clone(),
    })
}

fn entry(entry: FeedEntry) -> Entry {
    let title = entry.title.map(|title| title.content);
    let url = page_of(&entry.links).map(|link| link.href.clone());
    let published = entry.published.or(entry.updated);
    let whole = entry
        .content
        .and_then(|content| Some((text_type(content.content_type.as_str())?, content.body?)))
        .filter(|(_, body)| !body.trim().is_empty());
    let summary = entry
        .summary
        .and_then(|text| Some((text_type(text.content_type.as_str())?, text.content)))
        .filter(|(_, text)| !text.trim().is_empty());
    let said = whole.as_ref().or(summary.as_ref());
    let updated = entry.updated.map(|time| time.timestamp().to_string());
    let fingerprint = fingerprint(&[
        title.as_deref().unwrap_or_default().as_bytes(),
        url.as_deref().unwrap_or_default().as_bytes(),
        said.map_or("", |(_, text)| text).as_bytes(),
        updated.as_deref().unwrap_or_default().as_bytes(),
    ]);
    let key = match (entry.id.trim(), &url) {
        ("", Some(url)) => url.clone(),
        ("", None) => fingerprint.clone(),
        (id, _) => id.to_owned(),
    };
    let content = match (whole, &url, summary) {
        (Some((media_type, text)), _, _) | (None, None, Some((media_type, text))) => {
            Content::Here(Document::text(media_type, text))
        }
        (None, Some(url), _) => Content::Page(url.clone()),
        (None, None, None) => Content::Missing(SourceError::Malformed(format!(
            "the feed's item {key:?} has neither content nor a link"
        ))),
    };
    Entry {
        listed: Listed { key, fingerprint },
        title: title.filter(|title| !title.is_empty()),
        url,
        published: published.map(|time| Timestamp::from_millis(time.timestamp_millis())),
        content,
    }
}

/// What a text of a feed is given on as; none where it is no text, but a picture, say. XHTML comes
/// as a piece of a document, which only an HTML parser takes.
fn text_type(media_type: &str) -> Option<&'static str> {
    match media_type.split(';').next().unwrap_or_default().trim() {
        "text/plain" => Some("text/plain"),
        // The parser drops the suffix.
        "text/html" | "application/xhtml+xml" | "application/xhtml" => Some("text/html"),
        _ => None,
    }
}

/// The link to the item itself, not to comments, enclosures or the feed.
fn page_of(links: &[Link]) -> Option<&Link> {
    links
        .iter()
        .find(|link| matches!(link.rel.as_deref(), None | Some("alternate")))
}

#[cfg(test)]
mod tests;
