//! A handler that panics: its caller gets an answer in the caller's dialect, the log the cause.

use std::{any::Any, panic::AssertUnwindSafe};

use axum::{extract::Request, middleware::Next, response::Response};
use futures_util::FutureExt;
use tracing::error;

use super::{openai_error::answer, problem::Problem};

/// Answers for handlers that panic. (tower-http's layer does not tell which request it was, and the
/// dialect of the answer hangs on that.)
pub(crate) async fn catch_panic(request: Request, next: Next) -> Response {
    let uri = request.uri().clone();
    // Nothing of the request is looked at after a panic, so nothing half-changed can be seen.
    match AssertUnwindSafe(next.run(request)).catch_unwind().await {
        Ok(response) => response,
        Err(panic) => {
            error!(panic = said(panic.as_ref()), "a handler panicked");
            answer(&uri, Problem::internal())
        }
    }
}

fn said(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("?")
}

#[cfg(test)]
mod tests {
    use axum::{
        Router,
        body::{Body, to_bytes},
        middleware::from_fn,
        routing::get,
    };
    use serde_json::Value;
    use tower::ServiceExt;

    use super::*;

    async fn body_after_panic(path: &str) -> Value {
        let router = Router::new()
            .route(path, get(async || -> Response { panic!("secret detail") }))
            .layer(from_fn(catch_panic));
        let request = Request::get(path).body(Body::empty()).unwrap();
        let response = router.oneshot(request).await.unwrap();
        assert_eq!(response.status(), 500);
        let body = to_bytes(response.into_body(), 4096).await.unwrap();
        assert!(!String::from_utf8_lossy(&body).contains("secret"));
        serde_json::from_slice(&body).unwrap()
    }

    #[tokio::test]
    async fn each_dialect_has_its_own_error() {
        let problem = body_after_panic("/api/session").await;
        assert_eq!(problem["code"], "internal");
        let error = body_after_panic("/v1/models").await;
        assert_eq!(error["error"]["type"], "server_error");
        assert_eq!(error["error"]["code"], "internal");
    }
}
