//! Where a server is and how it is called.

use bytes::Bytes;
use reqwest::{
    RequestBuilder, Response, Url,
    header::{AUTHORIZATION, HeaderValue},
};
use secrecy::{ExposeSecret, SecretString};
use tidewire_domain::ModelError;

use super::failure::Failure;

/// A server's base address with the key for it.
#[derive(Debug, Clone)]
pub(super) struct Endpoint {
    pub(super) url: Url,
    pub(super) failure: Failure,
    /// Marked sensitive, so that nothing prints it.
    authorization: Option<HeaderValue>,
}

impl Endpoint {
    /// The server at `base_url`.
    pub(super) fn new(base_url: &str, api_key: Option<&SecretString>) -> Result<Self, ModelError> {
        let url = Url::parse(base_url)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
            .ok_or_else(|| {
                ModelError::Rejected(
                    "the base URL of a model is not an http:// or https:// address".into(),
                )
            })?;
        // What stands in errors: an address may hold a password, or a key in its query.
        let mut shown = url.clone();
        let _ = shown.set_username("");
        let _ = shown.set_password(None);
        shown.set_query(None);
        let authorization = api_key
            .map(|key| HeaderValue::try_from(format!("Bearer {}", key.expose_secret())))
            .transpose()
            .map_err(|_| {
                ModelError::AccessDenied(format!(
                    "the API key for {shown} holds characters that no HTTP header may hold"
                ))
            })?
            .map(|mut value| {
                value.set_sensitive(true);
                value
            });
        Ok(Self {
            failure: Failure::new(shown.as_str(), api_key),
            url,
            authorization,
        })
    }

    /// The address of `path` under the base address.
    pub(super) fn at(&self, path: &str) -> Url {
        let mut url = self.url.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path.split('/'));
        }
        url
    }

    /// Adds the key, where there is one.
    pub(super) fn authorized(&self, request: RequestBuilder) -> RequestBuilder {
        match &self.authorization {
            Some(value) => request.header(AUTHORIZATION, value),
            None => request,
        }
    }

    /// A whole body, of which more than `max_bytes` is a breach of protocol where it is an answer, and
    /// of no interest where it is an error.
    pub(super) async fn read_body(
        &self,
        mut response: Response,
        max_bytes: usize,
    ) -> Result<Bytes, ModelError> {
        let mut body = Vec::new();
        loop {
            match response.chunk().await {
                Ok(Some(bytes)) => body.extend_from_slice(&bytes),
                Ok(None) => return Ok(body.into()),
                Err(error) if error.is_timeout() => return Err(ModelError::Timeout),
                Err(_) => return Err(ModelError::Cut),
            }
            if body.len() > max_bytes {
                if response.status().is_success() {
                    return Err(ModelError::Protocol(format!(
                        "an answer is longer than {max_bytes} bytes"
                    )));
                }
                body.truncate(max_bytes);
                return Ok(body.into());
            }
        }
    }
}
