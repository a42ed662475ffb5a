//! What went wrong, said by an exception or by the connection.
//!
//! The exceptions are those of the API
//! (<https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html#API_runtime_ConverseStream_Errors>)
//! and the ones that all services of AWS have in common
//! (<https://docs.aws.amazon.com/bedrock/latest/APIReference/CommonErrors.html>). They are told
//! apart by name, since inside the stream some come that the SDK does not know there.

use std::{error::Error, sync::Arc, time::Duration};

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_bedrockruntime::config::http::HttpResponse;
use aws_sdk_bedrockruntime::{
    error::SdkError, operation::converse_stream::ConverseStreamError,
    types::error::ConverseStreamOutputError,
};
use aws_smithy_types::{
    event_stream::{Message, RawMessage},
    str_bytes::StrBytes,
};
use tidewire_domain::ModelError;

use crate::provider_text::{one_line, says_context_too_long};

/// Makes errors that name the model.
#[derive(Debug, Clone)]
pub(super) struct Failure {
    model_id: Arc<str>,
}

impl Failure {
    /// Errors of calls of this model.
    pub(super) fn new(model_id: &str) -> Self {
        Self {
            model_id: model_id.into(),
        }
    }

    /// A call that was answered by no stream.
    pub(super) fn of_call(
        &self,
        error: &SdkError<ConverseStreamError, HttpResponse>,
    ) -> ModelError {
        match error {
            SdkError::ServiceError(context) => {
                let said = context.err().meta();
                let retry_after = retry_after(context.raw());
                match said.code() {
                    Some(code) => self.typed(code, said.message(), retry_after),
                    None => self.typed_by_status(context.raw(), retry_after),
                }
            }
            SdkError::TimeoutError(_) => ModelError::Timeout,
            SdkError::ResponseError(_) => ModelError::Protocol(one_line(&cause_of(error))),
            _ if find::<CredentialsError>(error).is_some() => no_credentials(),
            SdkError::DispatchFailure(_) => ModelError::Unavailable(format!(
                "Bedrock cannot be reached: {}",
                one_line(&cause_of(error))
            )),
            _ => ModelError::Rejected(one_line(&cause_of(error))),
        }
    }

    /// A stream that broke.
    pub(super) fn of_stream(
        &self,
        error: &SdkError<ConverseStreamOutputError, RawMessage>,
    ) -> ModelError {
        match error {
            SdkError::ServiceError(context) => {
                let said = context.err().meta();
                let named = match context.raw() {
                    RawMessage::Decoded(message) => header(message, ":exception-type"),
                    _ => None,
                };
                let code = named.or(said.code()).unwrap_or_default();
                self.typed(code, said.message(), None)
            }
            SdkError::ResponseError(context) => match context.raw() {
                // `:message-type` `error`, which the SDK does not read.
                RawMessage::Decoded(message) => match header(message, ":error-code") {
                    Some(code) => self.typed(code, header(message, ":error-message"), None),
                    None => ModelError::Protocol(one_line(&cause_of(error))),
                },
                // Half a frame, and then the end. The SDK checks nothing before the whole of a frame is
                // there, so garbage that spells a great length ends here as well.
                RawMessage::Invalid(Some(_)) => ModelError::Cut,
                _ => ModelError::Protocol(one_line(&cause_of(error))),
            },
            _ => ModelError::Cut,
        }
    }

    /// The error for an exception of this name, however its first letter is written.
    fn typed(
        &self,
        code: &str,
        message: Option<&str>,
        retry_after: Option<Duration>,
    ) -> ModelError {
        let message = message.unwrap_or_default();
        let text = || {
            if message.is_empty() {
                code.to_owned()
            } else {
                one_line(message)
            }
        };
        let name = code.strip_suffix("Exception").unwrap_or(code);
        match name.to_ascii_lowercase().as_str() {
            "throttling" | "servicequotaexceeded" | "toomanyrequests" => {
                ModelError::Throttled { retry_after }
            }
            "validation" if is_context_too_long(message) => ModelError::ContextTooLong,
            "validation" => ModelError::Rejected(text()),
            "accessdenied" | "notauthorized" => self.access_denied(message),
            "expiredtoken"
            | "unrecognizedclient"
            | "invalidclienttokenid"
            | "incompletesignature"
            | "invalidsignature"
            | "missingauthenticationtoken"
            | "optinrequired" => self.bad_credentials(message),
            "modeltimeout" | "requesttimeout" => ModelError::Timeout,
            "resourcenotfound" => ModelError::UnknownModel(text()),
            _ => ModelError::Unavailable(text()),
        }
    }

    /// The error where something between us and Bedrock answered, in words of its own.
    fn typed_by_status(
        &self,
        response: &HttpResponse,
        retry_after: Option<Duration>,
    ) -> ModelError {
        let status = response.status().as_u16();
        match status {
            429 => ModelError::Throttled { retry_after },
            408 | 504 => ModelError::Timeout,
            401 | 403 => self.access_denied(""),
            404 => ModelError::UnknownModel(format!("{} (status 404)", self.model_id)),
            500.. => ModelError::Unavailable(format!("it answered with status {status}")),
            _ => ModelError::Rejected(format!("it answered with status {status}")),
        }
    }

    // AWS names accounts and roles in these, which are nobody's business but the operator's: the
    // texts go to the log, and the error says the way out.

    fn access_denied(&self, message: &str) -> ModelError {
        let model_id = &self.model_id;
        tracing::warn!(%model_id, message, "AWS denied access to the model");
        ModelError::AccessDenied(format!(
            "this server's AWS role may not use {model_id}: allow it \
             bedrock:InvokeModelWithResponseStream on the model, and check that the model is \
             available to the account in this region"
        ))
    }

    fn bad_credentials(&self, message: &str) -> ModelError {
        let model_id = &self.model_id;
        tracing::warn!(%model_id, message, "AWS refused the credentials");
        ModelError::AccessDenied(
            "this server's AWS credentials have expired or are not valid: sign in again (such as \
             with `aws sso login`), or renew the access key"
                .into(),
        )
    }
}

fn no_credentials() -> ModelError {
    ModelError::AccessDenied(
        "this server has no AWS credentials: sign in (such as with `aws sso login`), set \
         AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give it a role"
            .into(),
    )
}

fn is_context_too_long(message: &str) -> bool {
    let message = message.to_ascii_lowercase();
    says_context_too_long(&message) || message.contains("too long") || message.contains("context")
}

fn header<'a>(message: &'a Message, name: &str) -> Option<&'a str> {
    let header = message
        .headers()
        .iter()
        .find(|header| header.name().as_str() == name)?;
    header.value().as_string().ok().map(StrBytes::as_str)
}

/// Seconds. Bedrock does not document that it sends them; what stands before it may.
fn retry_after(response: &HttpResponse) -> Option<Duration> {
    let seconds: f64 = response.headers().get("retry-after")?.parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}

fn find<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    std::iter::successors(Some(error), |&error| error.source())
        .find_map(|error| error.downcast_ref())
}

/// The innermost error's words.
fn cause_of(error: &(dyn Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |&error| error.source());
    causes.last().map(ToString::to_string).unwrap_or_default()
}
