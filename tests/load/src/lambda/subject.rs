//! What runs in the environments, and what it is asked.

use std::{ffi::OsString, path::PathBuf, sync::OnceLock, time::Duration};

use anyhow::{Context, Result};
use bytes::Bytes;
use cloud_path::{
    Acknowledgement, Answer, Environments, Function, Invocation, Programs, Trace, Wanted,
};
use http_body_util::BodyExt;
use serde_json::json;
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use tokio::time::Instant;
use uuid::Uuid;

use crate::{http::count, process::built};

/// The app's key in all measurements that need one.
pub(crate) const KEY: &str = "tw_a-key-of-the-load-tests-alone";

fn keys() -> String {
    let sha256 = hex::encode(Sha256::digest(KEY));
    json!([{"name": "load", "sha256": sha256}]).to_string()
}

/// A program under measurement.
pub(crate) struct Subject {
    pub(crate) name: &'static str,
    command: Vec<OsString>,
    has_adapter: bool,
    /// Data and logs.
    dir: TempDir,
    /// How it is asked for a stream of tokens.
    pub(crate) stream: Asked,
}

/// A request.
#[derive(Clone)]
pub(crate) struct Asked {
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    pub(crate) query: String,
    pub(crate) body: String,
}

impl Asked {
    pub(crate) fn get(path: &'static str) -> Self {
        Self {
            method: "GET",
            path,
            query: String::new(),
            body: String::new(),
        }
    }

    fn chat(model: &str) -> Self {
        let body = json!({"model": model, "stream": true,
            "messages": [{"role": "user", "content": "How do I connect Tidewire to Bedrock?"}]});
        Self {
            method: "POST",
            path: "/v1/chat/completions",
            query: String::new(),
            body: body.to_string(),
        }
    }

    fn event(&self) -> Bytes {
        let event = json!({
            "version": "2.0", "routeKey": "$default", "rawPath": self.path,
            "rawQueryString": self.query,
            "headers": {"host": "localhost", "content-type": "application/json",
                        "authorization": format!("Bearer {KEY}")},
            "requestContext": {
                "accountId": "123456789012", "apiId": "a", "domainName": "localhost",
                "domainPrefix": "localhost", "requestId": "r", "routeKey": "$default",
                "stage": "$default", "time": "20/Nov/2026:00:00:00 +0000", "timeEpoch": 0,
                "http": {"method": self.method, "path": self.path, "protocol": "HTTP/1.1",
                         "sourceIp": "127.0.0.1", "userAgent": "load"},
            },
            "body": self.body, "isBase64Encoded": false,
        });
        event.to_string().into()
    }
}

impl Subject {
    /// A program of this build, asked for tokens of this model.
    pub(crate) fn tidewire(
        name: &'static str,
        program: &str,
        has_adapter: bool,
        model: &str,
    ) -> Result<Self> {
        Self::new(
            name,
            vec![built(program)?.into()],
            has_adapter,
            Asked::chat(model),
        )
    }

    /// The bare handler, asked for `count` tokens so far apart.
    pub(crate) fn bare(count: u32, gap_ms: u32) -> Result<Self> {
        let stream = Asked {
            method: "POST",
            path: "/events",
            query: format!("count={count}&gap_ms={gap_ms}&each=true&openai=true"),
            body: "{}".into(),
        };
        Self::new("bare Axum", vec![built("bare-axum")?.into()], true, stream)
    }

    /// FastAPI with uvicorn.
    pub(crate) fn fastapi(python: &str) -> Result<Self> {
        let peers = concat!(env!("CARGO_MANIFEST_DIR"), "/peers");
        let line = format!(
            "exec {python} -m uvicorn --app-dir {peers} --log-level=warning --port=$PORT fastapi_app:app"
        );
        let command = vec!["/bin/sh".into(), "-c".into(), line.into()];
        Self::new("FastAPI", command, true, Asked::get("/events"))
    }

    fn new(
        name: &'static str,
        command: Vec<OsString>,
        has_adapter: bool,
        stream: Asked,
    ) -> Result<Self> {
        Ok(Self {
            name,
            command,
            has_adapter,
            dir: tempfile::tempdir()?,
            stream,
        })
    }

    /// A function of it, without an environment yet. Its data stays from one to the next.
    pub(crate) async fn deploy(
        &self,
        concurrency: usize,
        acknowledgement: Acknowledgement,
    ) -> Result<Environments> {
        let mut variables: Vec<(OsString, OsString)> = vec![
            (
                "TIDEWIRE_DATA_DIR".into(),
                self.dir.path().join("data").into(),
            ),
            ("TIDEWIRE_LOG__FILTER".into(), "warn".into()),
            ("TIDEWIRE_OFFLINE__TOKENS_PER_SECOND".into(), "200".into()),
            ("LISTENER".into(), "own".into()),
            // Without the adapter nobody is known to be on this machine.
            ("TIDEWIRE_KEYS".into(), keys().into()),
        ];
        if self.has_adapter {
            for (name, value) in [
                ("AWS_LWA_READINESS_CHECK_PATH", "/readyz"),
                ("AWS_LWA_INVOKE_MODE", "response_stream"),
                ("AWS_LWA_ASYNC_INIT", "true"),
            ] {
                variables.push((name.into(), value.into()));
            }
        }
        let function = Function {
            name: "measured".into(),
            region: "eu-central-1".into(),
            command: self.command.clone(),
            variables,
            adapter: if self.has_adapter {
                Some(adapter().await?)
            } else {
                None
            },
            timeout: Duration::from_mins(5),
            concurrency,
            freezes: false,
            acknowledgement,
            log_dir: self.dir.path().to_owned(),
        };
        Ok(Environments::new(function, Trace::Off))
    }
}

/// The Lambda Web Adapter; built where it is missing.
pub(crate) async fn adapter() -> Result<PathBuf> {
    static FOUND: OnceLock<PathBuf> = OnceLock::new();
    if let Some(found) = FOUND.get() {
        return Ok(found.clone());
    }
    let wanted = Wanted {
        app: Some(built("tidewire")?),
        needs_adapter: true,
        ..Wanted::default()
    };
    let found = Programs::find(&wanted)
        .await?
        .adapter
        .context("no adapter")?;
    Ok(FOUND.get_or_init(|| found).clone())
}

/// What an invocation took.
pub(crate) struct Took {
    /// From the hand-out to the head of the answer.
    pub(crate) first_byte: Duration,
    /// To the first piece of the payload that holds a token.
    pub(crate) first_token: Option<Duration>,
    /// Tokens in all.
    pub(crate) tokens: u64,
}

/// Invokes and reads the answer to its end, then waits until the environments are free again.
pub(crate) async fn ask(environments: &Environments, asked: &Asked) -> Result<Took> {
    let began = Instant::now();
    let Answer { prelude, mut body } = environments
        .invoke(Invocation {
            request_id: Uuid::new_v4().to_string(),
            trace_id: "Root=1".into(),
            event: asked.event(),
        })
        .await?;
    let first_byte = began.elapsed();
    anyhow::ensure!(
        prelude.status_code == 200,
        "{} says {}",
        asked.path,
        prelude.status_code
    );
    let mut took = Took {
        first_byte,
        first_token: None,
        tokens: 0,
    };
    while let Some(frame) = body.frame().await {
        let Ok(piece) = frame?.into_data() else {
            continue;
        };
        // The empty one begins an answer and is no token.
        let found = count(&piece, br#""content":""#) - count(&piece, br#""content":"""#);
        if found > 0 && took.first_token.is_none() {
            took.first_token = Some(began.elapsed());
        }
        took.tokens += found;
    }
    Ok(took)
}

/// Waits until no environment works.
pub(crate) async fn until_free(environments: &Environments) {
    while environments.list().iter().any(|one| one.is_busy) {
        tokio::time::sleep(Duration::from_micros(100)).await;
    }
}
