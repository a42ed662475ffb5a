//! Finding text in titles, whatever its case.

/// A text to look for.
#[derive(Debug, Clone)]
pub(crate) struct TitleFilter {
    folded: String,
}

impl TitleFilter {
    pub(crate) fn new(text: &str) -> Self {
        Self { folded: fold(text) }
    }

    /// Whether `title` holds the text.
    pub(crate) fn accepts(&self, title: Option<&str>) -> bool {
        self.folded.is_empty() || title.is_some_and(|title| fold(title).contains(&self.folded))
    }
}

/// Upper case first and then lower case, a character at a time: that brings together what only one
/// of them would not, as `ς` and `σ`, or `ß` and `SS`.
fn fold(text: &str) -> String {
    text.chars()
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_does_not_matter() {
        for (text, title) in [
            ("RESUME", "My resume"),
            ("éTÉ", "L'Été à Paris"),
            ("strasse", "Hauptstraße 5"),
            ("ΟΔΥΣΣΕΎΣ", "ὁ Ὀδυσσεύς, Οδυσσεύς"),
            ("привет", "ПРИВЕТ, МИР"),
            ("50%", "a 50% cut"),
            ("a_b", "a_b"),
            ("", "anything"),
        ] {
            assert!(
                TitleFilter::new(text).accepts(Some(title)),
                "{text} in {title}"
            );
        }
    }

    #[test]
    fn wildcards_are_text() {
        for (text, title) in [("50%", "500"), ("a_b", "axb"), ("%", "a"), ("*", "a")] {
            assert!(
                !TitleFilter::new(text).accepts(Some(title)),
                "{text} in {title}"
            );
        }
    }

    #[test]
    fn what_has_no_title_is_found_by_nothing_but_the_empty_text() {
        assert!(!TitleFilter::new("a").accepts(None));
        assert!(TitleFilter::new("").accepts(None));
    }
}
