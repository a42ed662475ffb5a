//! Texts of providers, made fit for an error.

/// How much of a provider's text is kept.
const MAX_CHARS: usize = 300;

/// The text on one line, and not too long.
pub(crate) fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let line = words.join(" ");
    match line.char_indices().nth(MAX_CHARS) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// Whether a provider says that a conversation does not fit: OpenAI and vLLM say "maximum context
/// length", llama.cpp "exceeds the available context size", Bedrock's models "input is too long",
/// "prompt is too long", "context window" or "exceeds the maximum number of input tokens".
pub(crate) fn says_context_too_long(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    [
        "maximum context",
        "context length",
        "context window",
        "context size",
        "input is too long",
        "prompt is too long",
        "too many input tokens",
        "maximum number of input tokens",
    ]
    .iter()
    .any(|words| text.contains(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_short_and_on_one_line() {
        assert_eq!(one_line(" a\n b\t"), "a b");
        let long = one_line(&"é ".repeat(1000));
        assert_eq!(long.chars().count(), MAX_CHARS + 1);
    }
}
