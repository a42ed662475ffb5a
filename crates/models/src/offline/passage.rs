//! What is searched and quoted: pieces of documents, a section or a part of one each.

use std::ops::Range;

use super::{
    Document,
    block::{Block, BlockKind, read_blocks},
};

/// A passage grows by whole blocks up to this size.
const TARGET_BYTES: usize = 900;

/// What a paragraph announces (a code block, a table, a list) stays with it up to this size.
const EXHIBIT_BYTES: usize = 1800;

/// A piece of a document that says one thing.
#[derive(Debug, Clone)]
pub(super) struct Passage {
    /// The document that it is a piece of.
    pub(super) document: &'static Document,
    /// The heading that it stands under.
    pub(super) heading: String,
    /// The headings over that one, joined.
    pub(super) parents: String,
    /// The passage itself.
    pub(super) range: Range<usize>,
    /// The text under its heading, up to the next heading.
    pub(super) section: Range<usize>,
    /// The same with the sections under it.
    pub(super) subtree: Range<usize>,
}

impl Passage {
    /// The passage itself, as it stands in the document.
    pub(super) fn text(&self) -> &'static str {
        self.slice(&self.range)
    }

    /// A stretch of its document.
    pub(super) fn slice(&self, range: &Range<usize>) -> &'static str {
        &self.document.markdown[range.clone()]
    }

    /// Whether it holds a block of code.
    pub(super) fn has_code(&self) -> bool {
        self.text().contains("```")
    }

    /// Where in the document it stands: its headings, from the outermost.
    pub(super) fn locator(&self) -> String {
        if self.parents.is_empty() {
            self.heading.clone()
        } else {
            format!("{} › {}", self.parents, self.heading)
        }
    }
}

/// A heading and the blocks under it.
struct Section {
    /// 0 where no heading stands above it.
    level: u8,
    heading: String,
    parents: String,
    /// Where the heading begins: sections before it end here.
    start: usize,
    blocks: Vec<Block>,
}

/// Cuts a document into passages at its headings, and longer sections between blocks.
pub(super) fn cut_passages(document: &'static Document) -> Vec<Passage> {
    let sections = read_sections(document);
    let mut passages = Vec::new();
    for (number, section) in sections.iter().enumerate() {
        let (Some(first), Some(last)) = (section.blocks.first(), section.blocks.last()) else {
            continue;
        };
        let trim = |range: Range<usize>| {
            range.start..range.start + document.markdown[range].trim_end().len()
        };
        let subtree_end = sections[number + 1..]
            .iter()
            .find(|next| next.level <= section.level)
            .map_or(document.markdown.len(), |next| next.start);
        for blocks in group_blocks(&section.blocks) {
            passages.push(Passage {
                document,
                heading: section.heading.clone(),
                parents: section.parents.clone(),
                range: trim(blocks),
                section: trim(first.range.start..last.range.end),
                subtree: trim(first.range.start..subtree_end),
            });
        }
    }
    passages
}

fn read_sections(document: &'static Document) -> Vec<Section> {
    let mut sections = vec![Section {
        level: 0,
        heading: document.title.to_owned(),
        parents: String::new(),
        start: 0,
        blocks: Vec::new(),
    }];
    // The headings that the current place stands under, outermost first.
    let mut path: Vec<(u8, String)> = Vec::new();
    for block in read_blocks(document.markdown, TARGET_BYTES) {
        match block.kind {
            BlockKind::Heading { level, text } => {
                path.retain(|(above, _)| *above < level);
                // The heading of level 1 says what the document's title says.
                let parents: Vec<&str> = path
                    .iter()
                    .filter(|(above, _)| *above > 1)
                    .map(|(_, heading)| heading.as_str())
                    .collect();
                sections.push(Section {
                    level,
                    heading: text.clone(),
                    parents: parents.join(" › "),
                    start: block.range.start,
                    blocks: Vec::new(),
                });
                path.push((level, text));
            }
            _ => {
                if let Some(section) = sections.last_mut() {
                    section.blocks.push(block);
                }
            }
        }
    }
    sections
}

/// Joins neighbouring blocks into stretches of a passage's size.
fn group_blocks(blocks: &[Block]) -> Vec<Range<usize>> {
    let mut groups: Vec<Range<usize>> = Vec::new();
    let mut before = &BlockKind::Other;
    for block in blocks {
        let belongs = groups.last().is_some_and(|group| {
            let joined = block.range.end - group.start;
            let is_announced = block.kind == BlockKind::Exhibit && *before == BlockKind::Paragraph;
            joined <= TARGET_BYTES || (is_announced && joined <= EXHIBIT_BYTES)
        });
        match groups.last_mut() {
            Some(group) if belongs => group.end = block.range.end,
            _ => groups.push(block.range.clone()),
        }
        before = &block.kind;
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(markdown: &'static str) -> Vec<Passage> {
        cut_passages(Box::leak(Box::new(Document {
            id: "guide.md",
            title: "Guide",
            markdown,
        })))
    }

    #[test]
    fn a_section_is_a_passage_with_its_headings() {
        let passages = cut(
            "# Guide\n\nIntro.\n\n## Models\n\n### Bedrock\n\nUse it:\n\n```toml\n# comment\n[bedrock]\n```\n\n## Other\n\nEnd.\n",
        );
        let seen: Vec<_> = passages.iter().map(|p| (p.locator(), p.text())).collect();
        assert_eq!(
            seen,
            [
                ("Guide".to_owned(), "Intro."),
                (
                    "Models › Bedrock".to_owned(),
                    "Use it:\n\n```toml\n# comment\n[bedrock]\n```"
                ),
                ("Other".to_owned(), "End."),
            ]
        );
        assert!(passages[0].slice(&passages[0].subtree).ends_with("End."));
        assert!(passages[1].slice(&passages[1].subtree).ends_with("```"));
    }

    #[test]
    fn text_before_the_first_heading_stands_under_the_title() {
        let passages = cut("Preamble.\n\n# Late\n\nBody.\n");
        assert_eq!(passages[0].locator(), "Guide");
        assert_eq!(passages[0].text(), "Preamble.");
    }

    #[test]
    fn long_sections_are_cut_between_paragraphs_and_nothing_is_lost() {
        let paragraph = "word ".repeat(60);
        let markdown: &'static str =
            Box::leak(format!("# A\n\n{}", format!("{paragraph}\n\n").repeat(10)).into_boxed_str());
        let passages = cut(markdown);
        assert!(passages.len() > 2);
        assert!(passages.iter().all(|p| p.text().len() <= TARGET_BYTES));
        let words: usize = passages
            .iter()
            .map(|p| p.text().split_whitespace().count())
            .sum();
        assert_eq!(words, 600);
    }

    #[test]
    fn a_code_block_stays_whole_and_with_the_paragraph_that_announces_it() {
        let code = "key = \"value\"\n\n".repeat(80);
        let text = "Some prose. ".repeat(20);
        let markdown: &'static str = Box::leak(
            format!(
                "# A\n\n{text}\n\n{text}\n\n{text}\n\nLike this:\n\n```toml\n{code}```\n\n{text}\n"
            )
            .into_boxed_str(),
        );
        let passages = cut(markdown);
        assert!(
            passages
                .iter()
                .all(|p| p.text().matches("```").count() % 2 == 0)
        );
        let short = "x = 1\n".repeat(40);
        let markdown: &'static str = Box::leak(
            format!("# A\n\n{text}\n\n{text}\n\n{text}\n\nLike this:\n\n```toml\n{short}```\n")
                .into_boxed_str(),
        );
        let passages = cut(markdown);
        let with_code = passages.iter().find(|p| p.text().contains("```"));
        assert!(with_code.is_some_and(|p| p.text().contains("Like this:")));
    }

    #[test]
    fn an_empty_document_has_no_passages() {
        assert!(cut("").is_empty());
        assert!(cut("# Only\n\n## Headings\n").is_empty());
    }
}
