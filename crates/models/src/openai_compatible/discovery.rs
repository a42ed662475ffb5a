//! Which models a server has.

use std::time::Duration;

use secrecy::SecretString;
use serde::Deserialize;
use tidewire_domain::ModelError;

use super::{connections::Connections, endpoint::Endpoint};

/// The longest list that is read.
const MAX_LIST_BYTES: usize = 4 << 20;

#[derive(Deserialize)]
struct ModelList {
    /// `null` where Ollama has no models.
    data: Option<Vec<ListedModel>>,
}

#[derive(Deserialize)]
struct ListedModel {
    id: String,
}

/// The names of the models at `base_url` (such as `http://127.0.0.1:11434/v1`), in the server's
/// order, from `GET {base_url}/models`
/// (<https://platform.openai.com/docs/api-reference/models/list>). Gives up after `timeout`.
///
/// Fails as a call of a model does; [`ModelError::Unavailable`] where nobody listens.
pub async fn discover(
    connections: &Connections,
    base_url: &str,
    api_key: Option<&SecretString>,
    timeout: Duration,
) -> Result<Vec<String>, ModelError> {
    let endpoint = Endpoint::new(base_url, api_key)?;
    let response = endpoint
        .authorized(
            connections
                .client(&endpoint.url)?
                .get(endpoint.at("models")),
        )
        .timeout(timeout)
        .send()
        .await
        .map_err(|error| endpoint.failure.of_transport(error))?;
    let (status, headers) = (response.status(), response.headers().clone());
    let body = endpoint.read_body(response, MAX_LIST_BYTES).await?;
    if !status.is_success() {
        return Err(endpoint.failure.of_response(status, &headers, &body));
    }
    let list: ModelList = serde_json::from_slice(&body)
        .map_err(|error| ModelError::Protocol(format!("not a list of models: {error}")))?;
    let models = list.data.unwrap_or_default();
    Ok(models.into_iter().map(|model| model.id).collect())
}
