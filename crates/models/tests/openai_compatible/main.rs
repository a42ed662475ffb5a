//! The OpenAI-compatible adapter against a scripted server.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod answers;
mod dialects;
mod discovery;
mod failures;
mod requests;
mod retries;

use std::sync::Arc;

use futures_util::StreamExt;
use tidewire_domain::{
    ChatModel, ModelError, ModelEvent, ModelMessage, ModelRequest, Part, Role, ToolSpec,
};
use tidewire_models::openai_compatible::{Connections, OpenAiCompatible, OpenAiCompatibleConfig};
use tidewire_test_openai_upstream::Upstream;

/// `model` on the server at `base_url`.
fn model_at(base_url: &str, model: &str) -> OpenAiCompatible {
    let config = OpenAiCompatibleConfig {
        base_url: base_url.to_owned(),
        api_key: None,
        upstream_model: model.to_owned(),
    };
    OpenAiCompatible::new(Arc::new(Connections::default()), config).unwrap()
}

fn user(text: &str) -> ModelMessage {
    ModelMessage {
        role: Role::User,
        parts: vec![Part::Text { text: text.into() }],
    }
}

fn asking(text: &str) -> ModelRequest {
    ModelRequest {
        messages: vec![user(text)],
        ..ModelRequest::default()
    }
}

fn tool(name: &str) -> ToolSpec {
    ToolSpec {
        name: name.into(),
        description: "Looks something up.".into(),
        parameters: serde_json::json!({"type": "object"}),
    }
}

/// All that a model says, up to an error; the error that comes before anything is one of them.
async fn say(
    model: &OpenAiCompatible,
    request: ModelRequest,
) -> Vec<Result<ModelEvent, ModelError>> {
    match model.stream(request).await {
        Ok(stream) => stream.collect().await,
        Err(error) => vec![Err(error)],
    }
}

/// The same for an answer that comes to its end.
async fn answer(upstream: &Upstream, model: &str, request: ModelRequest) -> Vec<ModelEvent> {
    say(&model_at(&upstream.base_url(), model), request)
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect()
}

fn text_of(events: &[ModelEvent]) -> String {
    events
        .iter()
        .filter_map(|event| match event {
            ModelEvent::TextDelta(text) => Some(text.as_str()),
            _ => None,
        })
        .collect()
}

fn reasoning_of(events: &[ModelEvent]) -> String {
    events
        .iter()
        .filter_map(|event| match event {
            ModelEvent::ReasoningDelta(text) => Some(text.as_str()),
            _ => None,
        })
        .collect()
}
