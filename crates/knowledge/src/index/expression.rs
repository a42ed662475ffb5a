//! From what somebody asks to what FTS5 is asked.

use std::{collections::HashSet, fmt::Write, sync::LazyLock};

use super::script::is_unspaced;

/// More words make no question clearer, and each costs time.
const MAX_WORDS: usize = 32;

/// What is read of a longer text.
const READ_BYTES: usize = 8 * 1024;

/// Words of English that say nothing about a subject. They match nearly every passage, so that they
/// cost the most time and bring the least. Other languages have their own weights to see to that.
const STOP_WORDS: &str = "a about am an and any are as at be been but by can could did do does for \
    from had has have how i if in into is it its me my no not of on or our should so some than that \
    the their them then there these they this those to us was we were what when where which who \
    whose why will with would you your";

static STOP: LazyLock<HashSet<&str>> = LazyLock::new(|| STOP_WORDS.split_whitespace().collect());

/// An FTS5 expression that matches passages with any word of this text; `None` where it has no
/// word. Every word stands in quotation marks and holds letters and digits alone, so that nothing
/// in it means anything to FTS5. Words that say nothing are left out where there are others.
pub fn build_expression(text: &str) -> Option<String> {
    let text = &text[..text.floor_char_boundary(READ_BYTES)];
    let mut seen = HashSet::new();
    let (mut words, mut stops) = (Vec::new(), Vec::new());
    for word in read_words(text) {
        if !seen.insert(word.clone()) {
            continue;
        }
        if STOP.contains(word.as_str()) {
            stops.push(word);
        } else {
            words.push(word);
        }
        if words.len() == MAX_WORDS {
            break;
        }
    }
    if words.is_empty() {
        words = stops;
        words.truncate(MAX_WORDS);
    }
    let mut expression = String::new();
    for word in words {
        let or = if expression.is_empty() { "" } else { " OR " };
        // Writing to a string cannot fail.
        let _ = write!(expression, "{or}\"{word}\"");
    }
    (!expression.is_empty()).then_some(expression)
}

/// The words of a text in lower case, each once. A run of characters that are words by themselves
/// comes as its pairs.
fn read_words(text: &str) -> impl Iterator<Item = String> {
    text.split(|sign: char| !sign.is_alphanumeric())
        .flat_map(split_script)
        .filter(|word| !word.is_empty() && word.len() <= 128)
        .map(|word| word.to_lowercase())
}

fn split_script(run: &str) -> Vec<String> {
    if run.is_ascii() || !run.contains(is_unspaced) {
        return vec![run.to_owned()];
    }
    let mut words = Vec::new();
    let mut plain = String::new();
    let mut unspaced: Vec<char> = Vec::new();
    let flush = |unspaced: &mut Vec<char>, words: &mut Vec<String>| {
        match unspaced.as_slice() {
            [] => {}
            [one] => words.push(one.to_string()),
            many => words.extend(
                many.windows(2)
                    .map(|pair| format!("{} {}", pair[0], pair[1])),
            ),
        }
        unspaced.clear();
    };
    for sign in run.chars() {
        if is_unspaced(sign) {
            words.push(std::mem::take(&mut plain));
            unspaced.push(sign);
        } else {
            flush(&mut unspaced, &mut words);
            plain.push(sign);
        }
    }
    flush(&mut unspaced, &mut words);
    words.push(plain);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(text: &str) -> String {
        build_expression(text).unwrap_or_default()
    }

    #[test]
    fn words_are_quoted_and_those_that_say_nothing_left_out() {
        assert_eq!(ask("How do I sort a Vec?"), r#""sort" OR "vec""#);
        assert_eq!(ask("sort, SORT; sort!"), r#""sort""#);
        assert_eq!(ask("title: x* AND (NOT \"y\")"), r#""title" OR "x" OR "y""#);
        assert_eq!(ask("with_capacity"), r#""capacity""#);
    }

    #[test]
    fn a_question_of_such_words_alone_is_asked_as_it_is() {
        assert_eq!(ask("what is it?"), r#""what" OR "is" OR "it""#);
        assert_eq!(build_expression(" ?! \0 "), None);
        assert_eq!(build_expression(""), None);
    }

    #[test]
    fn scripts_without_spaces_are_asked_for_by_pairs() {
        assert_eq!(
            ask("日本語とRust"),
            r#""日 本" OR "本 語" OR "語 と" OR "rust""#
        );
        assert_eq!(ask("猫"), r#""猫""#);
    }

    #[test]
    fn a_long_text_is_read_in_part() {
        let words: Vec<String> = (0..100_000).map(|n| format!("w{n}")).collect();
        let asked = ask(&words.join(" "));
        assert_eq!(asked.matches(" OR ").count(), MAX_WORDS - 1);
    }
}
