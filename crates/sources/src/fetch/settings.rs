//! How requests are made.

use std::time::Duration;

use super::Reach;

/// How a [`Fetcher`](super::Fetcher) behaves.
#[derive(Debug, Clone)]
pub struct FetchSettings {
    /// Where the people behind this program can be reached, a URL or a mail address. It travels in
    /// the User-Agent, so that a site that is bothered can say so before it blocks us.
    pub contact: String,
    /// Which addresses may be connected to.
    pub reach: Reach,
    /// The largest document, counted before and after decompression.
    pub max_body_bytes: usize,
    /// How long a connection may take to be made.
    pub connect_timeout: Duration,
    /// How long a site may take for its robots.txt.
    pub robots_timeout: Duration,
    /// How long a document may take in all, with robots.txt and redirects.
    pub timeout: Duration,
}

impl FetchSettings {
    /// Public addresses, 20 MB, 5 s to connect, 15 s for robots.txt, 60 s in all.
    pub fn new(contact: &str) -> Self {
        Self {
            contact: contact.to_owned(),
            reach: Reach::Public,
            max_body_bytes: 20_000_000,
            connect_timeout: Duration::from_secs(5),
            robots_timeout: Duration::from_secs(15),
            timeout: Duration::from_mins(1),
        }
    }
}
