//! A model for the latency tests: an OpenAI-compatible server in this process, whose every delta
//! says when it was sent.

use std::{
    convert::Infallible,
    net::{Ipv4Addr, SocketAddr},
    sync::OnceLock,
    time::{Duration, Instant},
};

use anyhow::Result;
use axum::{
    Router,
    body::{Body, Bytes},
    http::header,
    response::{IntoResponse, Response},
    routing::post,
};
use futures_util::stream;

/// The moment that all stamps count from.
pub(crate) fn epoch() -> Instant {
    static EPOCH: OnceLock<Instant> = OnceLock::new();
    *EPOCH.get_or_init(Instant::now)
}

/// Starts the server: `count` deltas to each request, `gap` apart.
pub(crate) fn start(count: u32, gap: Duration) -> Result<SocketAddr> {
    epoch();
    let listener = tidewire::listen((Ipv4Addr::LOCALHOST, 0).into())?;
    let address = listener.local_addr()?;
    let router = Router::new().route(
        "/v1/chat/completions",
        post(move || async move { answer(count, gap) }),
    );
    tokio::spawn(tidewire::serve(
        listener,
        router,
        std::future::pending(),
        async {},
    ));
    Ok(address)
}

fn answer(count: u32, gap: Duration) -> Response {
    let began = tokio::time::Instant::now();
    let frames = stream::unfold(0, move |index| async move {
        if index > count {
            return None;
        }
        if index == count {
            let end = "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
            return Some((Ok::<_, Infallible>(Bytes::from(end)), index + 1));
        }
        if !gap.is_zero() {
            tokio::time::sleep_until(began + gap * index).await;
        }
        let stamp = epoch().elapsed().as_nanos();
        let frame = format!(
            "data: {{\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"@{stamp};\"}},\"finish_reason\":null}}]}}\n\n"
        );
        Some((Ok(Bytes::from(frame)), index + 1))
    });
    (
        [(header::CONTENT_TYPE, "text/event-stream")],
        Body::from_stream(frames),
    )
        .into_response()
}
