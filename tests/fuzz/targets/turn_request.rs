//! Any body of `POST /api/conversations/{id}/turns` is refused, or is a turn whose question can be
//! stored. The first line is the Idempotency-Key.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use tidewire::fuzzing::new_turn;
use tidewire_domain::{Parent, Part};
use tidewire_fuzz::{check_parts, first_line, wait_for};

fuzz_target!(|input: &[u8]| {
    let (key, body) = first_line(input);
    let headers = [("idempotency-key", key)];
    let headers = if key.is_empty() { &[] } else { &headers[..] };
    let body = Bytes::copy_from_slice(body);
    let Some(turn) = wait_for(new_turn(headers, body.clone())) else {
        return;
    };
    check_parts(&turn.parts);
    for part in &turn.parts {
        assert!(
            matches!(part, Part::Text { .. } | Part::Image(_)),
            "{part:?}"
        );
    }
    if matches!(turn.parent, Parent::SiblingOf(_)) {
        assert!(
            turn.parts.is_empty(),
            "what was asked before is asked again"
        );
    }
    assert_eq!(turn.idempotency.is_some(), !key.is_empty());
    if let Some(idempotency) = &turn.idempotency {
        assert!(!idempotency.key.trim().is_empty() && idempotency.key.len() <= 200);
        let again = wait_for(new_turn(headers, body)).expect("it was taken a moment ago");
        assert_eq!(again.idempotency.as_ref(), Some(idempotency));
    }
});
