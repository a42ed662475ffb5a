//! Bodies on their way through the stages.

use std::convert::Infallible;

use bytes::Bytes;
use http_body_util::{BodyExt, Empty, Full, StreamBody, combinators::UnsyncBoxBody};
use hyper::body::Frame;
use tokio::sync::mpsc;

/// A body broke off: whoever sends it on breaks its connection too, so that nobody takes a part for
/// the whole.
#[derive(Debug, thiserror::Error)]
#[error("the body broke off")]
pub struct Broken;

/// A body of any stage.
pub type Body = UnsyncBoxBody<Bytes, Broken>;

/// Pieces that wait between two stages at most; whoever sends more waits for the reader.
const PIECES_IN_FLIGHT: usize = 16;

/// No body.
pub(crate) fn empty() -> Body {
    Empty::new().map_err(never).boxed_unsync()
}

/// A body that is whole already.
pub(crate) fn full(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into()).map_err(never).boxed_unsync()
}

fn never(error: Infallible) -> Broken {
    match error {}
}

/// What a streamed body is fed with.
pub(crate) type Pieces = mpsc::Sender<Result<Bytes, Broken>>;

/// A body that is fed piece by piece, and ends when the sender is dropped.
pub(crate) fn channel() -> (Pieces, Body) {
    let (pieces, mut received) = mpsc::channel::<Result<Bytes, Broken>>(PIECES_IN_FLIGHT);
    let stream = futures_util::stream::poll_fn(move |cx| {
        received
            .poll_recv(cx)
            .map(|piece| piece.map(|piece| piece.map(Frame::data)))
    });
    (pieces, StreamBody::new(stream).boxed_unsync())
}
