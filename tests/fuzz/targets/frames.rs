//! Whatever a log says, its streams in both dialects can be read: frame by frame, and the answer in
//! OpenAI's dialect by our own client of it.
#![no_main]

use bytes::Bytes;
use futures_util::StreamExt;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use tidewire::fuzzing::{chat_answers, native_stream};
use tidewire_domain::{ModelEvent, RawEvents, TurnEvent};
use tidewire_fuzz::{encode, wait_for};
use tidewire_models::openai_compatible::fuzzing::{answer, event_data};

/// The text and the reasoning of an answer, to the end of its turn.
fn said(events: &[TurnEvent]) -> [String; 2] {
    let mut said = [String::new(), String::new()];
    for event in events {
        match event {
            TurnEvent::TextDelta(text) => said[0] += text,
            TurnEvent::ReasoningDelta(text) => said[1] += text,
            TurnEvent::Error(_) | TurnEvent::TurnFinished(_) => break,
            _ => {}
        }
    }
    said
}

fn heard(chunks: Vec<u8>) -> [String; 2] {
    let mut stream = answer(vec![Bytes::from(chunks)]);
    let mut heard = [String::new(), String::new()];
    while let Some(Ok(event)) = wait_for(stream.next()) {
        match event {
            ModelEvent::TextDelta(text) => heard[0] += &text,
            ModelEvent::ReasoningDelta(text) => heard[1] += &text,
            _ => {}
        }
    }
    heard
}

fuzz_target!(|log: &[u8]| {
    let events: Vec<TurnEvent> = RawEvents::new(log)
        .map_while(Result::ok)
        .map_while(|event| event.parse().ok())
        .collect();
    // As we would have written it: what stands in a store was.
    let log = encode(&events);

    let (frames, end) = event_data([&native_stream(&log)[..]]);
    end.expect("no event is too long");
    assert_eq!(frames.len(), events.len());
    for (frame, event) in frames.iter().zip(&events) {
        let frame: Value = serde_json::from_slice(frame).expect("a frame holds JSON");
        assert!(frame.is_object());
        match event {
            TurnEvent::TextDelta(text) | TurnEvent::ReasoningDelta(text) => {
                assert_eq!(frame["text"], **text);
            }
            TurnEvent::ReasoningSignature(seal) => assert_eq!(frame["signature"], **seal),
            _ => {}
        }
    }

    let (chunks, completion) = chat_answers(&log);
    assert!(completion["choices"][0]["message"].is_object());
    let (frames, end) = event_data([&chunks[..]]);
    end.expect("no event is too long");
    for frame in frames.iter().filter(|frame| *frame != b"[DONE]") {
        let frame: Value = serde_json::from_slice(frame).expect("a chunk is JSON");
        assert!(frame.is_object());
    }
    assert_eq!(heard(chunks), said(&events));
});
