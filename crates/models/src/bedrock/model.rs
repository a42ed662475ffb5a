//! A model on Bedrock.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_bedrockruntime::{
    Client,
    config::{Builder, StalledStreamProtectionConfig, retry::RetryConfig},
};
use tidewire_aws::Aws;
use tidewire_domain::{ChatModel, ModelError, ModelRequest, ModelStream};
use tokio::sync::OnceCell;

use super::{
    failure::Failure,
    request::{Request, converse_request},
    stream::answer_stream,
};
use crate::retry::retry_throttled;

/// A model on Bedrock, or an inference profile.
///
/// What is said of waiting at [`crate::openai_compatible::OpenAiCompatible`] holds here as well.
#[derive(Debug)]
pub struct Bedrock {
    aws: Arc<Aws>,
    client: OnceCell<Client>,
    model_id: String,
}

impl Bedrock {
    /// The model or inference profile with this id or ARN, such as
    /// `eu.anthropic.claude-sonnet-4-5-20250929-v1:0`. Opens no connection.
    pub fn new(aws: Arc<Aws>, model_id: impl Into<String>) -> Self {
        Self {
            aws,
            client: OnceCell::new(),
            model_id: model_id.into(),
        }
    }

    async fn client(&self) -> Result<&Client, ModelError> {
        let make = || async {
            let shared = self.aws.sdk_config().await;
            if shared.region().is_none() {
                return Err(ModelError::Rejected(
                    "no AWS region is set: set one in the settings or in AWS_REGION".into(),
                ));
            }
            let config = Builder::from(shared)
                // `retry_throttled` does it, for all providers alike.
                .retry_config(RetryConfig::disabled())
                // A model may think for longer than the SDK lets a body be silent.
                .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
                .build();
            Ok(Client::from_conf(config))
        };
        self.client.get_or_try_init(make).await
    }

    /// Makes the call once, up to the first piece of the answer.
    async fn attempt(&self, client: &Client, request: Request) -> Result<ModelStream, ModelError> {
        let failure = Failure::new(&self.model_id);
        let response = client
            .converse_stream()
            .model_id(&self.model_id)
            .set_system(request.system)
            .set_messages(Some(request.messages))
            .set_inference_config(request.inference)
            .set_tool_config(request.tools)
            .set_output_config(request.output)
            .send()
            .await
            .map_err(|error| failure.of_call(&error))?;
        answer_stream(response.stream, failure).await
    }
}

#[async_trait]
impl ChatModel for Bedrock {
    async fn stream(&self, request: ModelRequest) -> Result<ModelStream, ModelError> {
        let request = converse_request(&request)?;
        let client = self.client().await?;
        retry_throttled(|| self.attempt(client, request.clone())).await
    }
}
