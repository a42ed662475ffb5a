//! What a function URL says instead of the function, as far as AWS has made it public.

use hyper::{Response, StatusCode, header};
use serde_json::json;

use crate::{
    body::{self, Body},
    lambda::InvokeError,
};

/// An answer of Lambda's own.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) error_type: &'static str,
    /// JSON.
    pub(super) body: String,
}

impl Refusal {
    pub(super) fn of_signature(refusal: &sigv4_verifier::Refusal) -> Self {
        Self {
            status: refusal.status(),
            error_type: refusal.error_type(),
            body: refusal.body(),
        }
    }

    /// The text is that of the Invoke operation; that a URL says the same is an inference.
    pub(super) fn too_large() -> Self {
        let message = "Request must be smaller than 6291456 bytes for the InvokeFunction operation";
        Self {
            status: StatusCode::PAYLOAD_TOO_LARGE,
            error_type: "RequestEntityTooLargeException",
            body: json!({"message": message}).to_string(),
        }
    }

    pub(super) fn broken_body() -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            error_type: "BadRequestException",
            body: json!({"message": "Bad Request"}).to_string(),
        }
    }

    /// A function that failed before its first byte: 502, and nothing of what it said.
    pub(super) fn of_invocation(error: &InvokeError) -> Self {
        if *error == InvokeError::Throttled {
            let body = json!({
                "Reason": "ConcurrentInvocationLimitExceeded",
                "Type": "User",
                "message": "Rate Exceeded."
            });
            return Self {
                status: StatusCode::TOO_MANY_REQUESTS,
                error_type: "TooManyRequestsException",
                body: body.to_string(),
            };
        }
        Self {
            status: StatusCode::BAD_GATEWAY,
            error_type: "InternalServerErrorException",
            body: json!({"message": "Internal Server Error"}).to_string(),
        }
    }

    pub(super) fn into_response(self) -> Response<Body> {
        let mut response = Response::new(body::full(self.body));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            header::HeaderValue::from_static("application/json"),
        );
        headers.insert(
            "x-amzn-errortype",
            header::HeaderValue::from_static(self.error_type),
        );
        response
    }
}
