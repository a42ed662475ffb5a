use proptest::prelude::*;

use super::*;

/// The data of all events when `stream` comes in these pieces.
fn decode<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<String> {
    let mut decoder = SseDecoder::default();
    let mut events = Vec::new();
    for piece in pieces {
        decoder.push(piece);
        while let Some(data) = decoder.next_data().unwrap() {
            events.push(String::from_utf8(data.to_vec()).unwrap());
        }
    }
    if let Some(data) = decoder.end() {
        events.push(String::from_utf8(data.to_vec()).unwrap());
    }
    events
}

/// The same by the letter of the standard: split into lines first, then read them one by one.
fn decode_slowly(stream: &str) -> Vec<String> {
    let stream = stream.strip_prefix('\u{feff}').unwrap_or(stream);
    let lines = stream.replace("\r\n", "\n").replace('\r', "\n");
    let mut events = Vec::new();
    let mut data: Vec<&str> = Vec::new();
    // An empty line at the end stands for our own rule: what is left at the end counts.
    for line in lines.split('\n').chain([""]) {
        if line.is_empty() {
            if !data.is_empty() {
                events.push(data.join("\n"));
                data.clear();
            }
            continue;
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        if field == "data" {
            data.push(value.strip_prefix(' ').unwrap_or(value));
        }
    }
    events
}

#[test]
fn events_are_found() {
    for (stream, events) in [
        ("data: one\n\ndata: two\n\n", vec!["one", "two"]),
        ("data:one\r\n\r\ndata:two\r\n\r\n", vec!["one", "two"]),
        ("data: one\r\rdata: two\r\r", vec!["one", "two"]),
        ("\u{feff}data: marked\n\n", vec!["marked"]),
        (
            "data: one\ndata: more\ndata:  third\n\n",
            vec!["one\nmore\n third"],
        ),
        (": ping\n\n: ping\ndata: x\n\n:\n\n", vec!["x"]),
        ("event: e\nid: 7\ndata: x\nretry: 1\n\n", vec!["x"]),
        ("data\n\n", vec![""]),
        ("database: no\n\n", vec![]),
        ("\n\n\n", vec![]),
        ("data: never ended", vec!["never ended"]),
        ("data: one\n", vec!["one"]),
    ] {
        assert_eq!(decode([stream.as_bytes()]), events, "{stream:?}");
        assert_eq!(decode_slowly(stream), events, "{stream:?}");
    }
}

#[test]
fn a_line_may_not_grow_without_end() {
    let mut decoder = SseDecoder::default();
    let piece = vec![b'x'; 64 << 10];
    let failed = (0..32).any(|_| {
        decoder.push(&piece);
        matches!(decoder.next_data(), Err(ModelError::Protocol(_)))
    });
    assert!(failed);
}

#[test]
fn an_event_of_many_lines_may_not_either() {
    let mut decoder = SseDecoder::default();
    let line = format!("data: {}\n", "x".repeat(60 << 10));
    let failed = (0..32).any(|_| {
        decoder.push(line.as_bytes());
        matches!(decoder.next_data(), Err(ModelError::Protocol(_)))
    });
    assert!(failed);
}

#[test]
fn an_event_of_nearly_the_longest_length_passes() {
    let text = "x".repeat(MAX_EVENT_BYTES - 10);
    let stream = format!("data: {text}\n\n");
    assert_eq!(decode(stream.as_bytes().chunks(1000)), [text]);
}

/// Streams of what may stand in one, ends of lines of all kinds among it.
fn streams() -> impl Strategy<Value = String> {
    let pieces = prop_oneof![
        4 => Just("data: "),
        2 => Just("data:"),
        1 => Just("data"),
        1 => Just(": comment"),
        1 => Just("event: e"),
        3 => Just("{\"a\":\"é🌊\"}"),
        2 => Just("x"),
        1 => Just(" "),
        1 => Just("\u{feff}"),
        4 => Just("\n"),
        4 => Just("\n\n"),
        2 => Just("\r\n"),
        2 => Just("\r\n\r\n"),
        2 => Just("\r"),
    ];
    prop::collection::vec(pieces, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn the_pieces_that_a_stream_comes_in_change_nothing(
        stream in streams(),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..20),
    ) {
        let bytes = stream.as_bytes();
        let mut ends: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
        ends.push(bytes.len());
        ends.sort_unstable();
        let mut start = 0;
        let pieces: Vec<&[u8]> = ends
            .into_iter()
            .map(|end| {
                let piece = &bytes[start..end];
                start = end;
                piece
            })
            .collect();
        let expected = decode_slowly(&stream);
        prop_assert_eq!(decode(pieces), expected.clone());
        prop_assert_eq!(decode(bytes.chunks(1)), expected);
    }

    #[test]
    fn any_bytes_are_taken(pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..50), 0..20)) {
        let mut decoder = SseDecoder::default();
        for piece in &pieces {
            decoder.push(piece);
            while let Ok(Some(_)) = decoder.next_data() {}
        }
        decoder.end();
    }
}
