//! A conversation's title, where nobody gave it one.

/// The longest title that is taken from a message, in characters.
const MAX_CHARS: usize = 60;

/// The first line of `text`, cut at a word.
pub(crate) fn title_of(text: &str) -> Option<String> {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty())?;
    let line = line.trim_start_matches(['#', '>', '-', '*', '`', ' ']);
    if line.is_empty() {
        return None;
    }
    if line.chars().count() <= MAX_CHARS {
        return Some(line.to_owned());
    }
    let head: String = line.chars().take(MAX_CHARS).collect();
    let cut = head.rfind(char::is_whitespace).unwrap_or(head.len());
    Some(format!("{}…", head[..cut].trim_end()))
}

#[cfg(test)]
mod tests {
    use super::title_of;

    #[test]
    fn the_first_line_that_says_something_is_the_title() {
        assert_eq!(
            title_of("\n  Hello there \nmore").as_deref(),
            Some("Hello there")
        );
        assert_eq!(title_of("# Heading").as_deref(), Some("Heading"));
        assert_eq!(title_of("  \n "), None);
        assert_eq!(title_of("***"), None);
    }

    #[test]
    fn a_long_line_is_cut_at_a_word() {
        let title = title_of(&"word ".repeat(40)).unwrap();
        assert!(title.ends_with("word…"), "{title}");
        assert!(title.chars().count() <= 61);
        let title = title_of(&"字".repeat(100)).unwrap();
        assert_eq!(title.chars().count(), 61);
    }
}
