//! Tokens of our own: no language model counts them, but they are about as long as its would be.

/// Longer words are cut.
const WORD_BYTES: usize = 8;

/// Longer runs of signs are cut.
const SIGNS_BYTES: usize = 4;

/// Longer runs of one white space are cut.
const SPACE_BYTES: usize = 16;

/// Cuts the first token off a text that is not empty: a space, if one comes first, and then a word
/// or a piece of one, or some signs. Never cuts a character in two.
pub(super) fn cut_token(text: &str) -> (&str, &str) {
    let bytes = text.as_bytes();
    let start = match bytes {
        [b' ', next, ..] if !next.is_ascii_whitespace() => 1,
        _ => 0,
    };
    let Some(&first) = bytes.get(start) else {
        return (text, "");
    };
    let rest = &bytes[start..];
    let length = if is_word(first) {
        measure_run(rest, WORD_BYTES, is_word)
    } else if first.is_ascii_whitespace() {
        measure_run(rest, SPACE_BYTES, |byte| byte == first)
    } else {
        measure_run(rest, SIGNS_BYTES, |byte| {
            !is_word(byte) && !byte.is_ascii_whitespace()
        })
    };
    let mut end = start + length;
    while !text.is_char_boundary(end) {
        end += 1;
    }
    text.split_at(end)
}

fn measure_run(bytes: &[u8], max: usize, belongs: impl Fn(u8) -> bool) -> usize {
    bytes
        .iter()
        .take(max)
        .take_while(|&&byte| belongs(byte))
        .count()
}

/// How many tokens a text is.
pub(super) fn count_tokens(text: &str) -> u64 {
    let mut rest = text;
    let mut count = 0;
    while !rest.is_empty() {
        (_, rest) = cut_token(rest);
        count += 1;
    }
    count
}

const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || !byte.is_ascii()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tokens(text: &str) -> Vec<&str> {
        let mut rest = text;
        let mut tokens = Vec::new();
        while !rest.is_empty() {
            let (token, after) = cut_token(rest);
            tokens.push(token);
            rest = after;
        }
        tokens
    }

    #[test]
    fn tokens_are_words_with_their_space() {
        assert_eq!(
            tokens("The configuration, e.g.  `a`\n\n```toml"),
            [
                "The",
                " configur",
                "ation",
                ",",
                " e",
                ".",
                "g",
                ".",
                "  ",
                "`",
                "a",
                "`",
                "\n\n",
                "```",
                "toml"
            ]
        );
    }

    #[test]
    fn tokens_of_prose_are_about_four_bytes_long() {
        let prose = include_str!("../../tests/offline_documents/models.md");
        let tokens = usize::try_from(count_tokens(prose)).unwrap();
        let tenths = prose.len() * 10 / tokens;
        assert!((35..=50).contains(&tenths), "{tenths} tenths of a byte");
    }

    proptest! {
        #[test]
        fn tokens_make_up_the_text(text in any::<String>()) {
            let tokens = tokens(&text);
            prop_assert!(tokens.iter().all(|token| !token.is_empty()));
            prop_assert_eq!(tokens.concat(), text.clone());
            prop_assert_eq!(u64::try_from(tokens.len()).unwrap(), count_tokens(&text));
        }

        #[test]
        fn tokens_make_up_prose(text in "([a-zäß日🙂]{0,9}[ \n.`-]{0,3}){0,40}") {
            prop_assert_eq!(tokens(&text).concat(), text);
        }
    }
}
