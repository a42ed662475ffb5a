//! Request bodies: they are hashed before anything is sent, so they are read to their end.

use std::{pin::pin, time::Duration};

use bytes::{Bytes, BytesMut};
use http::StatusCode;
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};
use tokio::time::timeout;

use super::refusal::Refusal;

/// The largest body that Lambda takes, 6 MB. What is not text may be at most three quarters of it:
/// Lambda passes it on as base64, and answers 413 itself.
pub const MAX_BODY_BYTES: usize = 6 * 1024 * 1024;
/// How much of a body that is too large is read away, so that its sender comes to read the answer.
const MAX_UNREAD_BYTES: usize = 64 * 1024 * 1024;
/// How long that may take.
const UNREAD_TIMEOUT: Duration = Duration::from_secs(10);

/// The whole body. A sender that waits for `100 Continue` is not told to send too much.
pub(super) async fn read(body: Incoming, waits_for_continue: bool) -> Result<Bytes, Refusal> {
    let told_bytes = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if told_bytes > MAX_BODY_BYTES && waits_for_continue {
        return Err(too_large());
    }
    let mut body = pin!(body);
    let mut whole = BytesMut::with_capacity(told_bytes.min(MAX_BODY_BYTES));
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| {
            Refusal::new(
                StatusCode::BAD_REQUEST,
                "broken_body",
                "The request's body broke off or is malformed.",
            )
        })?;
        let data = frame.into_data().unwrap_or_default();
        if whole.len() + data.len() > MAX_BODY_BYTES {
            drop(whole);
            let _ = timeout(UNREAD_TIMEOUT, read_away(&mut body)).await;
            return Err(too_large());
        }
        whole.extend_from_slice(&data);
    }
    Ok(whole.freeze())
}

async fn read_away(body: &mut (impl Body<Data = Bytes> + Unpin)) {
    let mut read_bytes = 0;
    while let Some(Ok(frame)) = body.frame().await
        && read_bytes < MAX_UNREAD_BYTES
    {
        read_bytes += frame.data_ref().map_or(0, Bytes::len);
    }
}

fn too_large() -> Refusal {
    Refusal::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "body_too_large",
        format!(
            "The request's body is larger than {MAX_BODY_BYTES} bytes, which is all that Lambda takes."
        ),
    )
}
