//! Texts of scripts that put no spaces between words.

use std::borrow::Cow;

/// Whether a character stands for a word or a syllable of a script without spaces. The tokenizer
/// takes a whole run of them for one word, which nobody would ask for.
pub(super) const fn is_unspaced(sign: char) -> bool {
    matches!(sign,
        '\u{0e01}'..='\u{0e4e}'     // Thai
        | '\u{0e81}'..='\u{0edf}'   // Lao
        | '\u{1000}'..='\u{109f}'   // Burmese
        | '\u{1780}'..='\u{17d3}'   // Khmer
        | '\u{3041}'..='\u{30ff}'   // Hiragana, Katakana
        | '\u{3400}'..='\u{4dbf}'   // Han
        | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{323af}')
}

/// The text with a space after each such character, so that each is a word of its own; neighbours
/// are asked for as phrases.
pub(super) fn space_out(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || !text.contains(is_unspaced) {
        return Cow::Borrowed(text);
    }
    let mut spaced = String::with_capacity(text.len() * 2);
    let mut was_unspaced = false;
    for sign in text.chars() {
        let is_one = is_unspaced(sign);
        if is_one || was_unspaced {
            spaced.push(' ');
        }
        spaced.push(sign);
        was_unspaced = is_one;
    }
    Cow::Owned(spaced)
}
