//! A web site on this machine, and names that lead to it.

use std::{
    collections::{HashMap, VecDeque},
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    ops::Deref,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, Method, Uri},
    response::Response,
};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use serde_json::{Value, json};
use tidewire_sources::{FetchSettings, Fetched, Fetcher, Page, Reach, SourceError, Validators};
use tidewire_test_scripted_http::{Listening, Reply, Script, Step, listen};

/// A server that gives, under each path, the replies that a test put there; else 404.
pub(crate) struct Site {
    listening: Listening,
    script: Script,
}

impl Site {
    pub(crate) async fn start() -> Self {
        let script = Script::default();
        let app = Router::new().fallback(answer).with_state(script.clone());
        let listening = listen(0, app).await.unwrap();
        Self { listening, script }
    }

    /// A page of this site, by the site's address.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.listening.address())
    }

    /// The same by a name.
    pub(crate) fn url_at(&self, name: &str, path: &str) -> String {
        format!("http://{name}:{}{path}", self.listening.address().port())
    }

    /// Puts an HTML page there, for one request.
    pub(crate) fn page(&self, path: &str, body: &str) {
        self.reply_next(path, html(body));
    }

    /// What was asked for so far, without robots.txt.
    pub(crate) fn paths(&self) -> Vec<String> {
        self.requests()
            .iter()
            .map(|request| request["path"].as_str().unwrap().to_owned())
            .filter(|path| path != "/robots.txt")
            .collect()
    }
}

impl Deref for Site {
    type Target = Script;

    fn deref(&self) -> &Script {
        &self.script
    }
}

async fn answer(
    State(script): State<Script>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let headers: HashMap<String, String> = headers
        .iter()
        .map(|(name, value)| {
            (
                name.to_string(),
                String::from_utf8_lossy(value.as_bytes()).into(),
            )
        })
        .collect();
    let request = json!({
        "method": method.as_str(),
        "path": uri.to_string(),
        "headers": headers,
        "body": serde_json::from_slice::<Value>(&body).unwrap_or_default(),
    });
    script
        .next_reply(&uri.to_string(), request)
        .unwrap_or_else(|| status(404))
        .into_response(script)
}

pub(crate) fn html(body: &str) -> Reply {
    Reply::new(
        200,
        "text/html; charset=utf-8",
        [Step::Send(body.to_owned().into())],
    )
}

pub(crate) fn status(status: u16) -> Reply {
    Reply::new(status, "text/plain", [])
}

pub(crate) fn redirect(target: &str) -> Reply {
    status(302).header("location", target)
}

/// Names for tests. One that has several answers gives one after the other, the last for good.
#[derive(Default)]
pub(crate) struct Names(Mutex<HashMap<String, VecDeque<Vec<IpAddr>>>>);

impl Names {
    pub(crate) fn with(self, name: &str, answers: &[&[&str]]) -> Self {
        let answers = answers
            .iter()
            .map(|answer| answer.iter().map(|text| text.parse().unwrap()).collect())
            .collect();
        self.0.lock().unwrap().insert(name.into(), answers);
        self
    }
}

impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        let mut names = self.0.lock().unwrap();
        let answer = match names.get_mut(name.as_str()) {
            Some(answers) if answers.len() > 1 => answers.pop_front(),
            Some(answers) => answers.front().cloned(),
            None => None,
        };
        let found = match answer {
            Some(found) => {
                Ok(Box::new(found.into_iter().map(|address| SocketAddr::new(address, 0))) as Addrs)
            }
            None => Err(io::Error::other("no such name").into()),
        };
        Box::pin(async move { found })
    }
}

/// Settings under which this machine's 127.0.0.1 counts as public, and no other address of it.
pub(crate) fn settings() -> FetchSettings {
    FetchSettings {
        reach: Reach::Also(vec![IpAddr::V4(Ipv4Addr::LOCALHOST).into()]),
        max_body_bytes: 1_000_000,
        ..FetchSettings::new("https://example.com/about-our-bot")
    }
}

/// Settings that do not wait long.
pub(crate) fn impatient() -> FetchSettings {
    FetchSettings {
        robots_timeout: Duration::from_millis(300),
        timeout: Duration::from_millis(600),
        ..settings()
    }
}

pub(crate) fn fetcher() -> Arc<Fetcher> {
    Arc::new(Fetcher::new(settings()).unwrap())
}

pub(crate) fn fetcher_with(names: Names) -> Fetcher {
    Fetcher::with_resolver(settings(), Arc::new(names)).unwrap()
}

pub(crate) async fn get(fetcher: &Fetcher, url: &str) -> Result<Page, SourceError> {
    match fetcher.get(url, &Validators::default()).await? {
        Fetched::Page(page) => Ok(page),
        Fetched::NotModified => panic!("nothing was known before"),
    }
}

pub(crate) fn text(page: &Page) -> &str {
    std::str::from_utf8(&page.body).unwrap()
}
