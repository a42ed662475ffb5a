//! The bytes of a turn's log.
//!
//! A log is a run of records, one an event, in order: a byte with the [`EventKind`], the payload's
//! length in bytes as an unsigned LEB128 number, the payload. The payload of text kinds is the bare
//! UTF-8 text; that of the others is the JSON object that travels on the native wire. Memory and
//! store hold the same bytes, so a flush copies a range and encodes nothing.

use std::str;

use crate::{EventKind, TurnEvent};

/// The format that this release writes. A release reads its own and the one before it.
pub const EVENT_LOG_FORMAT: u8 = 1;

/// Bytes that are not a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EventLogError {
    /// A record is cut off.
    #[error("the event log ends inside a record")]
    Cut,
    /// A kind that this release does not know.
    #[error("the event log holds a record of unknown kind {0}")]
    UnknownKind(u8),
    /// A payload that is not what its kind says.
    #[error("the event log holds a malformed payload")]
    Payload,
}

/// Appends `event` to `log`.
pub fn encode_event(event: &TurnEvent, log: &mut Vec<u8>) {
    let kind = event.kind();
    match event {
        TurnEvent::TextDelta(text)
        | TurnEvent::ReasoningDelta(text)
        | TurnEvent::ReasoningSignature(text) => push(kind, text.as_bytes(), log),
        TurnEvent::TurnStarted(payload) => push(kind, &json(payload), log),
        TurnEvent::ToolCall(payload) => push(kind, &json(payload), log),
        TurnEvent::ToolOutput(payload) => push(kind, &json(payload), log),
        TurnEvent::ToolResult(payload) => push(kind, &json(payload), log),
        TurnEvent::Citation(payload) => push(kind, &json(payload), log),
        TurnEvent::Usage(payload) => push(kind, &json(payload), log),
        TurnEvent::Error(payload) => push(kind, &json(payload), log),
        TurnEvent::TurnFinished(payload) => push(kind, &json(payload), log),
    }
}

fn json(payload: &impl serde::Serialize) -> Vec<u8> {
    serde_json::to_vec(payload).expect("event payloads have string keys and no failing parts")
}

fn push(kind: EventKind, payload: &[u8], log: &mut Vec<u8>) {
    log.reserve(payload.len() + 4);
    log.push(kind as u8);
    let mut rest = payload.len();
    loop {
        let low = u8::try_from(rest & 0x7f).expect("seven bits fit a byte");
        rest >>= 7;
        if rest == 0 {
            log.push(low);
            break;
        }
        log.push(low | 0x80);
    }
    log.extend_from_slice(payload);
}

/// One record, not yet parsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RawEvent<'a> {
    /// What it is.
    pub kind: EventKind,
    /// Bare text or JSON, by its kind. Always UTF-8.
    pub payload: &'a str,
}

impl RawEvent<'_> {
    /// The event in full.
    pub fn parse(&self) -> Result<TurnEvent, EventLogError> {
        fn parsed<T: serde::de::DeserializeOwned>(json: &str) -> Result<T, EventLogError> {
            serde_json::from_str(json).map_err(|_| EventLogError::Payload)
        }
        let text = self.payload;
        Ok(match self.kind {
            EventKind::TextDelta => TurnEvent::TextDelta(text.to_owned()),
            EventKind::ReasoningDelta => TurnEvent::ReasoningDelta(text.to_owned()),
            EventKind::ReasoningSignature => TurnEvent::ReasoningSignature(text.to_owned()),
            EventKind::TurnStarted => TurnEvent::TurnStarted(parsed(text)?),
            EventKind::ToolCall => TurnEvent::ToolCall(parsed(text)?),
            EventKind::ToolOutput => TurnEvent::ToolOutput(parsed(text)?),
            EventKind::ToolResult => TurnEvent::ToolResult(parsed(text)?),
            EventKind::Citation => TurnEvent::Citation(parsed(text)?),
            EventKind::Usage => TurnEvent::Usage(parsed(text)?),
            EventKind::Error => TurnEvent::Error(parsed(text)?),
            EventKind::TurnFinished => TurnEvent::TurnFinished(parsed(text)?),
        })
    }
}

/// Walks the records of a log. Ends after the first error.
#[derive(Debug, Clone)]
pub struct RawEvents<'a> {
    rest: &'a [u8],
}

impl<'a> RawEvents<'a> {
    /// The records in `log`.
    pub const fn new(log: &'a [u8]) -> Self {
        Self { rest: log }
    }

    /// The bytes that were not walked yet.
    pub const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    fn record(&mut self) -> Result<RawEvent<'a>, EventLogError> {
        let (&kind, mut rest) = self.rest.split_first().ok_or(EventLogError::Cut)?;
        let kind = EventKind::from_u8(kind).ok_or(EventLogError::UnknownKind(kind))?;
        let mut length = 0_usize;
        let mut shift = 0_u32;
        loop {
            let (&byte, after) = rest.split_first().ok_or(EventLogError::Cut)?;
            rest = after;
            // Four groups of seven bits: no payload is 256 MB long.
            if shift > 21 {
                return Err(EventLogError::Payload);
            }
            length |= usize::from(byte & 0x7f) << shift;
            shift += 7;
            if byte & 0x80 == 0 {
                break;
            }
        }
        let (payload, after) = rest.split_at_checked(length).ok_or(EventLogError::Cut)?;
        let payload = str::from_utf8(payload).map_err(|_| EventLogError::Payload)?;
        self.rest = after;
        Ok(RawEvent { kind, payload })
    }
}

impl<'a> Iterator for RawEvents<'a> {
    type Item = Result<RawEvent<'a>, EventLogError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let record = self.record();
        if record.is_err() {
            self.rest = &[];
        }
        Some(record)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        Citation, FinishReason, MessageId, ToolCall, ToolOutput, ToolResult, ToolStream, TurnError,
        TurnFinished, TurnId, TurnStarted, Usage,
    };

    fn any_event() -> impl Strategy<Value = TurnEvent> {
        prop_oneof![
            any::<String>().prop_map(TurnEvent::TextDelta),
            any::<String>().prop_map(TurnEvent::ReasoningDelta),
            any::<String>().prop_map(TurnEvent::ReasoningSignature),
            any::<String>().prop_map(|model| TurnEvent::TurnStarted(TurnStarted {
                turn_id: TurnId::new(),
                message_id: MessageId::new(),
                parent_id: None,
                model,
            })),
            (any::<String>(), any::<String>()).prop_map(|(name, value)| {
                TurnEvent::ToolCall(ToolCall {
                    call_id: "c".into(),
                    name,
                    arguments: serde_json::json!({"value": value}),
                })
            }),
            any::<String>().prop_map(|text| TurnEvent::ToolOutput(ToolOutput {
                call_id: "c".into(),
                stream: ToolStream::Stderr,
                text,
            })),
            (any::<bool>(), any::<String>()).prop_map(|(ok, content)| {
                TurnEvent::ToolResult(ToolResult {
                    call_id: "c".into(),
                    ok,
                    content,
                })
            }),
            any::<String>().prop_map(|snippet| TurnEvent::Citation(Citation {
                index: 1,
                title: "t".into(),
                locator: "l".into(),
                snippet,
                document_id: "d".into(),
            })),
            any::<u32>().prop_map(|tokens| TurnEvent::Usage(Usage {
                input_tokens: tokens.into(),
                ..Usage::default()
            })),
            any::<String>().prop_map(|message| TurnEvent::Error(TurnError {
                code: "c".into(),
                message,
                retryable: true,
            })),
            Just(TurnEvent::TurnFinished(TurnFinished {
                finish_reason: FinishReason::Stop,
            })),
        ]
    }

    fn encoded(events: &[TurnEvent]) -> Vec<u8> {
        let mut log = Vec::new();
        for event in events {
            encode_event(event, &mut log);
        }
        log
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(events in prop::collection::vec(any_event(), 0..20)) {
            let log = encoded(&events);
            let read: Vec<TurnEvent> = RawEvents::new(&log)
                .map(|event| event.unwrap().parse().unwrap())
                .collect();
            prop_assert_eq!(read, events);
        }

        #[test]
        fn a_cut_log_gives_its_whole_records_and_then_an_error(
            events in prop::collection::vec(any_event(), 1..10),
            cut in any::<prop::sample::Index>(),
        ) {
            let log = encoded(&events);
            let cut = cut.index(log.len());
            let read: Vec<_> = RawEvents::new(&log[..cut]).collect();
            let whole = read.iter().filter(|event| event.is_ok()).count();
            prop_assert!(read.len() - whole <= 1);
            for (event, raw) in events.iter().zip(read.into_iter().flatten()) {
                prop_assert_eq!(&raw.parse().unwrap(), event);
            }
        }

        #[test]
        fn no_bytes_make_it_panic(log in prop::collection::vec(any::<u8>(), 0..200)) {
            for event in RawEvents::new(&log).flatten() {
                let _ = event.parse();
            }
        }
    }

    #[test]
    fn a_long_text_keeps_its_length() {
        let text = "x".repeat(300_000);
        let log = encoded(&[TurnEvent::TextDelta(text.clone())]);
        let event = RawEvents::new(&log).next().unwrap().unwrap();
        assert_eq!(event.payload, text);
    }

    /// Logs of this release will be read by the next one: these bytes may not change.
    #[test]
    fn the_format_is_what_it_was() {
        let log = encoded(&[
            TurnEvent::TextDelta("héy".into()),
            TurnEvent::TurnFinished(TurnFinished {
                finish_reason: FinishReason::Stop,
            }),
        ]);
        assert_eq!(
            log,
            b"\x02\x04h\xc3\xa9y\x0a\x18{\"finish_reason\":\"stop\"}"
        );
        assert_eq!(EVENT_LOG_FORMAT, 1);
    }
}
