//! An answer that is ready to be told.

use std::borrow::Cow;

use tidewire_domain::ToolCall;

/// An answer. Thousands of them may be told at once, so it borrows what the program holds anyway.
#[derive(Debug, Default)]
pub(super) struct Answer {
    /// Its text.
    pub(super) pieces: Vec<Cow<'static, str>>,
    /// The passages that it rests on, in the order of their numbers.
    pub(super) marks: Vec<Mark>,
    /// The tool that it asks for after its text.
    pub(super) call: Option<Box<ToolCall>>,
}

/// A passage that the text names by its number in brackets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    /// The piece that the number stands in.
    pub(super) piece: usize,
    /// The passage.
    pub(super) passage: usize,
}

impl Answer {
    /// A text that rests on nothing.
    pub(super) fn of_text(text: impl Into<Cow<'static, str>>) -> Self {
        Self {
            pieces: vec![text.into()],
            ..Self::default()
        }
    }

    /// Adds to its text.
    pub(super) fn push(&mut self, piece: impl Into<Cow<'static, str>>) {
        self.pieces.push(piece.into());
    }

    /// The number of the next passage that the text names.
    pub(super) const fn next_number(&self) -> usize {
        self.marks.len() + 1
    }

    /// Notes that the last piece names a passage by [`Answer::next_number`].
    pub(super) fn mark(&mut self, passage: usize) {
        self.marks.push(Mark {
            piece: self.pieces.len().saturating_sub(1),
            passage,
        });
    }

    /// Ends the text before the first of these, where any of them occurs in it.
    pub(super) fn cut_at(&mut self, stops: &[String]) {
        if stops.iter().all(String::is_empty) {
            return;
        }
        let text = self.pieces.concat();
        let end = stops
            .iter()
            .filter(|stop| !stop.is_empty())
            .filter_map(|stop| text.find(stop.as_str()))
            .min();
        let Some(mut left) = end else { return };
        let mut kept = 0;
        for piece in &mut self.pieces {
            if piece.len() > left {
                match piece {
                    Cow::Borrowed(text) => *text = &text[..left],
                    Cow::Owned(text) => text.truncate(left),
                }
                break;
            }
            left -= piece.len();
            kept += 1;
        }
        self.pieces.truncate(kept + 1);
        // What is said of a passage in the piece that was cut may have been cut off.
        self.marks.retain(|mark| mark.piece < kept);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn answer(pieces: &[String]) -> Answer {
        Answer {
            pieces: pieces.iter().cloned().map(Cow::Owned).collect(),
            ..Answer::default()
        }
    }

    #[test]
    fn a_stop_is_found_across_pieces_and_the_first_one_counts() {
        let mut answer = Answer::of_text("one tw");
        answer.push("o three");
        answer.mark(7);
        answer.cut_at(&["three".to_owned(), "two".to_owned(), String::new()]);
        assert_eq!(answer.pieces.concat(), "one ");
        assert_eq!(answer.marks, []);
    }

    #[test]
    fn what_stands_before_the_stop_stays_cited() {
        let mut answer = Answer::of_text("see [1]");
        answer.mark(7);
        answer.push("END");
        answer.cut_at(&["END".to_owned()]);
        assert_eq!(answer.pieces.concat(), "see [1]");
        assert_eq!(answer.marks.len(), 1);
    }

    proptest! {
        #[test]
        fn the_text_ends_where_a_search_over_all_of_it_says(
            pieces in prop::collection::vec("[ab日]{0,4}", 0..5),
            stops in prop::collection::vec("[ab日]{0,3}", 0..3),
        ) {
            let text = pieces.concat();
            let end = stops.iter().filter(|s| !s.is_empty()).filter_map(|s| text.find(s)).min();
            let mut answer = answer(&pieces);
            answer.cut_at(&stops);
            prop_assert_eq!(answer.pieces.concat(), &text[..end.unwrap_or(text.len())]);
        }
    }
}
