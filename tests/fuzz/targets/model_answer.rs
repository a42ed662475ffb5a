//! Any bytes of a server are an answer or an error, the same in whatever pieces they come (the first
//! line says in which). Whatever it is can be kept: written into a log and a message, and read again.
#![no_main]

use bytes::Bytes;
use futures_util::StreamExt;
use libfuzzer_sys::fuzz_target;
use tidewire_domain::{ModelError, ModelEvent, TurnEvent, Usage, fold_events};
use tidewire_fuzz::{check_log, check_parts, first_line, pieces, wait_for};
use tidewire_models::openai_compatible::fuzzing::answer;

fn read<'a>(
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> (Vec<ModelEvent>, Result<(), ModelError>) {
    let pieces = pieces.into_iter().map(Bytes::copy_from_slice).collect();
    let mut stream = answer(pieces);
    let mut events = Vec::new();
    let mut end = Ok(());
    while let Some(event) = wait_for(stream.next()) {
        match event {
            Ok(ModelEvent::ToolCall(mut call)) => {
                assert!(!call.call_id.is_empty());
                // The server gave none, or one that is taken: ours is another each time.
                if call.call_id.len() == "call_".len() + 32 {
                    call.call_id.clear();
                }
                events.push(ModelEvent::ToolCall(call));
            }
            Ok(event) => events.push(event),
            Err(error) => {
                end = Err(error);
                break;
            }
        }
    }
    assert!(
        wait_for(stream.next()).is_none(),
        "nothing comes after the end"
    );
    let finished = events.iter().position(is_finished);
    match finished {
        Some(at) => assert!(at + 1 == events.len() && end.is_ok(), "it ends once"),
        None => assert!(end.is_err(), "it ends"),
    }
    (events, end)
}

fn is_finished(event: &ModelEvent) -> bool {
    matches!(event, ModelEvent::Finished(_))
}

/// What a turn records of it.
fn recorded(event: &ModelEvent, spent: &mut Usage) -> Option<TurnEvent> {
    Some(match event {
        ModelEvent::TextDelta(text) => TurnEvent::TextDelta(text.clone()),
        ModelEvent::ReasoningDelta(text) => TurnEvent::ReasoningDelta(text.clone()),
        ModelEvent::ReasoningSignature(seal) => TurnEvent::ReasoningSignature(seal.clone()),
        ModelEvent::ToolCall(call) => TurnEvent::ToolCall(call.clone()),
        ModelEvent::Citation(citation) => TurnEvent::Citation(citation.clone()),
        ModelEvent::Usage(usage) => {
            *spent = spent.plus(*usage);
            assert!(spent.total() >= spent.output_tokens);
            TurnEvent::Usage(*spent)
        }
        ModelEvent::Finished(_) => return None,
    })
}

fuzz_target!(|input: &[u8]| {
    let (lengths, stream) = first_line(input);
    let answer = read([stream]);
    assert_eq!(read(pieces(lengths, stream)), answer);
    let mut spent = Usage::default();
    let events: Vec<TurnEvent> = answer
        .0
        .iter()
        .filter_map(|event| recorded(event, &mut spent))
        .collect();
    check_log(&events);
    check_parts(&fold_events(events).0);
});
