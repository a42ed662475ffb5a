//! From passages to an answer: the best one quoted, others pointed to.

use std::ops::Range;

use super::{
    answer::Answer,
    introduction::{CLOSING, admit},
    library::{Hit, Library},
    passage::Passage,
    pointer::pick_sentences,
};

/// A passage that speaks of less than this of what is asked about does not answer it. Questions
/// that the documentation answers lie above 0.27, others that share a rare word with it below 0.22.
const MIN_COVERAGE: f64 = 0.25;

/// A passage is pointed to when it fits this much as well as the best one.
const POINTER_SCORE: f64 = 0.55;
const MAX_POINTERS: usize = 2;

/// The most that is quoted of a section with all that stands under it.
const QUOTE_BYTES: usize = 2000;

/// Says what was found, or that nothing was.
pub(super) fn compose_answer(library: &Library, hits: &[Hit]) -> Answer {
    let mut fitting = hits.iter().filter(|hit| hit.coverage >= MIN_COVERAGE);
    let Some(best) = fitting.next() else {
        return admit(library.documents());
    };
    let passage = library.passage(best.passage);
    let quoted = choose_extent(passage);

    let mut answer = Answer::default();
    let number = answer.next_number();
    answer.push(format!(
        "The documentation has this under {} [{number}]:\n\n",
        name_place(passage)
    ));
    answer.mark(best.passage);
    answer.push(passage.slice(&quoted));
    if quoted.end < passage.section.end {
        answer.push("\n\n*(The section goes on there.)*");
    }

    let mut told = vec![(passage.document.id, quoted)];
    for hit in fitting {
        if told.len() > MAX_POINTERS || hit.score < best.score * POINTER_SCORE {
            break;
        }
        let other = library.passage(hit.passage);
        let is_told = told
            .iter()
            .any(|(document, range)| *document == other.document.id && meet(range, &other.section));
        if is_told {
            continue;
        }
        if told.len() == 1 {
            answer.push("\n\nSee also:\n");
        }
        push_pointer(&mut answer, hit.passage, other);
        told.push((other.document.id, other.section.clone()));
    }
    answer.push(CLOSING);
    answer
}

fn push_pointer(answer: &mut Answer, number: usize, passage: &Passage) {
    let place = name_place(passage);
    let citation = answer.next_number();
    answer.push(format!("\n- {place} [{citation}]"));
    answer.mark(number);
    if let Some(sentences) = pick_sentences(passage.text()) {
        answer.push(": ");
        answer.push(sentences);
    }
}

fn name_place(passage: &Passage) -> String {
    let title = passage.document.title;
    if passage.heading == title {
        format!("**{title}**")
    } else {
        format!("**{}** ({title})", passage.locator())
    }
}

/// As much of what stands around a passage as can be quoted: the section with all under it, or the
/// section, or the passage alone.
fn choose_extent(passage: &Passage) -> Range<usize> {
    [&passage.subtree, &passage.section]
        .into_iter()
        .find(|range| range.len() <= QUOTE_BYTES)
        .unwrap_or(&passage.range)
        .clone()
}

const fn meet(one: &Range<usize>, other: &Range<usize>) -> bool {
    one.start < other.end && other.start < one.end
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::offline::Document;

    const GUIDE: &[Document] = &[Document {
        id: "guide.md",
        title: "Guide",
        markdown: "# Guide\n\n## One\n\nFirst.\n\n### Inner\n\nSecond.\n\n## Two\n\nThird.\n",
    }];

    fn compose(hits: &[(usize, f64, f64)]) -> String {
        let hits: Vec<Hit> = hits
            .iter()
            .map(|&(passage, score, coverage)| Hit {
                passage,
                score,
                coverage,
            })
            .collect();
        let library = Library::build(GUIDE).expect("an index");
        compose_answer(&library, &hits).pieces.concat()
    }

    #[test]
    fn a_passage_that_speaks_of_little_is_passed_over() {
        let text = compose(&[(0, 9.0, 0.1), (2, 5.0, 0.5)]);
        assert!(text.contains("**Two** (Guide) [1]:\n\nThird."), "{text}");
        assert!(compose(&[(0, 9.0, 0.1)]).starts_with("I found nothing"));
        assert!(compose(&[]).starts_with("I found nothing"));
    }

    #[test]
    fn a_short_section_is_quoted_with_all_under_it_and_nothing_is_told_twice() {
        let text = compose(&[(0, 9.0, 0.9), (1, 8.0, 0.9), (2, 7.0, 0.9)]);
        assert!(
            text.contains("First.\n\n### Inner\n\nSecond.\n\nSee also:\n"),
            "{text}"
        );
        assert_eq!(text.matches("Second.").count(), 1);
        assert!(text.contains("\n- **Two** (Guide) [2]: Third."), "{text}");
    }

    #[test]
    fn what_fits_much_worse_is_not_pointed_to() {
        let text = compose(&[(0, 9.0, 0.9), (2, 4.0, 0.9)]);
        assert!(!text.contains("See also"), "{text}");
    }
}
