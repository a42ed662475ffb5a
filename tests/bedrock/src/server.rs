//! The server itself.

use std::{io, ops::Deref, sync::Arc};

use axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    response::Response,
    routing::post,
};
use serde_json::{Value, json};
use tidewire_test_scripted_http::{Listening, Reply, Script, Step, listen};

use crate::{
    answer::echo,
    script_step::{ScriptStep, scripted},
};

/// A running server, with the [`Script`] that it follows. It ends when this is dropped.
#[derive(Debug)]
pub struct BedrockServer {
    listening: Listening,
    script: Script,
}

#[derive(Debug)]
struct Shared {
    script: Script,
    always: Option<Vec<ScriptStep>>,
}

/// A stream that ends after the last step.
pub fn stream(steps: impl IntoIterator<Item = Step>) -> Reply {
    Reply::new(200, "application/vnd.amazon.eventstream", steps)
        .header("x-amzn-requestid", "00000000-0000-0000-0000-000000000000")
}

/// An exception in place of a stream, such as 429 and `ThrottlingException`.
pub fn refusal(status: u16, kind: &str, message: &str) -> Reply {
    Reply::json(status, &json!({ "message": message })).header("x-amzn-errortype", kind)
}

impl BedrockServer {
    /// Starts a server on a free port that echoes.
    pub async fn start() -> io::Result<Self> {
        Self::start_with(0, None).await
    }

    /// Starts a server that answers every request with the same script, where there is one.
    pub async fn start_with(port: u16, always: Option<Vec<ScriptStep>>) -> io::Result<Self> {
        let script = Script::default();
        let app = Router::new()
            .route("/model/{model}/converse-stream", post(converse))
            .with_state(Arc::new(Shared {
                script: script.clone(),
                always,
            }));
        let listening = listen(port, app).await?;
        Ok(Self { listening, script })
    }

    /// What clients are given as their endpoint.
    pub fn endpoint_url(&self) -> String {
        format!("http://{}", self.listening.address())
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

impl Deref for BedrockServer {
    type Target = Script;

    fn deref(&self) -> &Script {
        &self.script
    }
}

async fn converse(
    State(shared): State<Arc<Shared>>,
    Path(model): Path<String>,
    body: Bytes,
) -> Response {
    let request: Value = serde_json::from_slice(&body).unwrap_or_default();
    let message = last_user_text(&request);
    let next = shared.script.next_reply(&model, request);
    next.unwrap_or_else(|| match &shared.always {
        Some(steps) => scripted(steps),
        None => stream(echo(&message)),
    })
    .into_response(shared.script.clone())
}

fn last_user_text(request: &Value) -> String {
    let messages = request["messages"].as_array();
    let last = messages
        .and_then(|messages| messages.iter().rfind(|message| message["role"] == "user"))
        .and_then(|message| message["content"].as_array());
    let blocks = last.into_iter().flatten();
    blocks.filter_map(|block| block["text"].as_str()).collect()
}
