//! Any bytes are a stream of events, the same in whatever pieces they come. The first line says in
//! which.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tidewire_fuzz::{first_line, pieces};
use tidewire_models::openai_compatible::fuzzing::event_data;

/// The data of all events, by the letter of the HTML standard; what is left at the end counts, too.
fn read_slowly(stream: &[u8]) -> Vec<Vec<u8>> {
    let stream = stream.strip_prefix(b"\xef\xbb\xbf").unwrap_or(stream);
    let mut lines = vec![Vec::new()];
    let mut bytes = stream.iter().peekable();
    while let Some(&byte) = bytes.next() {
        match byte {
            b'\r' | b'\n' => {
                if byte == b'\r' {
                    bytes.next_if_eq(&&b'\n');
                }
                lines.push(Vec::new());
            }
            _ => lines.last_mut().expect("there is a line").push(byte),
        }
    }
    lines.push(Vec::new());
    let mut events = Vec::new();
    let mut data: Vec<&[u8]> = Vec::new();
    for line in &lines {
        if line.is_empty() {
            if !data.is_empty() {
                events.push(data.join(&b'\n'));
                data.clear();
            }
            continue;
        }
        let colon = line.iter().position(|&byte| byte == b':');
        let (field, value) = match colon {
            Some(colon) => (&line[..colon], &line[colon + 1..]),
            None => (&line[..], &b""[..]),
        };
        if field == b"data" {
            data.push(value.strip_prefix(b" ").unwrap_or(value));
        }
    }
    events
}

fuzz_target!(|input: &[u8]| {
    let (lengths, stream) = first_line(input);
    let expected = (read_slowly(stream), Ok(()));
    assert_eq!(event_data([stream]), expected, "whole");
    assert_eq!(event_data(stream.chunks(1)), expected, "byte by byte");
    assert_eq!(event_data(pieces(lengths, stream)), expected, "in pieces");
});
