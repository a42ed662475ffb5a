//! Short forms of passages: the sentence that points to one, and the snippet of a citation.

use tidewire_domain::Citation;

use super::passage::Passage;

const SENTENCE_BYTES: usize = 240;
const SNIPPET_CHARS: usize = 300;

/// The first sentences of a passage, whole, where it begins with prose that can be cut out without
/// breaking its markup.
pub(super) fn pick_sentences(passage: &'static str) -> Option<&'static str> {
    let paragraph = passage.split("\n\n").next().unwrap_or_default().trim();
    let is_prose = paragraph
        .chars()
        .next()
        .is_some_and(|first| first.is_alphanumeric() || first == '`' || first == '*')
        && !paragraph.starts_with("```")
        && !paragraph.starts_with("* ")
        && !paragraph.contains("\n|")
        && !paragraph.contains("\n- ")
        && !paragraph.contains("\n```");
    if !is_prose {
        return None;
    }
    // What ends in a colon announces something that is not told here.
    if paragraph.len() <= SENTENCE_BYTES && !paragraph.ends_with(':') {
        return Some(paragraph);
    }
    let beginning = &paragraph[..paragraph.floor_char_boundary(SENTENCE_BYTES)];
    beginning
        .match_indices(['.', '!', '?'])
        .filter(|(end, _)| beginning[end + 1..].starts_with([' ', '\n']))
        .map(|(end, _)| &beginning[..=end])
        .rfind(|sentences| is_balanced(sentences))
}

// A sentence that ends inside of code, emphasis or a link would change what follows it.
fn is_balanced(markdown: &str) -> bool {
    ['`', '*', '_']
        .iter()
        .all(|sign| markdown.matches(*sign).count() % 2 == 0)
        && markdown.matches('[').count() == markdown.matches(']').count()
        && markdown.matches('(').count() == markdown.matches(')').count()
}

/// The citation of a passage, by its number in the text.
pub(super) fn cite(passage: &Passage, number: usize) -> Citation {
    Citation {
        index: u32::try_from(number).unwrap_or(u32::MAX),
        title: passage.document.title.to_owned(),
        locator: passage.locator(),
        snippet: cut_snippet(passage.text()),
        document_id: passage.document.id.to_owned(),
    }
}

fn cut_snippet(text: &str) -> String {
    if text.chars().nth(SNIPPET_CHARS).is_none() {
        return text.to_owned();
    }
    let mut snippet: String = text.chars().take(SNIPPET_CHARS - 1).collect();
    snippet.push('…');
    snippet
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_whole_and_their_markup_too() {
        assert_eq!(pick_sentences("Short one.\n\nMore."), Some("Short one."));
        assert_eq!(pick_sentences("| a | b |\n|---|---|"), None);
        assert_eq!(pick_sentences("```sh\nls\n```"), None);
        assert_eq!(pick_sentences("- item"), None);
        assert_eq!(pick_sentences(""), None);
        assert_eq!(pick_sentences("Do this:"), None);
        assert_eq!(pick_sentences("Easy. Do this:"), Some("Easy."));
        let long: &'static str = Box::leak(
            format!("First `a. b` one. Second [link. {}", "x ".repeat(200)).into_boxed_str(),
        );
        assert_eq!(pick_sentences(long), Some("First `a. b` one."));
    }

    #[test]
    fn snippets_are_bounded() {
        assert_eq!(cut_snippet("é").chars().count(), 1);
        assert_eq!(cut_snippet(&"é".repeat(300)).chars().count(), 300);
        let cut = cut_snippet(&"é".repeat(301));
        assert_eq!(cut.chars().count(), 300);
        assert!(cut.ends_with('…'));
    }
}
