//! The stages, put together.

use std::{
    ffi::OsString,
    fmt::{self, Write},
    io,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Context;
use ipnet::IpNet;
use serde_json::json;
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use tokio::{net::TcpListener, task::JoinHandle};

use crate::{
    cli::Front,
    cloudfront::{CloudFront, Distribution, Functions},
    credentials::Account,
    function_url::{Authorization, FunctionUrl},
    lambda::{Environments, Function},
    listener::Acknowledgement,
    programs::Programs,
    trace::Trace,
};

const REGION: &str = "eu-central-1";
/// The deployed JavaScript.
const EDGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../edge-signer/edge");

/// What a path is to be like.
#[derive(Debug, Clone)]
pub struct PathOptions {
    /// What it is made of.
    pub programs: Programs,
    /// How much of it.
    pub front: Front,
    /// The public port; 0: any.
    pub port: u16,
    /// The function URL's port; 0: any.
    pub function_port: u16,
    /// Who may come in.
    pub allowed: Vec<IpNet>,
    /// The app's key; `None`: one is made.
    pub key: Option<String>,
    /// How many environments there may be.
    pub concurrency: usize,
    /// Whether they are stopped between invocations.
    pub freezes: bool,
    /// How long an invocation may take.
    pub timeout: Duration,
    /// How the Runtime API acknowledges.
    pub acknowledgement: Acknowledgement,
    /// Where the app keeps its data; `None`: in a folder that goes with the path.
    pub data_dir: Option<PathBuf>,
    /// More variables for the app.
    pub variables: Vec<(OsString, OsString)>,
    /// What is told of it.
    pub trace: Trace,
}

/// A running path. It ends when this is dropped.
#[derive(Debug)]
pub struct CloudPath {
    /// Where clients go.
    pub public: SocketAddr,
    /// Past CloudFront; the same as `public` where there is none.
    pub function_url: SocketAddr,
    /// The app's key.
    pub key: String,
    /// The environments behind it.
    pub environments: Environments,
    /// Who may sign requests to the function URL; `None` where anybody may call.
    pub account: Option<Account>,
    front: Front,
    log_dir: PathBuf,
    serving: Vec<JoinHandle<()>>,
    _scratch: TempDir,
}

impl Drop for CloudPath {
    fn drop(&mut self) {
        for stage in &self.serving {
            stage.abort();
        }
    }
}

impl CloudPath {
    /// Starts all stages. Environments start with the first requests, as in Lambda.
    pub async fn start(options: PathOptions) -> anyhow::Result<Self> {
        let scratch = tempfile::tempdir().context("cannot make a folder")?;
        let key = match &options.key {
            Some(key) => key.clone(),
            None => new_key()?,
        };
        let log_dir = scratch.path().join("logs");
        std::fs::create_dir(&log_dir)?;
        let data_dir = options.data_dir.clone();
        let data_dir = data_dir.unwrap_or_else(|| scratch.path().join("data"));
        let has_cloudfront = options.front == Front::Path;
        let url_port = if has_cloudfront {
            options.function_port
        } else {
            options.port
        };
        let url_listener = listen(url_port).await?;
        let function_url = url_listener.local_addr()?;
        let environments = Environments::new(
            function(&options, &key, &data_dir, &log_dir),
            options.trace.clone(),
        );
        let account = if has_cloudfront {
            Some(Account::new()?)
        } else {
            None
        };
        let authorization = account
            .clone()
            .map_or(Authorization::Nobody, Authorization::Iam);
        let url = FunctionUrl::new(environments.clone(), authorization, options.trace.clone());
        let mut serving = vec![tokio::spawn(url.serve(url_listener))];
        let mut public = function_url;
        if let (Some(account), Some(node)) = (account.clone(), &options.programs.node) {
            let listener = listen(options.port).await?;
            public = listener.local_addr()?;
            let functions = Functions::start(node, Path::new(EDGE)).context("cannot start Node")?;
            let cloudfront = CloudFront::new(Distribution {
                allowed: options.allowed,
                functions,
                origin: function_url,
                region: REGION.into(),
                account,
                trace: options.trace,
            });
            serving.push(tokio::spawn(cloudfront.serve(listener)));
        }
        Ok(Self {
            public,
            function_url,
            key,
            environments,
            account,
            front: options.front,
            log_dir,
            serving,
            _scratch: scratch,
        })
    }

    /// All that the environments have written so far.
    pub fn logs(&self) -> io::Result<String> {
        let mut logs = String::new();
        for entry in std::fs::read_dir(&self.log_dir)? {
            logs.push_str(&std::fs::read_to_string(entry?.path())?);
        }
        Ok(logs)
    }

    /// For whoever started it: where to go, and with what.
    pub fn announcement(&self) -> Result<String, fmt::Error> {
        let mut lines = String::new();
        writeln!(lines, "Tidewire, {}", described(self.front))?;
        writeln!(lines, "  address         http://{}", self.public)?;
        writeln!(lines, "  key             {}", self.key)?;
        writeln!(lines, "  logs            {}", self.log_dir.display())?;
        if let Some(account) = &self.account {
            let (public, url, key) = (self.public, self.function_url, &self.key);
            let user = &account.user;
            writeln!(
                lines,
                "  past CloudFront http://{url} (403: it is not signed)"
            )?;
            write!(
                lines,
                "\nTry it:\n  \
                 curl -N http://{public}/v1/chat/completions -H 'Authorization: Bearer {key}' \\\n    \
                 -H 'Content-Type: application/json' \\\n    \
                 -d '{{\"stream\":true,\"messages\":[{{\"role\":\"user\",\"content\":\"Who are you?\"}}]}}'\n\n\
                 Or sign with credentials of your own, past CloudFront:\n  \
                 AWS_ACCESS_KEY_ID={} AWS_SECRET_ACCESS_KEY={} \\\n    \
                 edge-signer --url http://{url} --region {REGION} --listen 127.0.0.1:9000\n",
                user.access_key_id(),
                user.secret_access_key(),
            )?;
        }
        Ok(lines)
    }
}

fn described(front: Front) -> &'static str {
    match front {
        Front::Path => "behind WAF, CloudFront, OAC, a function URL, Lambda and its adapter",
        Front::Adapter => "behind an open function URL, Lambda and its adapter",
        Front::LambdaHttp => "behind an open function URL, on Lambda's Runtime API",
    }
}

async fn listen(port: u16) -> anyhow::Result<TcpListener> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    TcpListener::bind(address).await.with_context(|| {
        format!("cannot listen on {address}: choose other ports by --port and --function-port, 0 for any")
    })
}

fn new_key() -> anyhow::Result<String> {
    let mut bytes = [0; 24];
    getrandom::fill(&mut bytes)?;
    Ok(format!("tw_{}", hex::encode(bytes)))
}

/// The function as it is deployed: docs/RUNNING.md has the same variables.
fn function(options: &PathOptions, key: &str, data_dir: &Path, log_dir: &Path) -> Function {
    let hash = Sha256::digest(key);
    let keys = json!([{"name": "developer", "sha256": hex::encode(hash)}]);
    let mut variables: Vec<(OsString, OsString)> = vec![
        ("TIDEWIRE_DATA_DIR".into(), data_dir.into()),
        ("TIDEWIRE_KEYS".into(), keys.to_string().into()),
        (
            "TIDEWIRE_SERVER__HOST_HEADER".into(),
            "x-tidewire-host".into(),
        ),
    ];
    if options.front != Front::LambdaHttp {
        let adapter = [
            ("AWS_LWA_READINESS_CHECK_PATH", "/readyz"),
            ("AWS_LWA_INVOKE_MODE", "response_stream"),
            ("AWS_LWA_ASYNC_INIT", "true"),
        ];
        variables.extend(adapter.map(|(name, value)| (name.into(), value.into())));
    }
    if options.front == Front::Path {
        // Only CloudFront may say it; without CloudFront the client's own header comes through.
        variables.push((
            "AWS_LWA_AUTHORIZATION_SOURCE".into(),
            "x-tidewire-authorization".into(),
        ));
    }
    // Whoever starts the path has the last word.
    variables.extend(options.variables.iter().cloned());
    Function {
        name: "tidewire".into(),
        region: REGION.into(),
        command: vec![options.programs.app.clone().into()],
        variables,
        adapter: options.programs.adapter.clone(),
        timeout: options.timeout,
        concurrency: options.concurrency,
        freezes: options.freezes,
        acknowledgement: options.acknowledgement,
        log_dir: log_dir.to_owned(),
    }
}
