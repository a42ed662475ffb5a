//! A name for every request, and the headers that every answer carries.

use std::{future::Future, time::Instant};

use axum::{
    extract::Request,
    http::{HeaderName, HeaderValue, header},
    middleware::Next,
    response::Response,
};
use tracing::{Instrument, debug, info, info_span};
use uuid::Uuid;

/// Where the name travels.
pub(crate) const TRACE_HEADER: HeaderName = HeaderName::from_static("x-trace-id");

tokio::task_local! {
    static TRACE_ID: String;
}

/// The name of the request that is being answered.
pub(crate) fn current_trace_id() -> String {
    TRACE_ID.try_with(Clone::clone).unwrap_or_default()
}

/// Names the request, answers with the name, logs one line.
pub(crate) async fn trace(request: Request, next: Next) -> Response {
    let trace_id = request
        .headers()
        .get(TRACE_HEADER)
        .and_then(|given| given.to_str().ok())
        .filter(|given| is_well_formed(given))
        .map_or_else(|| Uuid::new_v4().simple().to_string(), str::to_owned);
    let method = request.method().clone();
    // The path alone: a query may hold what a log should not.
    let path = request.uri().path().to_owned();
    let began = Instant::now();
    let mut response = within(&trace_id, next.run(request)).await;
    let status = response.status().as_u16();
    let ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    if path == "/healthz" || path == "/readyz" || path.starts_with("/assets/") {
        debug!(%method, path, status, ms, trace_id, "answered");
    } else {
        info!(%method, path, status, ms, trace_id, "answered");
    }
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::try_from(trace_id) {
        headers.insert(TRACE_HEADER, value);
    }
    headers
        .entry(header::X_CONTENT_TYPE_OPTIONS)
        .or_insert(HeaderValue::from_static("nosniff"));
    response
}

async fn within<F: Future>(trace_id: &str, future: F) -> F::Output {
    let span = info_span!("request", trace_id);
    TRACE_ID
        .scope(trace_id.to_owned(), future)
        .instrument(span)
        .await
}

/// Long enough to be somebody's, short enough for a log, and nothing that a log or a header could
/// be broken with.
fn is_well_formed(id: &str) -> bool {
    (8..=128).contains(&id.len())
        && id
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b':'))
}
