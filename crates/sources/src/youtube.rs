//! YouTube: playlists through the Data API, transcripts as its own apps get them.

mod playlist;
mod transcript;
mod vtt;

use std::sync::Arc;

use reqwest::{
    Url,
    header::{HeaderMap, HeaderValue},
};
use secrecy::{ExposeSecret, SecretString};

use crate::{
    Fetcher, SourceError,
    entry::{Document, Listing},
    fetch::parse_url,
};

/// How YouTube is asked.
#[derive(Debug, Clone)]
pub struct YouTubeSettings {
    /// A key of the Data API v3 (<https://developers.google.com/youtube/v3/getting-started>).
    pub api_key: SecretString,
    /// Where the Data API is.
    pub api_base_url: String,
    /// Where the site is.
    pub site_base_url: String,
    /// The languages of transcripts that are wanted, best first, such as `en`. A video that has
    /// none of them gives the one it has.
    pub languages: Vec<String>,
}

impl YouTubeSettings {
    /// The real YouTube, and transcripts in whatever language there is.
    pub fn new(api_key: SecretString) -> Self {
        Self {
            api_key,
            api_base_url: "https://www.googleapis.com".into(),
            site_base_url: "https://www.youtube.com".into(),
            languages: Vec::new(),
        }
    }
}

/// A client for YouTube.
pub struct YouTube {
    fetcher: Arc<Fetcher>,
    api: Url,
    site: Url,
    /// The key, as the value of a header that is never shown.
    api_key: HeaderValue,
    secret: SecretString,
    languages: Vec<String>,
}

impl YouTube {
    /// A client that sends its requests through `fetcher`.
    ///
    /// [`SourceError::Invalid`] where the key or a base URL cannot be used.
    pub fn new(fetcher: Arc<Fetcher>, settings: YouTubeSettings) -> Result<Self, SourceError> {
        let key = settings.api_key.expose_secret().trim();
        let mut api_key = HeaderValue::from_str(key)
            .ok()
            .filter(|_| !key.is_empty())
            .ok_or_else(|| SourceError::Invalid("the YouTube API key is not one".into()))?;
        api_key.set_sensitive(true);
        Ok(Self {
            api: parse_url(&settings.api_base_url)?,
            site: parse_url(&settings.site_base_url)?,
            api_key,
            secret: settings.api_key,
            languages: settings.languages,
            fetcher,
        })
    }

    /// The videos of a playlist.
    pub(crate) async fn list(&self, playlist_id: &str) -> Result<Listing, SourceError> {
        playlist::list(self, playlist_id).await
    }

    /// What is said in a video, as WebVTT.
    pub(crate) async fn transcript(&self, video: &str) -> Result<Document, SourceError> {
        let cues = transcript::read(&self.fetcher, &self.site, video, &self.languages).await?;
        Ok(Document::text("text/vtt", vtt::write(&cues)))
    }

    /// The key travels in a header, since URLs end up in logs.
    fn key_header(&self) -> HeaderMap {
        HeaderMap::from_iter([(
            reqwest::header::HeaderName::from_static("x-goog-api-key"),
            self.api_key.clone(),
        )])
    }

    /// What the API said, in one line that is not too long, without the key.
    fn presentable(&self, text: &str) -> String {
        text.replace(self.secret.expose_secret().trim(), "***")
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .chars()
            .take(300)
            .collect()
    }
}
