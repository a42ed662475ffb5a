//! The client for requests to addresses that users choose.
//!
//! Whoever names an address must not be able to use this program to look at what only it can
//! reach. So every address is checked before it is connected to, at each redirect anew
//! ([`Reach`]); nothing is read without an end, neither in bytes nor in time.

mod body;
mod failure;
mod page;
mod reach;
mod resolver;
mod robots;
mod settings;
mod url;

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use reqwest::{
    Client, RequestBuilder, Response, StatusCode, Url,
    dns::Resolve,
    header::{ACCEPT_ENCODING, HeaderMap, HeaderValue},
    redirect,
};
use serde_json::Value;

use crate::SourceError;
use body::Body;
use failure::{of_body, of_transport};
use resolver::{GuardedResolver, SystemResolver};
use robots::RobotsCache;

pub use page::{Fetched, Page, Validators};
pub use reach::Reach;
pub use settings::FetchSettings;
pub(crate) use url::{parse_url, shown};

/// How many redirects are followed.
const MAX_REDIRECTS: usize = 5;

/// Reads documents from addresses that users choose.
pub struct Fetcher {
    settings: FetchSettings,
    user_agent: HeaderValue,
    reach: Arc<Reach>,
    resolver: Arc<dyn Resolve>,
    /// Made when it is first needed: loading the system's root certificates takes a while.
    client: OnceLock<Client>,
    robots: RobotsCache,
}

/// A call of an interface that the operator chose, not a user: redirects are not followed, and no
/// robots.txt is asked. The address is checked all the same.
pub(crate) struct Call<'a> {
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    /// The body of a POST; without it, it is a GET.
    pub(crate) json: Option<&'a Value>,
}

/// What a [`Call`] brought, whatever its status.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Bytes,
}

impl Fetcher {
    /// A client that asks the system for the addresses of names.
    ///
    /// [`SourceError::Invalid`] where the contact is missing, or cannot travel in a header.
    pub fn new(settings: FetchSettings) -> Result<Self, SourceError> {
        Self::with_resolver(settings, Arc::new(SystemResolver))
    }

    /// The same with a resolver of the caller's choice. What it finds is checked like any other.
    pub fn with_resolver(
        settings: FetchSettings,
        resolver: Arc<dyn Resolve>,
    ) -> Result<Self, SourceError> {
        let contact = settings.contact.trim();
        let version = env!("CARGO_PKG_VERSION");
        let user_agent = HeaderValue::from_str(&format!("Tidewire/{version} (+{contact})"))
            .ok()
            .filter(|_| contact.is_ascii() && !contact.is_empty())
            .ok_or_else(|| {
                SourceError::Invalid(format!(
                    "{contact:?} is no contact for the User-Agent: give a URL or a mail address"
                ))
            })?;
        Ok(Self {
            user_agent,
            reach: Arc::new(settings.reach.clone()),
            resolver,
            client: OnceLock::new(),
            robots: RobotsCache::default(),
            settings,
        })
    }

    /// Reads what is at `url`, unless it is as `validators` say.
    ///
    /// The site's robots.txt is honoured, at each redirect too. A body without a single byte is
    /// [`SourceError::Malformed`]: it must not take the place of what was there before.
    pub async fn get(&self, url: &str, validators: &Validators) -> Result<Fetched, SourceError> {
        let url = parse_url(url)?;
        // Before the clock runs: the first one takes a while to make.
        self.client()?;
        let late = || {
            let seconds = self.settings.timeout.as_secs_f64();
            SourceError::Unavailable(format!("{} took longer than {seconds} s", shown(&url)))
        };
        tokio::time::timeout(self.settings.timeout, self.read(url.clone(), validators))
            .await
            .unwrap_or_else(|_| Err(late()))
    }

    async fn read(&self, url: Url, validators: &Validators) -> Result<Fetched, SourceError> {
        let (url, response) = self.follow(url, validators, true).await?;
        if response.status() == StatusCode::NOT_MODIFIED && *validators != Validators::default() {
            return Ok(Fetched::NotModified);
        }
        if let Some(error) = page::error_of(&url, &response) {
            return Err(error);
        }
        let headers = response.headers().clone();
        let body = self.read_body(&url, response).await?;
        if body.is_empty() {
            return Err(SourceError::Malformed(format!("{} is empty", shown(&url))));
        }
        Ok(Fetched::Page(Page::new(&url, &headers, body)))
    }

    /// Calls an interface. Errors are of the connection alone; a status is the caller's to read.
    pub(crate) async fn call(&self, call: Call<'_>) -> Result<Answer, SourceError> {
        self.reach.check(&call.url)?;
        let client = self.client()?;
        let request = match call.json {
            None => client.get(call.url.clone()),
            Some(body) => client.post(call.url.clone()).json(body),
        };
        let answer = async {
            let response = self.send(&call.url, request.headers(call.headers)).await?;
            let status = response.status();
            let body = self.read_body(&call.url, response).await?;
            Ok(Answer { status, body })
        };
        let late = || SourceError::Unavailable(format!("{} took too long", shown(&call.url)));
        tokio::time::timeout(self.settings.timeout, answer)
            .await
            .unwrap_or_else(|_| Err(late()))
    }

    /// The response at the end of all redirects, and where that is.
    async fn follow(
        &self,
        start: Url,
        validators: &Validators,
        asks_robots: bool,
    ) -> Result<(Url, Response), SourceError> {
        let mut url = start.clone();
        for _ in 0..=MAX_REDIRECTS {
            // Names are checked when they are looked up, in the resolver.
            self.reach.check(&url)?;
            if asks_robots {
                Box::pin(self.ask_robots(&url)).await?;
            }
            let request = self.client()?.get(url.clone());
            let response = self
                .send(&url, request.headers(validators.headers()))
                .await?;
            match page::redirect_target(&url, &response)? {
                None => return Ok((url, response)),
                Some(target) => url = target,
            }
        }
        Err(SourceError::Malformed(format!(
            "{} redirects more than {MAX_REDIRECTS} times",
            shown(&start)
        )))
    }

    async fn ask_robots(&self, url: &Url) -> Result<(), SourceError> {
        let rules = match self.robots.find(url) {
            Some(rules) => rules,
            None => self.read_robots(url).await?,
        };
        if rules?.is_url_allowed(url) {
            Ok(())
        } else {
            Err(SourceError::NotAllowedByRobots { url: shown(url) })
        }
    }

    /// The rules of the site of `url`. Those that are no fault of the site are not kept.
    async fn read_robots(&self, url: &Url) -> Result<robots::Rules, SourceError> {
        let reading = self.read_robots_text(robots::address(url));
        let read = match tokio::time::timeout(self.settings.robots_timeout, reading).await {
            Ok(read) => read,
            Err(_) => Err(SourceError::Unavailable("it took too long".into())),
        };
        let rules = match read {
            Ok(text) => Ok(Arc::new(robots::parse(&text))),
            Err(error @ (SourceError::Refused(_) | SourceError::Throttled { .. })) => {
                return Err(error);
            }
            // Nobody forbids anything: RFC 9309, section 2.3.1.3.
            Err(SourceError::Gone { .. } | SourceError::Denied(_)) => {
                Ok(Arc::new(robotxt::Robots::allow_all()))
            }
            // Everything is forbidden as long as nobody knows: section 2.3.1.4.
            Err(error) => Err(SourceError::Unavailable(format!(
                "{} is not read, since the robots.txt of its site cannot be: {error}",
                shown(url)
            ))),
        };
        self.robots.keep(url, rules.clone());
        Ok(rules)
    }

    async fn read_robots_text(&self, url: Url) -> Result<Bytes, SourceError> {
        let (url, response) = self.follow(url, &Validators::default(), false).await?;
        let status = response.status();
        if let Some(error) = page::error_of(&url, &response) {
            return Err(match error {
                // Any other 4xx says as little about rules as 404 does.
                SourceError::Malformed(why) if status.is_client_error() => SourceError::Denied(why),
                error => error,
            });
        }
        let body = Body::read(response, robots::MAX_BYTES)
            .await
            .map_err(|error| of_body(&url, error))?;
        Ok(body.bytes)
    }

    async fn read_body(&self, url: &Url, response: Response) -> Result<Bytes, SourceError> {
        let limit_bytes = self.settings.max_body_bytes;
        let announced_bytes = response.content_length().unwrap_or(0);
        let is_too_large =
            usize::try_from(announced_bytes).map_or(true, |announced| announced > limit_bytes);
        if !is_too_large {
            let body = Body::read(response, limit_bytes)
                .await
                .map_err(|error| of_body(url, error))?;
            if body.is_whole {
                return Ok(body.bytes);
            }
        }
        Err(SourceError::TooLarge(format!(
            "{} is larger than the {limit_bytes} bytes that are read from one address",
            shown(url)
        )))
    }

    async fn send(&self, url: &Url, request: RequestBuilder) -> Result<Response, SourceError> {
        request
            .header(ACCEPT_ENCODING, body::ACCEPT_ENCODING)
            .send()
            .await
            .map_err(|error| of_transport(url, error))
    }

    fn client(&self) -> Result<&Client, SourceError> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        // Fails where the program has chosen a provider already, and then that one serves.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .connect_timeout(self.settings.connect_timeout)
            // A proxy would look names up on its own, unchecked.
            .no_proxy()
            .dns_resolver(GuardedResolver {
                inner: self.resolver.clone(),
                reach: self.reach.clone(),
            })
            // Each target is checked before it is asked.
            .redirect(redirect::Policy::none())
            .user_agent(self.user_agent.clone())
            .build()
            .map_err(|error| {
                SourceError::Unavailable(format!("no HTTP client can be made: {error}"))
            })?;
        Ok(self.client.get_or_init(|| client))
    }
}
