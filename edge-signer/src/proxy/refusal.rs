//! Answers that are the proxy's own.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use http_body_util::Full;
use serde_json::json;

/// Why a request was not passed on, or not answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    /// Stable, in snake case.
    pub(super) code: &'static str,
    /// What is wrong, and the way out.
    pub(super) message: String,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
        }
    }

    /// In the dialect of the path: OpenAI's under `/v1`, elsewhere a problem document (RFC 9457).
    pub(super) fn into_response(self, path: &str) -> Response<Full<Bytes>> {
        let Self {
            status,
            code,
            message,
        } = self;
        let is_openai = path == "/v1" || path.starts_with("/v1/");
        let (kind, body) = if is_openai {
            let kind = match status.as_u16() {
                403 => "permission_error",
                400..=499 => "invalid_request_error",
                _ => "server_error",
            };
            let error = json!({"message": message, "type": kind, "param": null, "code": code});
            ("application/json", json!({ "error": error }))
        } else {
            let problem = json!({
                "type": "about:blank",
                "title": status.canonical_reason().unwrap_or_default(),
                "status": status.as_u16(),
                "detail": message,
                "code": code,
            });
            ("application/problem+json", problem)
        };
        let mut response = Response::new(Full::from(body.to_string()));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}
