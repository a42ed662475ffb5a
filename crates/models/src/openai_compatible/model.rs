//! A model behind an OpenAI-compatible server.

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use async_trait::async_trait;
use bytes::Bytes;
use reqwest::{
    Response, StatusCode, Url,
    header::{ACCEPT, CONTENT_TYPE},
};
use secrecy::SecretString;
use tidewire_domain::{ChatModel, ModelError, ModelRequest, ModelStream, Part};

use super::{
    answer::Answer,
    connections::Connections,
    endpoint::Endpoint,
    request::{Dialect, Extras, chat_completion_request},
    stream::AnswerStream,
};
use crate::retry::retry_throttled;

/// As much of an error's body as is read.
const MAX_ERROR_BYTES: usize = 64 << 10;

/// What Ollama says of a model without tools, and vLLM when it was started without a parser for them.
const TOOL_REFUSALS: [&[u8]; 2] = [b"does not support tools", b"tool choice requires"];

/// The longest answer that may come whole instead of streamed.
const MAX_WHOLE_ANSWER_BYTES: usize = 16 << 20;

/// Where a model is and what it is called there.
#[derive(Debug, Clone)]
pub struct OpenAiCompatibleConfig {
    /// The address under which `/chat/completions` lies, such as `http://127.0.0.1:11434/v1`.
    pub base_url: String,
    /// Sent as a bearer token, where the server wants one.
    pub api_key: Option<SecretString>,
    /// What the server calls the model.
    pub upstream_model: String,
}

/// A model behind an OpenAI-compatible server.
///
/// A call waits for its connection as long as [`Connections`] say, and for what comes over it
/// without end: whoever reads the stream knows how long a model may be silent.
#[derive(Debug)]
pub struct OpenAiCompatible {
    connections: Arc<Connections>,
    endpoint: Endpoint,
    completions: Url,
    upstream_model: String,
    dialect: Dialect,
    /// The server refused `stream_options` once, so it is not sent again.
    without_usage: AtomicBool,
    /// The model refused tools once.
    without_tools: AtomicBool,
}

impl OpenAiCompatible {
    /// The model that `config` names. Opens no connection.
    ///
    /// Fails with [`ModelError::Rejected`] where the base URL is none, and with
    /// [`ModelError::AccessDenied`] where the key cannot stand in a header.
    pub fn new(
        connections: Arc<Connections>,
        config: OpenAiCompatibleConfig,
    ) -> Result<Self, ModelError> {
        let endpoint = Endpoint::new(&config.base_url, config.api_key.as_ref())?;
        Ok(Self {
            connections,
            completions: endpoint.at("chat/completions"),
            dialect: Dialect::of(&endpoint.url),
            endpoint,
            upstream_model: config.upstream_model,
            without_usage: AtomicBool::new(false),
            without_tools: AtomicBool::new(false),
        })
    }

    /// Makes the call once, up to the first piece of the answer.
    async fn attempt(&self, request: &ModelRequest) -> Result<ModelStream, ModelError> {
        let response = self.post(request).await?;
        let answer = Answer::new(call_ids(request), self.endpoint.failure.clone());
        match media_type(&response) {
            "application/json" => {
                let body = self
                    .endpoint
                    .read_body(response, MAX_WHOLE_ANSWER_BYTES)
                    .await?;
                whole(answer, &body)
            }
            "text/html" => Err(ModelError::Protocol(
                "a web page came in place of an answer: is the base URL that of an API?".into(),
            )),
            _ => {
                let mut stream = AnswerStream::new(Box::pin(response.bytes_stream()), answer);
                stream.begin().await?;
                Ok(Box::pin(stream))
            }
        }
    }

    /// Sends the request, and again without what the server refuses and the request can spare.
    async fn post(&self, request: &ModelRequest) -> Result<Response, ModelError> {
        loop {
            let extras = Extras {
                usage: !self.without_usage.load(Ordering::Relaxed),
                tools: !(request.are_tools_optional && self.without_tools.load(Ordering::Relaxed)),
            };
            let refusal = match self.post_once(request, extras).await? {
                Ok(response) => return Ok(response),
                Err(refusal) => refusal,
            };
            if extras.usage && refusal.names(b"stream_options") {
                self.without_usage.store(true, Ordering::Relaxed);
            } else if extras.tools
                && request.are_tools_optional
                && !request.tools.is_empty()
                && TOOL_REFUSALS.iter().any(|words| refusal.names(words))
            {
                self.without_tools.store(true, Ordering::Relaxed);
            } else {
                return Err(refusal.error);
            }
        }
    }

    async fn post_once(
        &self,
        request: &ModelRequest,
        extras: Extras,
    ) -> Result<Result<Response, Refusal>, ModelError> {
        let body = chat_completion_request(&self.upstream_model, request, self.dialect, extras)?;
        let client = self.connections.client(&self.completions)?;
        let response = self
            .endpoint
            .authorized(client.post(self.completions.clone()))
            .header(ACCEPT, "text/event-stream")
            .header(CONTENT_TYPE, "application/json")
            .body(body)
            .send()
            .await
            .map_err(|error| self.endpoint.failure.of_transport(error))?;
        let status = response.status();
        if status.is_success() {
            return Ok(Ok(response));
        }
        let headers = response.headers().clone();
        // The status says enough where the text is cut off.
        let body = self
            .endpoint
            .read_body(response, MAX_ERROR_BYTES)
            .await
            .unwrap_or_default();
        Ok(Err(Refusal {
            error: self.endpoint.failure.of_response(status, &headers, &body),
            status,
            body,
        }))
    }
}

#[async_trait]
impl ChatModel for OpenAiCompatible {
    async fn stream(&self, request: ModelRequest) -> Result<ModelStream, ModelError> {
        retry_throttled(|| self.attempt(&request)).await
    }
}

/// A status that is not a success.
struct Refusal {
    error: ModelError,
    status: StatusCode,
    body: Bytes,
}

impl Refusal {
    /// Whether the server says these words of a request that it does not take. Servers that do not
    /// know a field name it.
    fn names(&self, words: &[u8]) -> bool {
        matches!(
            self.status,
            StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY
        ) && memchr::memmem::find(&self.body, words).is_some()
    }
}

/// The answer of a server that does not stream.
fn whole(mut answer: Answer, body: &[u8]) -> Result<ModelStream, ModelError> {
    answer.read(body)?;
    answer.close(None)?;
    let events: Vec<_> = std::iter::from_fn(|| answer.pop().map(Ok)).collect();
    Ok(Box::pin(futures_util::stream::iter(events)))
}

fn media_type(response: &Response) -> &str {
    response
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .unwrap_or_default()
        .trim()
}

fn call_ids(request: &ModelRequest) -> HashSet<String> {
    let parts = request.messages.iter().flat_map(|message| &message.parts);
    parts
        .filter_map(|part| match part {
            Part::ToolCall(call) => Some(call.call_id.clone()),
            _ => None,
        })
        .collect()
}
