//! What fuzz targets share.

use std::sync::LazyLock;

use tidewire_domain::{Part, RawEvents, TurnEvent, encode_event};
use tokio::runtime::{Builder, Runtime};

/// Drives the handlers' readers, which wait for bodies and set timers for it.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime starts")
});

/// What a future comes to.
pub fn wait_for<T>(future: impl Future<Output = T>) -> T {
    RUNTIME.block_on(future)
}

/// The first line and the rest. A target takes something small out of the first line, so that a
/// corpus can be written and read as text.
pub fn first_line(input: &[u8]) -> (&[u8], &[u8]) {
    match input.iter().position(|&byte| byte == b'\n') {
        Some(end) => (&input[..end], &input[end + 1..]),
        None => (b"", input),
    }
}

/// A stream in pieces whose lengths are `lengths`, a byte each: `A` is 1, `B` 2, `@` none. What is
/// left over is the last piece.
pub fn pieces<'a>(lengths: &[u8], mut stream: &'a [u8]) -> Vec<&'a [u8]> {
    let mut pieces = Vec::with_capacity(lengths.len() + 1);
    for length in lengths {
        let length = usize::from(length & 0x3f).min(stream.len());
        let (piece, rest) = stream.split_at(length);
        pieces.push(piece);
        stream = rest;
    }
    pieces.push(stream);
    pieces
}

/// The log of these events.
pub fn encode(events: &[TurnEvent]) -> Vec<u8> {
    let mut log = Vec::new();
    for event in events {
        encode_event(event, &mut log);
    }
    log
}

/// Asserts that a log of these events says the same when it is read.
pub fn check_log(events: &[TurnEvent]) {
    let log = encode(events);
    let read: Vec<TurnEvent> = RawEvents::new(&log)
        .map(|event| {
            let event = event.expect("what was encoded is a record");
            event.parse().expect("what was encoded can be parsed")
        })
        .collect();
    assert_eq!(read, events);
}

/// Asserts that a message of these parts comes out of a store as it was put in.
pub fn check_parts(parts: &[Part]) {
    let stored = serde_json::to_vec(parts).expect("parts are JSON");
    let read: Vec<Part> = serde_json::from_slice(&stored).expect("stored parts can be read");
    assert_eq!(read, parts);
}
