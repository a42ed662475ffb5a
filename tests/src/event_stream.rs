//! Server-sent events as they come.

use std::pin::Pin;

use futures_util::{Stream, StreamExt};
use reqwest::header::{HeaderMap, HeaderValue};
use serde_json::Value;

use crate::soon;

/// One event.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Its `id`.
    pub seq: Option<u64>,
    /// Its `event`; `message` where it names none.
    pub kind: String,
    /// Its `data`; the text itself where that is no JSON.
    pub data: Value,
}

type Pieces = Pin<Box<dyn Stream<Item = Vec<u8>> + Send>>;

/// A stream of events. Dropping it closes the connection.
pub struct EventStream {
    headers: HeaderMap,
    pieces: Pieces,
    unread: Vec<u8>,
    /// How much of it was given out.
    read: usize,
}

impl EventStream {
    pub(crate) async fn of(response: reqwest::Response) -> Self {
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let kind = headers.get("content-type").map(HeaderValue::as_bytes);
        if status != 200 || kind != Some(b"text/event-stream") {
            let text = response.text().await.unwrap_or_default();
            panic!("no stream of events: {status} {text}");
        }
        // A connection that breaks ends the stream: what came before counts.
        let pieces = response
            .bytes_stream()
            .take_while(|piece| std::future::ready(piece.is_ok()))
            .filter_map(|piece| std::future::ready(piece.ok().map(Vec::from)));
        Self {
            headers,
            pieces: Box::pin(pieces),
            unread: Vec::new(),
            read: 0,
        }
    }

    /// A header of the response; empty where it is absent.
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).map(|value| value.to_str());
        value.and_then(Result::ok).unwrap_or_default()
    }

    /// The turn that is read.
    pub fn turn_id(&self) -> String {
        self.header("x-turn-id").to_owned()
    }

    /// The next event; `None` at the stream's end.
    pub async fn next(&mut self) -> Option<Event> {
        soon("the next event", self.read()).await
    }

    async fn read(&mut self) -> Option<Event> {
        loop {
            while let Some(length) = memchr::memmem::find(&self.unread[self.read..], b"\n\n") {
                let frame = &self.unread[self.read..self.read + length];
                let event = parse(frame);
                self.read += length + 2;
                if event.is_some() {
                    return event;
                }
            }
            self.unread.drain(..self.read);
            self.read = 0;
            let piece = self.pieces.next().await?;
            self.unread.extend_from_slice(&piece);
        }
    }

    /// All events up to and with the first one of this kind.
    pub async fn until(&mut self, kind: &str) -> Vec<Event> {
        let mut events = Vec::new();
        while let Some(event) = self.next().await {
            let found = event.kind == kind;
            events.push(event);
            if found {
                return events;
            }
        }
        panic!("the stream ended without {kind}: {events:?}");
    }

    /// All events until one whose text ends in `end`.
    pub async fn until_text(&mut self, end: &str) -> Vec<Event> {
        let mut events = Vec::new();
        loop {
            match self.next().await {
                Some(event) => events.push(event),
                None => panic!("the stream ended without {end:?}: {events:?}"),
            }
            if text_of(&events[events.len() - 1..]).ends_with(end) {
                return events;
            }
        }
    }

    /// All events to the stream's end.
    pub async fn rest(mut self) -> Vec<Event> {
        let mut events = Vec::new();
        while let Some(event) = self.next().await {
            events.push(event);
        }
        events
    }
}

/// `None` for a comment.
fn parse(frame: &[u8]) -> Option<Event> {
    let text = std::str::from_utf8(frame).expect("frames are UTF-8");
    let (mut seq, mut kind, mut data) = (None, "message", None);
    for line in text.lines() {
        match line.split_once(": ") {
            Some(("id", value)) => seq = Some(value.parse().expect("ids are numbers")),
            Some(("event", value)) => kind = value,
            Some(("data", value)) => {
                assert!(data.is_none(), "data has one line: {text}");
                data = Some(serde_json::from_str(value).unwrap_or_else(|_| value.into()));
            }
            _ => assert!(line.is_empty() || line.starts_with(':'), "{text}"),
        }
    }
    Some(Event {
        seq,
        kind: kind.to_owned(),
        data: data?,
    })
}

/// The text that these events of a turn amount to.
pub fn text_of(events: &[Event]) -> String {
    events
        .iter()
        .filter(|event| event.kind == "text_delta")
        .filter_map(|event| event.data["text"].as_str())
        .collect()
}

/// Why the turn ended.
pub fn finish_reason(events: &[Event]) -> &str {
    let last = events.last().expect("a log has events");
    assert_eq!(last.kind, "turn_finished", "{events:?}");
    last.data["finish_reason"].as_str().unwrap_or_default()
}

/// Asserts that this is a log from its beginning to its end: numbered from 1 without gaps,
/// `turn_started` first and `turn_finished` last, and each of them once.
pub fn assert_whole_log(events: &[Event]) {
    let numbers: Vec<Option<u64>> = events.iter().map(|event| event.seq).collect();
    let expected: Vec<Option<u64>> = (1..).take(events.len()).map(Some).collect();
    assert_eq!(numbers, expected, "{events:?}");
    let places = |kind: &str| -> Vec<usize> {
        let of_kind = |(place, event): (usize, &Event)| (event.kind == kind).then_some(place);
        events.iter().enumerate().filter_map(of_kind).collect()
    };
    assert_eq!(places("turn_started"), [0], "{events:?}");
    assert_eq!(places("turn_finished"), [events.len() - 1], "{events:?}");
}
