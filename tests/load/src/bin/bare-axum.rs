//! The peer: a bare Axum handler that streams the same frames as Tidewire and does nothing else.
//!
//! `PORT` to listen on; `LISTENER=own` serves behind Tidewire's listener, else behind `axum::serve`
//! with Nagle's algorithm off.

use std::{env, fmt::Write, net::Ipv4Addr, pin::Pin, time::Duration};

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
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until},
};

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
        match (asked.gap_ms, asked.each) {
            (0, false) => Box::pin(at_once(asked)),
            (0, true) => Box::pin(one_by_one(asked)),
            _ => Box::pin(paced(asked)),
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

fn at_once(asked: Asked) -> impl Stream<Item = Result<Bytes, std::io::Error>> {
    let count = asked.count;
    stream::iter((0..=count).map(move |index| Ok(piece(&asked, index))))
}

/// One at a time, from another task: the next is there only after this one was taken.
fn one_by_one(asked: Asked) -> impl Stream<Item = Result<Bytes, std::io::Error>> {
    let (pieces, taken) = mpsc::channel(1);
    tokio::spawn(async move {
        for index in 0..=asked.count {
            if pieces.send(Ok(piece(&asked, index))).await.is_err() {
                return;
            }
        }
    });
    stream::unfold(taken, |mut taken| async move {
        Some((taken.recv().await?, taken))
    })
}

fn piece(asked: &Asked, index: u64) -> Bytes {
    if index == asked.count {
        last(asked)
    } else {
        frame(asked, index)
    }
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
