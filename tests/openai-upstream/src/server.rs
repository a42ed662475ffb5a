//! The server itself.

use std::{io, ops::Deref, sync::Arc};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, HeaderValue, header::AUTHORIZATION},
    response::Response,
    routing::{get, post},
};
use serde_json::{Value, json};
use tidewire_test_scripted_http::{Listening, Reply, Script, listen};

use crate::{behaviour, chunk};

/// How the server behaves towards everybody.
#[derive(Debug, Clone, Default)]
pub struct UpstreamSettings {
    /// The port on 127.0.0.1; 0: one that is free.
    pub port: u16,
    /// The bearer token without which it answers 401; absent: it asks for none.
    pub api_key: Option<String>,
}

/// A running server, with the [`Script`] that it follows. It ends when this is dropped.
#[derive(Debug)]
pub struct Upstream {
    listening: Listening,
    script: Script,
}

#[derive(Debug)]
struct Shared {
    api_key: Option<String>,
    script: Script,
}

impl Upstream {
    /// Starts a server on a free port that asks for no key.
    pub async fn start() -> io::Result<Self> {
        Self::start_with(UpstreamSettings::default()).await
    }

    /// Starts a server.
    pub async fn start_with(settings: UpstreamSettings) -> io::Result<Self> {
        let script = Script::default();
        let app = Router::new()
            .route("/v1/models", get(list_models))
            .route("/v1/chat/completions", post(complete))
            .with_state(Arc::new(Shared {
                api_key: settings.api_key,
                script: script.clone(),
            }));
        let listening = listen(settings.port, app).await?;
        Ok(Self { listening, script })
    }

    /// What clients are given, such as `http://127.0.0.1:4000/v1`.
    pub fn base_url(&self) -> String {
        format!("http://{}/v1", self.listening.address())
    }

    /// How many connections have come so far.
    pub fn connections(&self) -> usize {
        self.listening.connections()
    }

    /// Serves until the process is ended.
    pub async fn forever(self) {
        self.listening.forever().await;
    }
}

impl Deref for Upstream {
    type Target = Script;

    fn deref(&self) -> &Script {
        &self.script
    }
}

impl Shared {
    fn refuse(&self, headers: &HeaderMap) -> Option<Reply> {
        let key = self.api_key.as_ref()?;
        let given = headers.get(AUTHORIZATION).map(HeaderValue::as_bytes);
        if given == Some(format!("Bearer {key}").as_bytes()) {
            return None;
        }
        // OpenAI quotes the key that it refuses, so that a client's way with it is tested too.
        let given = String::from_utf8_lossy(given.unwrap_or_default()).into_owned();
        let error = chunk::error(
            &format!("Incorrect API key provided: {given}"),
            "invalid_request_error",
            Some("invalid_api_key"),
        );
        Some(Reply::json(401, &error))
    }

    fn reply(&self, headers: &HeaderMap, body: &[u8]) -> Reply {
        if let Some(refusal) = self.refuse(headers) {
            return refusal;
        }
        let Ok(request) = serde_json::from_slice::<Value>(body) else {
            let error = chunk::error("the body is not JSON", "invalid_request_error", None);
            return Reply::json(400, &error);
        };
        let model = request["model"].as_str().unwrap_or_default().to_owned();
        let answer = behaviour::reply(&request);
        self.script.next_reply(&model, request).unwrap_or(answer)
    }
}

async fn list_models(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Response {
    let listed: Vec<Value> = behaviour::MODELS
        .iter()
        .map(|id| json!({"id": id, "object": "model", "created": 0, "owned_by": "tidewire"}))
        .collect();
    shared
        .refuse(&headers)
        .unwrap_or_else(|| Reply::json(200, &json!({"object": "list", "data": listed})))
        .into_response(shared.script.clone())
}

async fn complete(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Response {
    let reply = shared.reply(&headers, &body);
    reply.into_response(shared.script.clone())
}
