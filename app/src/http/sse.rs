//! Event streams: the body of a response that is fed by polling.
//!
//! The body never yields an error: behind the Lambda adapter an error would be written into the
//! stream as data. What goes wrong is an event, and then the stream ends.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::Body,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http_body::Frame;
use tokio::time::{Instant, Sleep, sleep};

/// CloudFront cuts an origin that is silent for 30 s; the first ping may be one interval late.
const PING_EVERY: Duration = Duration::from_secs(10);
const PING: &[u8] = b": ping\n\n";

/// Where frames come from. `None` ends the stream.
pub(crate) trait FrameSource: Send + Unpin + 'static {
    /// The next run of frames, not empty: all that is ready leaves in one write.
    fn poll_frames(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>>;
}

struct SseBody<S> {
    source: S,
    /// Moved only when it fires: a token does not touch the timer.
    ping: Pin<Box<Sleep>>,
    last_frame: Instant,
    over: bool,
}

impl<S: FrameSource> http_body::Body for SseBody<S> {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let this = &mut *self;
        if this.over {
            return Poll::Ready(None);
        }
        if let Poll::Ready(frames) = this.source.poll_frames(cx) {
            this.last_frame = Instant::now();
            this.over = frames.is_none();
            return Poll::Ready(frames.map(|frames| Ok(Frame::data(frames))));
        }
        while this.ping.as_mut().poll(cx).is_ready() {
            let due = this.last_frame + PING_EVERY;
            let now = Instant::now();
            if due <= now {
                this.last_frame = now;
                this.ping.as_mut().reset(now + PING_EVERY);
                return Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(PING)))));
            }
            this.ping.as_mut().reset(due);
        }
        Poll::Pending
    }
}

/// The response that streams what `source` brings.
pub(crate) fn event_stream(source: impl FrameSource) -> Response {
    let body = Body::new(SseBody {
        source,
        ping: Box::pin(sleep(PING_EVERY)),
        last_frame: Instant::now(),
        over: false,
    });
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/event-stream"),
        ),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        // nginx and its kin gather a response before they pass it on, unless told not to.
        (
            header::HeaderName::from_static("x-accel-buffering"),
            HeaderValue::from_static("no"),
        ),
    ];
    (headers, body).into_response()
}
