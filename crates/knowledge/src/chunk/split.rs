//! Where a text that is too long is cut.

use unicode_segmentation::UnicodeSegmentation;

use crate::extract::BlockKind;

/// So much before the longest end, a letter is looked for that is not made of several characters.
const WINDOW_CHARS: usize = 32;

/// The pieces of a text, none longer than `max`, and most about `target` characters; the first one
/// about `first`. All of the text is in them. Takes time in proportion to the text.
pub(super) fn pieces(
    text: &str,
    kind: BlockKind,
    first: usize,
    target: usize,
    max: usize,
) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    let mut target_now = first;
    loop {
        let Some((window_end, _)) = rest.char_indices().nth(max) else {
            pieces.push(rest);
            return pieces;
        };
        let end = cut_point(&rest[..window_end], kind, target_now);
        pieces.push(&rest[..end]);
        rest = &rest[end..];
        target_now = target;
    }
}

/// Where to cut a text of which as much was taken as is allowed: at an end of a sentence, a line or a
/// cell, else between words, else between letters.
fn cut_point(window: &str, kind: BlockKind, target: usize) -> usize {
    let aim = window
        .char_indices()
        .nth(target)
        .map_or(window.len(), |(at, _)| at);
    let mut best = 0;
    let mut consider = |at: usize| -> bool {
        // The last one before the aim, unless that makes a small piece; then the next one.
        if at <= aim || best < aim / 4 {
            best = at;
        }
        at < aim
    };
    match kind {
        BlockKind::Code => {
            let _ = memchr::memchr_iter(b'\n', window.as_bytes()).all(|at| consider(at + 1));
        }
        BlockKind::TableRow => {
            let _ = memchr::memmem::find_iter(window.as_bytes(), b" | ").all(|at| consider(at + 3));
        }
        _ => {
            let ends = window
                .split_sentence_bound_indices()
                .map(|(at, sentence)| at + sentence.len())
                // That of the window is none of the text.
                .filter(|&at| at < window.len());
            let _ = { ends }.all(&mut consider);
        }
    }
    if best > 0 {
        return best;
    }
    // A word may begin where the window ends, so the whole of it is searched.
    let space = window
        .char_indices()
        .rev()
        .find(|(at, c)| c.is_whitespace() && *at > 0);
    if let Some((at, space)) = space
        && at >= window.len() / 4
    {
        return at + space.len_utf8();
    }
    let near = window
        .char_indices()
        .rev()
        .nth(WINDOW_CHARS)
        .map_or(0, |(at, _)| at);
    window[near..]
        .grapheme_indices(true)
        .map(|(at, _)| near + at)
        .next_back()
        .filter(|&at| at > near)
        .unwrap_or(window.len())
}
