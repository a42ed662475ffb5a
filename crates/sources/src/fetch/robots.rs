//! What sites ask programs to leave alone: robots.txt, after RFC 9309.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use reqwest::Url;
use robotxt::Robots;
use tokio::time::Instant;

use crate::SourceError;

/// The name that rules for us are written for.
pub(super) const PRODUCT_TOKEN: &str = "tidewire";

/// How much of a robots.txt is read: 500 KiB, which RFC 9309 asks for. One more byte tells that the
/// last line was cut.
pub(super) const MAX_BYTES: usize = robotxt::BYTE_LIMIT + 1;

/// How long rules are kept. RFC 9309 allows a day.
const KEEP_RULES: Duration = Duration::from_hours(1);

/// How long a site is left alone whose rules could not be read.
const KEEP_FAILURE: Duration = Duration::from_mins(10);

/// How many sites are remembered.
const MAX_SITES: usize = 1000;

/// The rules of a site, or why they cannot be known.
pub(super) type Rules = Result<Arc<Robots>, SourceError>;

/// The rules of the sites that were visited lately.
#[derive(Debug, Default)]
pub(super) struct RobotsCache {
    sites: Mutex<HashMap<String, (Instant, Rules)>>,
}

impl RobotsCache {
    /// The rules for `url`, if they are known.
    pub(super) fn find(&self, url: &Url) -> Option<Rules> {
        let sites = self.sites.lock().unwrap_or_else(PoisonError::into_inner);
        let (until, rules) = sites.get(&site(url))?;
        (Instant::now() < *until).then(|| rules.clone())
    }

    /// Remembers the rules for `url`.
    pub(super) fn keep(&self, url: &Url, rules: Rules) {
        let now = Instant::now();
        let until = now
            + if rules.is_ok() {
                KEEP_RULES
            } else {
                KEEP_FAILURE
            };
        let mut sites = self.sites.lock().unwrap_or_else(PoisonError::into_inner);
        if sites.len() >= MAX_SITES {
            sites.retain(|_, (until, _)| now < *until);
        }
        if sites.len() >= MAX_SITES
            && let Some(oldest) = sites.iter().min_by_key(|(_, (until, _))| *until)
        {
            let oldest = oldest.0.clone();
            sites.remove(&oldest);
        }
        sites.insert(site(url), (until, rules));
    }
}

/// Rules hold for one scheme, host and port.
fn site(url: &Url) -> String {
    url.origin().ascii_serialization()
}

/// Where the rules for `url` are.
pub(super) fn address(url: &Url) -> Url {
    let mut robots = url.clone();
    robots.set_path("/robots.txt");
    robots.set_query(None);
    robots.set_fragment(None);
    robots
}

/// Reads the text of a robots.txt.
pub(super) fn parse(text: &[u8]) -> Robots {
    Robots::parse(text, PRODUCT_TOKEN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn rules_for_us_come_before_rules_for_everybody() {
        let rules =
            parse(b"User-agent: *\nDisallow: /\n\nUser-agent: Tidewire\nDisallow: /private");
        assert!(rules.is_url_allowed(&url("https://example.com/page")));
        assert!(!rules.is_url_allowed(&url("https://example.com/private/page")));
    }

    #[tokio::test(start_paused = true)]
    async fn rules_are_asked_for_again_after_a_while() {
        let cache = RobotsCache::default();
        let page = url("https://example.com/page");
        cache.keep(&page, Ok(Arc::new(Robots::allow_all())));
        assert!(cache.find(&url("https://example.com/other?q")).is_some());
        assert!(cache.find(&url("http://example.com/page")).is_none());
        assert!(cache.find(&url("https://example.com:8443/page")).is_none());
        tokio::time::advance(KEEP_RULES).await;
        assert!(cache.find(&page).is_none());

        cache.keep(&page, Err(SourceError::Unavailable("down".into())));
        assert!(cache.find(&page).is_some());
        tokio::time::advance(KEEP_FAILURE).await;
        assert!(cache.find(&page).is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn only_so_many_sites_are_remembered() {
        let cache = RobotsCache::default();
        let site = |number: usize| url(&format!("https://{number}.example.com/"));
        for number in 0..=MAX_SITES {
            cache.keep(&site(number), Ok(Arc::new(Robots::allow_all())));
            tokio::time::advance(Duration::from_millis(1)).await;
        }
        assert!(cache.find(&site(0)).is_none());
        assert!(cache.find(&site(1)).is_some());
        assert!(cache.find(&site(MAX_SITES)).is_some());
    }
}
