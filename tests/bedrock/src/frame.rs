//! Frames of `application/vnd.amazon.eventstream`
//! (<https://smithy.io/2.0/aws/amazon-eventstream.html>), written by the library that the SDK reads
//! them with; that boto3 reads them too is tested in `tests/clients`.

use aws_smithy_eventstream::frame::write_message_to;
use aws_smithy_types::event_stream::{Header, HeaderValue, Message};
use bytes::Bytes;
use serde_json::{Value, json};

/// An event of the stream, such as `contentBlockDelta`.
pub fn event(kind: &str, payload: &Value) -> Bytes {
    frame(
        &[
            (":event-type", kind),
            (":content-type", "application/json"),
            (":message-type", "event"),
        ],
        payload.to_string(),
    )
}

/// An exception in the stream, such as `throttlingException`.
pub fn exception(kind: &str, message: &str) -> Bytes {
    frame(
        &[
            (":exception-type", kind),
            (":content-type", "application/json"),
            (":message-type", "exception"),
        ],
        json!({ "message": message }).to_string(),
    )
}

/// An error that no model of the API describes.
pub fn error_frame(code: &str, message: &str) -> Bytes {
    frame(
        &[
            (":error-code", code),
            (":error-message", message),
            (":message-type", "error"),
        ],
        String::new(),
    )
}

/// A frame whose checksum is wrong.
pub fn broken_frame() -> Bytes {
    let mut bytes = event("contentBlockStop", &json!({"contentBlockIndex": 0})).to_vec();
    if let Some(last) = bytes.last_mut() {
        *last ^= 0xff;
    }
    bytes.into()
}

fn frame(headers: &[(&'static str, &str)], payload: String) -> Bytes {
    let message = headers
        .iter()
        .fold(Message::new(payload), |message, (name, value)| {
            let value = HeaderValue::String((*value).to_owned().into());
            message.add_header(Header::new(*name, value))
        });
    let mut bytes = Vec::new();
    write_message_to(&message, &mut bytes).expect("headers and payload are short enough");
    bytes.into()
}
