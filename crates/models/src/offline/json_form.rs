//! An answer in the form of one JSON object.

use serde::Serialize;
use tidewire_domain::Citation;

use super::{
    answer::{Answer, Mark},
    library::Library,
    pointer::cite,
};

/// What the offline model writes where JSON is asked for.
#[derive(Serialize)]
struct JsonAnswer {
    answer: String,
    citations: Vec<Citation>,
}

/// Turns an answer into the JSON object `{"answer", "citations"}`, as a text.
pub(super) fn encode_json(answer: Answer, library: &Library) -> Answer {
    let object = JsonAnswer {
        answer: answer.pieces.concat(),
        citations: answer
            .marks
            .iter()
            .zip(1..)
            .map(|(mark, number)| cite(library.passage(mark.passage), number))
            .collect(),
    };
    // Strings and numbers always make JSON.
    let text = serde_json::to_string(&object).unwrap_or_default();
    Answer {
        marks: answer
            .marks
            .into_iter()
            .map(|mark| Mark { piece: 0, ..mark })
            .collect(),
        call: answer.call,
        ..Answer::of_text(text)
    }
}
