//! Code in a message, and the wish to run it.

use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};

use super::query::read_words;

/// Where a block does not say.
const DEFAULT_LANGUAGE: &str = "python";

/// Longer messages are not read for code: that would hold up other streams.
const MAX_BYTES: usize = 256 * 1024;

/// The first fenced block of a message.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Code {
    pub(super) language: String,
    pub(super) text: String,
}

/// The code that a message asks to run, if it does.
pub(super) fn find_code(message: &str) -> Option<Code> {
    const VERBS: &[&str] = &["run", "execute", "eval", "evaluate"];
    let has_fence = message.contains("```") || message.contains("~~~");
    if !has_fence || message.len() > MAX_BYTES {
        return None;
    }
    let mut code: Option<Code> = None;
    let mut is_inside = false;
    let mut is_asked = false;
    for event in Parser::new(message) {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) if code.is_none() => {
                let language = info.split_whitespace().next().unwrap_or(DEFAULT_LANGUAGE);
                is_inside = true;
                code = Some(Code {
                    language: language.to_lowercase(),
                    text: String::new(),
                });
            }
            Event::End(TagEnd::CodeBlock) => is_inside = false,
            Event::Text(text) if is_inside => {
                if let Some(code) = &mut code {
                    code.text.push_str(&text);
                }
            }
            Event::Text(text) => {
                is_asked |= read_words(&text).any(|word| VERBS.contains(&word.as_str()));
            }
            _ => {}
        }
    }
    code.filter(|code| is_asked && !code.text.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_run_only_when_that_is_asked() {
        let asked = find_code("Please run this:\n\n```Python title=x\nprint('`run`')\n# x\n```\n");
        assert_eq!(
            asked,
            Some(Code {
                language: "python".to_owned(),
                text: "print('`run`')\n# x\n".to_owned(),
            })
        );
        assert_eq!(find_code("What is this?\n\n```\nrun()\n```\n"), None);
        assert_eq!(find_code("run it"), None);
        assert_eq!(find_code("run\n\n```\n\n```\n"), None);
        let bare = find_code("```\n1+1\n```\nexecute").map(|code| code.language);
        assert_eq!(bare.as_deref(), Some("python"));
    }
}
