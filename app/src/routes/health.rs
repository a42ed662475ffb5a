//! Whether the process lives, and whether it can serve.

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};

use crate::{http::problem::Problem, state::AppState};

/// The process is alive.
#[utoipa::path(get, path = "/healthz", tag = "health", responses((status = 200, description = "Alive.")))]
pub(crate) async fn healthz() -> &'static str {
    "ok"
}

/// The store answers.
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "health",
    responses(
        (status = 200, description = "Ready to serve."),
        (status = 503, description = "The store does not answer."),
    )
)]
pub(crate) async fn readyz(State(state): State<AppState>) -> Response {
    match state.store.ready().await {
        Ok(()) => "ready".into_response(),
        Err(error) => {
            let mut problem = Problem::from(error);
            problem.status = StatusCode::SERVICE_UNAVAILABLE;
            problem.into_response()
        }
    }
}
