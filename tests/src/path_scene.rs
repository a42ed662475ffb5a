//! The whole cloud path on this machine, and requests that no client library makes.

use std::{
    fs,
    net::IpAddr,
    os::unix::fs::PermissionsExt,
    sync::{Arc, Mutex, PoisonError},
    time::SystemTime,
};

use cloud_path::{CloudPath, EnvironmentStatus, Front, PathOptions, Trace};
use edge_signer::{PayloadHash, Signer};
use http::request::Parts;
use reqwest::RequestBuilder;

use crate::{Client, Service, Site, Upstream, key_of, soon};

/// A server that answers with what it was asked; the test's stand-in for the app where the question
/// is what reaches an app at all.
const ECHO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cloud_path/echo.mjs");

/// CloudFront, OAC, function URL, Lambda and adapter before an app.
#[derive(Debug)]
pub struct PathScene {
    /// The model.
    pub upstream: Upstream,
    /// Where the app runs.
    pub site: Site,
    /// The path.
    pub path: Arc<CloudPath>,
    /// A user with a key.
    pub client: Client,
    told: Arc<Mutex<String>>,
}

impl PathScene {
    /// The whole path before the app.
    pub async fn start() -> Self {
        Self::start_with(|site| site, |options| options).await
    }

    /// The whole path before the echo, an executable script of Node.
    pub async fn start_before_echo(change: impl FnOnce(PathOptions) -> PathOptions) -> Self {
        let dir = tempfile::tempdir().expect("there is room");
        let script = dir.path().join("echo.mjs");
        fs::copy(ECHO, &script).expect("it can be copied");
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).expect("it is ours");
        let scene = Self::start_with(
            |site| site,
            |mut options| {
                options.programs.app.clone_from(&script);
                change(options)
            },
        )
        .await;
        // The path starts it again and again, for as long as the process of the tests lives.
        let _ = dir.keep();
        scene
    }

    /// The whole path, other than usual.
    pub async fn start_with(
        settings: impl FnOnce(Site) -> Site,
        change: impl FnOnce(PathOptions) -> PathOptions,
    ) -> Self {
        let upstream = Upstream::start().await;
        let site = settings(Site::new(&upstream));
        let told = Arc::default();
        let trace = Trace::Kept(Arc::clone(&told));
        let path = Service::start_path(Front::Path, &site, |options| {
            change(PathOptions { trace, ..options })
        })
        .await;
        let path = Arc::new(path);
        let client = Client::new(&path.public.to_string())
            .behind(&path)
            .with_key(&key_of("local"));
        Self {
            upstream,
            site,
            path,
            client,
            told,
        }
    }

    /// A client past CloudFront, that signs nothing.
    pub fn past_cloudfront(&self) -> Client {
        Client::new(&self.path.function_url.to_string()).behind(&self.path)
    }

    /// The user's client at another address of this machine.
    pub fn client_at(&self, address: &str) -> Client {
        let address: IpAddr = address.parse().expect("an address");
        self.client.clone().at(address)
    }

    /// A request past CloudFront, signed with the user's own credentials at `time`.
    pub fn signed(&self, method: &str, path: &str, body: &[u8], time: SystemTime) -> Parts {
        let account = self
            .path
            .account
            .as_ref()
            .expect("the URL wants signatures");
        let uri = format!("http://{}{path}", self.path.function_url);
        let request = http::Request::builder().method(method).uri(uri).body(());
        let (mut parts, ()) = request.expect("a request").into_parts();
        Signer::new("eu-central-1")
            .sign(&mut parts, &PayloadHash::of(body), &account.user, time)
            .expect("it can be signed");
        parts
    }

    /// Sends a request as it stands, past CloudFront.
    pub fn request_of(&self, parts: &Parts, body: &[u8]) -> RequestBuilder {
        let path = parts.uri.path_and_query().expect("a path").as_str();
        self.past_cloudfront()
            .request(parts.method.as_str(), path)
            .headers(parts.headers.clone())
            .body(body.to_vec())
    }

    /// The environments that live.
    pub fn environments(&self) -> Vec<EnvironmentStatus> {
        self.path.environments.list()
    }

    /// Waits until this holds of the environments that live.
    pub async fn until_environments(
        &self,
        what: &str,
        holds: impl Fn(&[EnvironmentStatus]) -> bool,
    ) {
        soon(what, async {
            while !holds(&self.environments()) {
                tokio::task::yield_now().await;
            }
        })
        .await;
    }

    /// Waits until so many environments work on an invocation.
    pub async fn until_busy(&self, count: usize) {
        let busy = |all: &[EnvironmentStatus]| all.iter().filter(|one| one.is_busy).count();
        self.until_environments("so many are busy", |all| busy(all) == count)
            .await;
    }

    /// All that the stages said and the environments wrote.
    pub fn logs(&self) -> String {
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let written = self.path.logs().expect("logs can be read");
        format!("{told}\n{written}")
    }
}
