//! Errors of `/api`: problem documents after RFC 9457, with a stable `code` and the trace id.

use std::time::Duration;

use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use tidewire_chat::{ChatError, sentence};
use tidewire_domain::{ModelError, StoreError, TurnId};
use tracing::error;
use utoipa::ToSchema;

use super::trace::current_trace_id;

/// An error on its way to a client, in whichever dialect.
#[derive(Debug, Clone)]
pub(crate) struct Problem {
    /// The status.
    pub status: StatusCode,
    /// Stable, in snake case.
    pub code: &'static str,
    /// What is wrong, and the way out.
    pub detail: String,
    /// The turn that is in the way.
    pub active_turn: Option<TurnId>,
    /// How long to wait before the same request is worth another try, where somebody said.
    pub retry_after: Option<Duration>,
}

/// The headers that go with a problem, whatever its dialect.
pub(super) fn headers(status: StatusCode, retry_after: Option<Duration>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    if status == StatusCode::UNAUTHORIZED {
        let scheme = HeaderValue::from_static("Bearer realm=\"tidewire\"");
        headers.insert(header::WWW_AUTHENTICATE, scheme);
    }
    if let Some(wait) = retry_after {
        // Whole seconds: early by a fraction would be refused again.
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        headers.insert(header::RETRY_AFTER, seconds.into());
    }
    headers
}

/// The document that travels.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProblemDocument {
    /// `about:blank`: the code says more.
    r#type: &'static str,
    /// The status in words.
    title: &'static str,
    /// The status.
    status: u16,
    /// What is wrong, and the way out.
    detail: String,
    /// Stable, in snake case: what programs look at.
    code: &'static str,
    /// Names the request in the service's log.
    trace_id: String,
    /// The turn that runs, with the code `turn_active`.
    #[serde(skip_serializing_if = "Option::is_none")]
    active_turn: Option<TurnId>,
}

impl Problem {
    pub(crate) fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            status,
            code,
            detail: detail.into(),
            active_turn: None,
            retry_after: None,
        }
    }

    pub(crate) fn not_found(what: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "not_found",
            format!("There is no such {what}."),
        )
    }

    pub(crate) fn invalid(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_request", detail)
    }

    pub(crate) fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "Something went wrong in the service. Its log has more, under this trace id.",
        )
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let document = ProblemDocument {
            r#type: "about:blank",
            title: self.status.canonical_reason().unwrap_or("Error"),
            status: self.status.as_u16(),
            detail: self.detail,
            code: self.code,
            trace_id: current_trace_id(),
            active_turn: self.active_turn,
        };
        let body = serde_json::to_vec(&document).unwrap_or_default();
        let json = HeaderValue::from_static("application/problem+json");
        let headers = headers(self.status, self.retry_after);
        (self.status, headers, [(header::CONTENT_TYPE, json)], body).into_response()
    }
}

impl From<ChatError> for Problem {
    fn from(error: ChatError) -> Self {
        let detail = sentence(&error.to_string());
        let (status, code) = match error {
            ChatError::UnknownModel { .. } => (StatusCode::UNPROCESSABLE_ENTITY, "unknown_model"),
            ChatError::EmptyMessage => (StatusCode::UNPROCESSABLE_ENTITY, "empty_message"),
            ChatError::MessageTooLong { .. } => (StatusCode::PAYLOAD_TOO_LARGE, "message_too_long"),
            ChatError::NulCharacter => (StatusCode::UNPROCESSABLE_ENTITY, "nul_character"),
            ChatError::NoImages(_) => (StatusCode::UNPROCESSABLE_ENTITY, "images_not_supported"),
            ChatError::TurnActive(turn_id) => {
                return Self {
                    active_turn: Some(turn_id),
                    ..Self::new(StatusCode::CONFLICT, "turn_active", detail)
                };
            }
            ChatError::ShuttingDown => (StatusCode::SERVICE_UNAVAILABLE, "shutting_down"),
            ChatError::Model(error) => return error.into(),
            ChatError::Store(error) => return error.into(),
        };
        Self::new(status, code, detail)
    }
}

impl From<ModelError> for Problem {
    fn from(error: ModelError) -> Self {
        let status = match &error {
            ModelError::Throttled { .. } => StatusCode::TOO_MANY_REQUESTS,
            ModelError::ContextTooLong | ModelError::Rejected(_) => StatusCode::BAD_REQUEST,
            ModelError::AccessDenied(_) | ModelError::UnknownModel(_) => StatusCode::BAD_GATEWAY,
            ModelError::Timeout => StatusCode::GATEWAY_TIMEOUT,
            ModelError::Unavailable(_) | ModelError::Cut | ModelError::Protocol(_) => {
                StatusCode::BAD_GATEWAY
            }
        };
        let mut problem = Self::new(status, error.code(), sentence(&error.to_string()));
        if let ModelError::Throttled { retry_after } = error {
            problem.retry_after = retry_after;
        }
        problem
    }
}

impl From<StoreError> for Problem {
    fn from(failure: StoreError) -> Self {
        match failure {
            StoreError::NotFound(what) => Self::not_found(what),
            StoreError::InvalidParent => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "invalid_parent",
                "The parent is not an assistant message of this conversation.",
            ),
            StoreError::TurnActive(turn) => ChatError::TurnActive(turn.key.turn_id).into(),
            StoreError::IdempotencyMismatch => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "idempotency_mismatch",
                "This Idempotency-Key came before with another request: use a new one.",
            ),
            StoreError::InvalidCursor => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "invalid_cursor",
                "The cursor is not one that this list gave out: start without one.",
            ),
            StoreError::Changed => Self::new(
                StatusCode::CONFLICT,
                "changed_meanwhile",
                "Somebody else changed it meanwhile: read it again, then try again.",
            ),
            StoreError::Full => Self::new(
                StatusCode::INSUFFICIENT_STORAGE,
                "storage_full",
                "The disk that holds the conversations is full: free some room and try again.",
            ),
            StoreError::LeaseLost => Self::internal(),
            StoreError::Unavailable(_) => {
                error!(%failure, "the store is not available");
                Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "storage_unavailable",
                    "The store does not answer: try again in a moment.",
                )
            }
            StoreError::Corrupt(_) | StoreError::NewerSchema { .. } => {
                error!(%failure, "the store cannot be used");
                Self::internal()
            }
        }
    }
}
