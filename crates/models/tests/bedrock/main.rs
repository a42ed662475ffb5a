//! The Bedrock adapter against a scripted server that speaks the real framing.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod answers;
mod credentials;
mod failures;
mod requests;
mod retries;

use std::sync::Arc;

use futures_util::StreamExt;
use tidewire_aws::{AccessKey, Aws, AwsSettings};
use tidewire_domain::{ChatModel, ModelError, ModelEvent, ModelMessage, ModelRequest, Part, Role};
use tidewire_models::bedrock::Bedrock;
use tidewire_test_bedrock::{BedrockServer, Reply};

/// The model's name at the server, with the characters that real ones have.
const MODEL: &str = "eu.anthropic.claude-sonnet-4-5-20250929-v1:0";

fn model_at(endpoint_url: &str) -> Bedrock {
    let aws = Aws::new(AwsSettings {
        region: Some("eu-west-1".into()),
        profile: None,
        endpoint_url: Some(endpoint_url.to_owned()),
        access_key: Some(AccessKey {
            id: "AKIDEXAMPLE".into(),
            secret: "secret".into(),
        }),
    });
    Bedrock::new(Arc::new(aws), MODEL)
}

fn asking(text: &str) -> ModelRequest {
    ModelRequest {
        messages: vec![message(Role::User, vec![Part::Text { text: text.into() }])],
        ..ModelRequest::default()
    }
}

fn message(role: Role, parts: Vec<Part>) -> ModelMessage {
    ModelMessage { role, parts }
}

/// All that a model says, up to an error; the error that comes before anything is one of them.
async fn say(model: &Bedrock, request: ModelRequest) -> Vec<Result<ModelEvent, ModelError>> {
    match model.stream(request).await {
        Ok(stream) => stream.collect().await,
        Err(error) => vec![Err(error)],
    }
}

/// All that a model says that is answered by `reply`.
async fn said(reply: Reply) -> Vec<Result<ModelEvent, ModelError>> {
    let server = BedrockServer::start().await.unwrap();
    server.reply_next(MODEL, reply);
    say(&model_at(&server.endpoint_url()), asking("hello")).await
}

/// The same for an answer that comes to its end.
async fn events_of(reply: Reply) -> Vec<ModelEvent> {
    said(reply).await.into_iter().map(Result::unwrap).collect()
}
