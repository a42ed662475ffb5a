//! What went wrong, said by a status, by an error object or by the connection.
//!
//! The error object is `{"error":{"message","type","param","code"}}`
//! (<https://platform.openai.com/docs/guides/error-codes>); other servers send parts of it, a bare
//! text, or `{"message"}` or `{"detail"}` without the object around it.

use std::{error::Error, sync::Arc, time::Duration};

use reqwest::{StatusCode, header::HeaderMap};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use tidewire_domain::ModelError;

use crate::provider_text::{one_line, says_context_too_long};

/// Makes errors that name the server, and never the key.
#[derive(Debug, Clone)]
pub(super) struct Failure {
    base_url: Arc<str>,
    api_key: Option<SecretString>,
}

impl Failure {
    /// Errors of the server at `base_url`, which is called with `api_key`.
    pub(super) fn new(base_url: &str, api_key: Option<&SecretString>) -> Self {
        Self {
            base_url: base_url.into(),
            api_key: api_key.cloned(),
        }
    }

    /// A request that was answered by nothing.
    pub(super) fn of_transport(&self, error: reqwest::Error) -> ModelError {
        if error.is_timeout() && !error.is_connect() {
            return ModelError::Timeout;
        }
        let what = if error.is_connect() {
            "cannot be reached"
        } else {
            "broke off before it answered"
        };
        let error = error.without_url();
        let mut cause: &dyn Error = &error;
        while let Some(source) = cause.source() {
            cause = source;
        }
        ModelError::Unavailable(format!("{} {what}: {cause}", self.base_url))
    }

    /// A response that is no answer.
    pub(super) fn of_response(
        &self,
        status: StatusCode,
        headers: &HeaderMap,
        body: &[u8],
    ) -> ModelError {
        let said = self.read(body);
        if status.is_redirection() {
            return ModelError::Rejected(format!(
                "{} redirects elsewhere ({status}): give the address that it redirects to",
                self.base_url
            ));
        }
        match typed(status.as_u16(), &said) {
            ModelError::Throttled { .. } => ModelError::Throttled {
                retry_after: retry_after(headers),
            },
            error => error,
        }
    }

    /// An error object inside the stream.
    pub(super) fn of_event(&self, error: &Value) -> ModelError {
        let said = self.said(error);
        let status = said.code.parse().unwrap_or(match said.kind.as_str() {
            "rate_limit_error" | "rate_limit_exceeded" | "tokens" | "requests" => 429,
            "invalid_request_error" | "BadRequestError" => 400,
            "authentication_error" | "permission_error" => 403,
            "not_found_error" | "NotFoundError" => 404,
            "timeout_error" => 408,
            _ => 500,
        });
        typed(status, &said)
    }

    fn read(&self, body: &[u8]) -> Said {
        match serde_json::from_slice::<Value>(body) {
            Ok(value) => self.said(value.get("error").unwrap_or(&value)),
            Err(_) => self.said(&Value::String(String::from_utf8_lossy(body).into_owned())),
        }
    }

    fn said(&self, error: &Value) -> Said {
        let field = |name: &str| match error.get(name) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Number(number)) => number.to_string(),
            _ => String::new(),
        };
        let text = match (error, error.get("message"), error.get("detail")) {
            (Value::String(text), ..)
            | (_, Some(Value::String(text)), _)
            | (_, None, Some(Value::String(text))) => text.clone(),
            (other, ..) => other.to_string(),
        };
        Said {
            text: self.presentable(&text),
            kind: field("type"),
            code: field("code"),
        }
    }

    /// One line, not too long, without the key: some servers quote the key that they refuse.
    fn presentable(&self, text: &str) -> String {
        let text = match &self.api_key {
            Some(key) if !key.expose_secret().is_empty() => {
                text.replace(key.expose_secret(), "***")
            }
            _ => text.to_owned(),
        };
        one_line(&text)
    }
}

/// What a provider said went wrong.
#[derive(Debug)]
struct Said {
    text: String,
    kind: String,
    code: String,
}

fn typed(status: u16, said: &Said) -> ModelError {
    let text = || {
        if said.text.is_empty() {
            format!("it answered with status {status}")
        } else {
            said.text.clone()
        }
    };
    match said.code.as_str() {
        "context_length_exceeded" => return ModelError::ContextTooLong,
        // A quota that is used up comes with 429, but waiting does not help: somebody has to pay.
        "invalid_api_key" | "insufficient_quota" => return ModelError::AccessDenied(text()),
        "model_not_found" => return ModelError::UnknownModel(text()),
        "rate_limit_exceeded" => return ModelError::Throttled { retry_after: None },
        _ => {}
    }
    match status {
        401..=403 => ModelError::AccessDenied(text()),
        404 => ModelError::UnknownModel(text()),
        408 | 504 => ModelError::Timeout,
        429 => ModelError::Throttled { retry_after: None },
        _ if is_context_too_long(said) => ModelError::ContextTooLong,
        500.. => ModelError::Unavailable(text()),
        _ => ModelError::Rejected(text()),
    }
}

/// llama.cpp names it; of the others only the text tells.
fn is_context_too_long(said: &Said) -> bool {
    said.kind == "exceed_context_size_error" || says_context_too_long(&said.text)
}

/// Seconds; OpenAI's own servers also send milliseconds. A date, which the header may hold too, is
/// not worth a clock: nobody of this field sends one.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let number = |name: &str| -> Option<f64> { headers.get(name)?.to_str().ok()?.parse().ok() };
    let seconds = number("retry-after-ms")
        .map(|milliseconds| milliseconds / 1000.0)
        .or_else(|| number("retry-after"))?;
    Duration::try_from_secs_f64(seconds).ok()
}
