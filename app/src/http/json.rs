//! Request bodies in JSON, with errors that say what is wrong and where.

use std::time::Duration;

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::{StatusCode, header},
};
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use super::problem::Problem;

/// How long a client may take to send a body.
const BODY_TIMEOUT: Duration = Duration::from_mins(1);

/// A body, whole, and what it says.
pub(crate) struct JsonBody<T> {
    pub(crate) value: T,
    pub(crate) bytes: Bytes,
}

/// Reads a body. Without one, `T` is read from the empty object.
pub(crate) async fn read_json<T: DeserializeOwned>(
    request: Request,
) -> Result<JsonBody<T>, Problem> {
    let is_json = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|media_type| {
            let media_type = media_type.trim().to_ascii_lowercase();
            media_type == "application/json" || media_type.ends_with("+json")
        });
    let bytes = match timeout(BODY_TIMEOUT, Bytes::from_request(request, &())).await {
        Ok(Ok(bytes)) => bytes,
        Ok(Err(rejection)) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            return Err(Problem::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "body_too_large",
                "The body is larger than this service takes (server.max_body_bytes).",
            ));
        }
        Ok(Err(_)) => {
            return Err(Problem::new(
                StatusCode::BAD_REQUEST,
                "body_cut",
                "The body did not arrive whole.",
            ));
        }
        Err(_) => {
            return Err(Problem::new(
                StatusCode::REQUEST_TIMEOUT,
                "body_timeout",
                "The body did not arrive in time.",
            ));
        }
    };
    // A page of another site can post text or a form without asking first, but not JSON.
    if !is_json && !bytes.is_empty() {
        return Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "not_json",
            "Send the body as Content-Type: application/json.",
        ));
    }
    let text: &[u8] = if bytes.is_empty() { b"{}" } else { &bytes };
    match serde_json::from_slice(text) {
        // serde takes an array for a struct too, its fields by their places.
        Ok(_) if !text.trim_ascii_start().starts_with(b"{") => Err(Problem::invalid(
            "The body does not fit: expected a JSON object.",
        )),
        Ok(value) => Ok(JsonBody { value, bytes }),
        Err(error) if error.is_data() => {
            Err(Problem::invalid(format!("The body does not fit: {error}.")))
        }
        Err(error) => Err(Problem::new(
            StatusCode::BAD_REQUEST,
            "malformed_json",
            format!("The body is not JSON: {error}."),
        )),
    }
}
