//! Any bytes are a log or an error, and what was read from a log is written as the same again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tidewire_domain::{RawEvents, TurnEvent, Usage, fold_events};
use tidewire_fuzz::check_log;

fuzz_target!(|log: &[u8]| {
    let mut records = RawEvents::new(log);
    let mut events: Vec<TurnEvent> = Vec::new();
    while let Some(record) = records.next() {
        let Ok(record) = record else {
            assert!(records.next().is_none(), "a log ends after its first error");
            break;
        };
        events.extend(record.parse());
    }
    check_log(&events);
    let spent = events.iter().fold(Usage::default(), |spent, event| {
        if let TurnEvent::Usage(usage) = event {
            spent.plus(*usage)
        } else {
            spent
        }
    });
    assert!(spent.total() >= spent.output_tokens);
    // That a message can be stored is for those to see to who make events: see `model_answer`.
    let _ = fold_events(events);
});
