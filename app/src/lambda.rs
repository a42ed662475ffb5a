//! The front without an adapter: the same router, fed by Lambda's Runtime API.

use std::future::Future;

use axum::{
    Router,
    body::Body,
    http::{HeaderName, Request, Response, header},
};
use lambda_http::{run_with_streaming_response, service_fn};
use tower::ServiceExt;
use tracing::error;

/// Where the function of CloudFront puts the client's own `Authorization`, which origin access
/// control overwrites. The Lambda Web Adapter moves it back where it is in front.
const CARRIER: HeaderName = HeaderName::from_static("x-tidewire-authorization");

/// Answers invocations until `shutdown`, then lets `drain` end what runs.
pub(crate) async fn answer_invocations(
    router: Router,
    shutdown: impl Future<Output = ()>,
    drain: impl Future<Output = ()>,
) {
    let mut invocations = tokio::spawn(run_with_streaming_response(service_fn(move |request| {
        answer(router.clone(), request)
    })));
    tokio::select! {
        ended = &mut invocations => {
            if let Ok(Err(error)) = ended {
                error!(%error, "cannot ask Lambda's Runtime API for work");
            }
        }
        () = shutdown => {
            drain.await;
            invocations.abort();
        }
    }
}

async fn answer(
    router: Router,
    request: lambda_http::Request,
) -> Result<Response<Body>, lambda_http::Error> {
    let (mut head, body) = request.into_parts();
    if let Some(authorization) = head.headers.remove(CARRIER) {
        head.headers.insert(header::AUTHORIZATION, authorization);
    }
    let body = match body {
        lambda_http::Body::Text(text) => Body::from(text),
        lambda_http::Body::Binary(bytes) => Body::from(bytes),
        _ => Body::empty(),
    };
    Ok(router.oneshot(Request::from_parts(head, body)).await?)
}
