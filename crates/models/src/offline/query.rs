//! From a question to what the index is asked.

use super::vocabulary::{is_stop_word, is_weak_word, list_synonyms};

/// More words than these make no question clearer.
const MAX_CONCEPTS: usize = 24;

/// Of a longer text, the beginning and the end are read: the question stands at either.
const READ_BYTES: usize = 8 * 1024;

const SAME_WEIGHT: f64 = 0.9;
const SYNONYM_WEIGHT: f64 = 0.6;
const PREFIX_WEIGHT: f64 = 0.5;
const WEAK_WEIGHT: f64 = 0.4;

/// A word that "config" may begin, but not one that "key" does.
const PREFIX_CHARS: usize = 5;

/// What follows "how" where somebody asks what to do.
const HOW_TO: &[&str] = &["to", "do", "can", "should", "would"];

/// One way to say what is looked for: an FTS5 expression, and what a match of it counts for.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Term {
    pub(super) expression: String,
    pub(super) weight: f64,
}

/// One thing that is asked about: the word itself first, then others for it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Concept {
    pub(super) terms: Vec<Term>,
    /// What it counts for beside the others.
    pub(super) weight: f64,
}

/// What the index is asked.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Query {
    /// What the question is about.
    pub(super) concepts: Vec<Concept>,
    /// What the question before it was about, where this one follows it up.
    pub(super) background: Vec<Concept>,
    /// Whether an example answers better than a description.
    pub(super) wants_example: bool,
    /// Pairs of neighbouring words, as FTS5 expressions.
    pub(super) pairs: Vec<String>,
}

/// The words of a text, in lower case. They hold letters and digits only, so that none of them
/// means anything to FTS5 once it stands in quotation marks.
pub(super) fn read_words(text: &str) -> impl Iterator<Item = String> + use<'_> {
    let (head, tail) = if text.len() > 2 * READ_BYTES {
        let head = text.floor_char_boundary(READ_BYTES);
        let tail = text.ceil_char_boundary(text.len() - READ_BYTES);
        (&text[..head], &text[tail..])
    } else {
        (text, "")
    };
    head.split(|sign: char| !sign.is_alphanumeric())
        .chain(tail.split(|sign: char| !sign.is_alphanumeric()))
        .filter(|word| !word.is_empty() && word.len() <= 64)
        .map(str::to_lowercase)
}

/// The query for a question. `previous` is the question before it.
pub(super) fn build_query(question: &str, previous: Option<&str>) -> Query {
    let words: Vec<String> = read_words(question).collect();
    let subjects = pick_subjects(&words);
    let previous_words: Vec<String> = match previous {
        Some(previous) if subjects.len() <= 1 && is_follow_up(&words) => {
            read_words(previous).collect()
        }
        _ => Vec::new(),
    };
    let wants_example = asks_how(&words) || asks_how(&previous_words);
    let background = list_concepts(&pick_subjects(&previous_words));
    let concepts = list_concepts(&subjects);
    if concepts.is_empty() {
        return Query {
            concepts: background,
            wants_example,
            ..Query::default()
        };
    }
    Query {
        concepts,
        background,
        wants_example,
        pairs: list_pairs(&subjects),
    }
}

fn asks_how(words: &[String]) -> bool {
    words
        .windows(2)
        .any(|pair| pair[0] == "how" && HOW_TO.contains(&pair[1].as_str()))
}

// "And for vllm?" continues; "which port" stands on its own.
fn is_follow_up(words: &[String]) -> bool {
    const OPENINGS: &[&str] = &[
        "and", "but", "also", "so", "then", "ok", "okay", "or", "why", "more", "again", "else",
    ];
    let first = words.first().map_or("", String::as_str);
    let second = words.get(1).map_or("", String::as_str);
    OPENINGS.contains(&first)
        || matches!(
            (first, second),
            ("what" | "how", "about") | ("what", "if" | "else")
        )
        || words.iter().all(|word| is_stop_word(word))
}

/// The words that say what a question is about, with their places in it; each once.
fn pick_subjects(words: &[String]) -> Vec<(usize, &str)> {
    let mut subjects: Vec<(usize, &str)> = Vec::new();
    for (place, word) in words.iter().enumerate() {
        let is_known = subjects.iter().any(|(_, known)| known == word);
        if word.len() > 1 && !is_known && !is_stop_word(word) {
            subjects.push((place, word));
        }
        if subjects.len() == MAX_CONCEPTS {
            break;
        }
    }
    subjects
}

fn list_concepts(subjects: &[(usize, &str)]) -> Vec<Concept> {
    subjects
        .iter()
        .map(|(_, word)| {
            // Of a word that says little, others for it say as much.
            let is_weak = is_weak_word(word);
            let mut terms = vec![Term {
                expression: quote(word),
                weight: if is_weak { SYNONYM_WEIGHT } else { 1.0 },
            }];
            if word.chars().count() >= PREFIX_CHARS {
                terms.push(Term {
                    expression: format!("{} *", quote(word)),
                    weight: PREFIX_WEIGHT,
                });
            }
            terms.extend(list_synonyms(word).map(|(other, is_same)| Term {
                expression: quote(other),
                weight: if is_same { SAME_WEIGHT } else { SYNONYM_WEIGHT },
            }));
            // "Change the port to 9000" is about the port.
            let is_number = word.bytes().all(|byte| byte.is_ascii_digit());
            let weight = if is_weak || is_number {
                WEAK_WEIGHT
            } else {
                1.0
            };
            Concept { terms, weight }
        })
        .collect()
}

fn list_pairs(subjects: &[(usize, &str)]) -> Vec<String> {
    subjects
        .windows(2)
        .filter_map(|pair| match pair {
            [(place, one), (next, other)] if next - place <= 3 => {
                Some(format!("NEAR({} {}, 3)", quote(one), quote(other)))
            }
            _ => None,
        })
        .collect()
}

fn quote(word: &str) -> String {
    format!("\"{word}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(question: &str, previous: Option<&str>) -> (Vec<String>, Vec<String>) {
        let query = build_query(question, previous);
        let first = |concepts: Vec<Concept>| {
            concepts
                .into_iter()
                .map(|concept| concept.terms[0].expression.clone())
                .collect()
        };
        (first(query.concepts), first(query.background))
    }

    #[test]
    fn stop_words_signs_and_repetitions_are_dropped() {
        assert_eq!(
            asked(
                "How do I run the tests? Run them! \"OR\" tests* NEAR(",
                None
            )
            .0,
            ["\"run\"", "\"tests\"", "\"near\""]
        );
        assert!(asked("", None).0.is_empty());
        assert!(asked("\0\0 ?!", None).0.is_empty());
    }

    #[test]
    fn a_follow_up_brings_the_question_before_it() {
        let before = Some("How do I connect to Bedrock?");
        assert_eq!(asked("and how?", before).0, ["\"connect\"", "\"bedrock\""]);
        let (own, background) = asked("and for vllm?", before);
        assert_eq!(own, ["\"vllm\""]);
        assert_eq!(background, ["\"connect\"", "\"bedrock\""]);
        assert!(asked("which port", before).1.is_empty());
    }

    #[test]
    fn of_a_long_text_both_ends_are_read() {
        let text = format!("alpha {} omega", "é".repeat(500_000));
        let (own, _) = asked(&text, None);
        assert_eq!(own, ["\"alpha\"", "\"omega\""]);
    }

    #[test]
    fn neighbours_are_asked_for_as_a_pair() {
        let query = build_query("how do I add an API key", None);
        assert_eq!(
            query.pairs,
            ["NEAR(\"add\" \"api\", 3)", "NEAR(\"api\" \"key\", 3)"]
        );
    }
}
