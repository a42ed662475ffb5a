//! The peer: a bare Axum handler that streams the same frames as Tidewire and does nothing else.
//!
//! `PORT` to listen on; `LISTENER=own` serves behind Tidewire's listener, else behind `axum::serve`
//! with Nagle's algorithm off.

use std::{env, fmt::Write, net::Ipv4Addr, pin::Pin, task::Poll, time::Duration};

use axum::{
    Json, Router,
    body::{Body, Bytes},
    extract::Query,
    http::header,
    response::{IntoResponse, Response},
    routing::{get, post},
    serve::ListenerExt,
};
use futures_util::stream::{self, Stream};
use serde::Deserialize;
use tokio::time::{Instant, sleep_until};

/// Tidewire's allocator, so that what is compared is the program around it.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

#[derive(Deserialize)]
struct Asked {
    count: u64,
    #[serde(default)]
    gap_ms: u64,
    /// Whether every token leaves alone.
    #[serde(default)]
    each: bool,
    #[serde(default)]
    openai: bool,
}

fn frame(asked: &Asked, index: u64) -> Bytes {
    let mut frame = String::with_capacity(256);
    // Writing to memory cannot fail.
    let _ = if asked.openai {
        write!(
            frame,
            "data: {{\"id\":\"chatcmpl-0123456789abcdef0123456789abcdef\",\"object\":\"chat.completion.chunk\",\
             \"created\":1795173093,\"model\":\"offline\",\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\" token\"}},\
             \"logprobs\":null,\"finish_reason\":null}}]}}\n\n"
        )
    } else {
        write!(
            frame,
            "id: {index}\nevent: text_delta\ndata: {{\"text\":\" token\"}}\n\n"
        )
    };
    Bytes::from(frame)
}

fn last(asked: &Asked) -> Bytes {
    Bytes::from_static(if asked.openai {
        b"data: [DONE]\n\n"
    } else {
        b"event: turn_finished\ndata: {\"finish_reason\":\"stop\"}\n\n"
    })
}

/// Answers the request that Tidewire gets: it reads the body, and streams what the query asks for.
async fn events(Query(asked): Query<Asked>, Json(_): Json<serde_json::Value>) -> Response {
    let frames: Pin<Box<dyn Stream<Item = Result<Bytes, std::io::Error>> + Send>> =
        if asked.gap_ms == 0 {
            Box::pin(unpaced(asked))
        } else {
            Box::pin(paced(asked))
        };
    let headers = [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, Body::from_stream(frames)).into_response()
}

fn paced(asked: Asked) -> impl Stream<Item = Result<Bytes, std::io::Error>> {
    let began = Instant::now();
    stream::unfold((asked, 0), move |(asked, index)| async move {
        if index > asked.count {
            return None;
        }
        if index == asked.count {
            return Some((Ok(last(&asked)), (asked, index + 1)));
        }
        if index > 0 {
            sleep_until(began + Duration::from_millis(asked.gap_ms * index)).await;
        }
        Some((Ok(frame(&asked, index)), (asked, index + 1)))
    })
}

fn unpaced(asked: Asked) -> impl Stream<Item = Result<Bytes, std::io::Error>> {
    let mut index = 0;
    let mut gave_way = false;
    stream::poll_fn(move |cx| {
        if asked.each && !std::mem::replace(&mut gave_way, true) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        gave_way = false;
        index += 1;
        Poll::Ready(match index {
            index if index <= asked.count => Some(Ok(frame(&asked, index))),
            index if index == asked.count + 1 => Some(Ok(last(&asked))),
            _ => None,
        })
    })
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let port: u16 = env::var("PORT")
        .ok()
        .and_then(|port| port.parse().ok())
        .unwrap_or(0);
    let router = Router::new()
        .route("/readyz", get(|| async { "ready" }))
        .route("/events", post(events));
    let listener = tidewire::listen((Ipv4Addr::LOCALHOST, port).into())?;
    if env::var("LISTENER").is_ok_and(|listener| listener == "own") {
        let never = std::future::pending::<()>();
        tidewire::serve(listener, router, never, async {}).await;
        return Ok(());
    }
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    axum::serve(listener, router).await
}
