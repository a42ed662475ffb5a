//! Errors of `/v1`, in the shape that OpenAI's clients read.

use axum::{
    Json,
    http::{StatusCode, Uri},
    response::{IntoResponse, Response},
};
use serde_json::json;

use super::problem::{Problem, headers};

/// Answers a request with a problem, in the dialect of its path.
pub(crate) fn answer(uri: &Uri, problem: Problem) -> Response {
    if uri.path() == "/v1" || uri.path().starts_with("/v1/") {
        OpenAiError(problem).into_response()
    } else {
        problem.into_response()
    }
}

/// A problem for an OpenAI client.
#[derive(Debug)]
pub(crate) struct OpenAiError(pub(crate) Problem);

impl<T: Into<Problem>> From<T> for OpenAiError {
    fn from(error: T) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for OpenAiError {
    fn into_response(self) -> Response {
        let Problem {
            status,
            code,
            detail,
            retry_after,
            ..
        } = self.0;
        // OpenAI says 404 of a model that it does not have and 400 of what it cannot read.
        let status = match (status, code) {
            (_, "unknown_model") => StatusCode::NOT_FOUND,
            (StatusCode::UNPROCESSABLE_ENTITY, _) => StatusCode::BAD_REQUEST,
            (status, _) => status,
        };
        let code = match code {
            "unknown_model" => "model_not_found",
            "context_too_long" => "context_length_exceeded",
            "unauthenticated" => "invalid_api_key",
            "model_throttled" => "rate_limit_exceeded",
            code => code,
        };
        let kind = match status.as_u16() {
            401 => "authentication_error",
            403 => "permission_error",
            429 => "rate_limit_error",
            400..=499 => "invalid_request_error",
            _ => "server_error",
        };
        let body = json!({"error": {"message": detail, "type": kind, "param": null, "code": code}});
        (status, headers(status, retry_after), Json(body)).into_response()
    }
}
