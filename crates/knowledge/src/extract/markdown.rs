//! Markdown, as `GitHub` writes it.

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::{BlockKind, Place, Refusal, collector::Collector, html};

/// Reads a text. Returns the title: of its front matter, else its first heading of level 1.
pub(crate) fn read(text: &str, blocks: &mut Collector<'_>) -> Result<Option<String>, Refusal> {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_HEADING_ATTRIBUTES
        | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS
        | Options::ENABLE_DEFINITION_LIST;
    let mut reader = MarkdownReader::default();
    for event in Parser::new_ext(text, options) {
        reader.take(event, blocks)?;
    }
    reader.end_block(BlockKind::Paragraph, blocks)?;
    Ok(reader.title.or(reader.first_heading))
}

#[derive(Default)]
struct MarkdownReader {
    text: String,
    title: Option<String>,
    first_heading: Option<String>,
    /// How many items of lists are open.
    items: usize,
    cells: usize,
}

impl MarkdownReader {
    fn take(&mut self, event: Event<'_>, blocks: &mut Collector<'_>) -> Result<(), Refusal> {
        match event {
            Event::Text(text)
            | Event::Code(text)
            | Event::InlineMath(text)
            | Event::DisplayMath(text)
            | Event::Html(text) => self.text.push_str(&text),
            Event::SoftBreak => self.text.push(' '),
            Event::HardBreak => self.text.push('\n'),
            Event::InlineHtml(tag) => {
                if tag.starts_with("<br") {
                    self.text.push('\n');
                }
            }
            Event::TaskListMarker(is_done) => {
                self.text.push_str(if is_done { "[x] " } else { "[ ] " });
            }
            Event::Start(tag) => self.start(&tag, blocks)?,
            Event::End(tag) => self.end(tag, blocks)?,
            Event::FootnoteReference(_) | Event::Rule => {}
        }
        Ok(())
    }

    fn start(&mut self, tag: &Tag<'_>, blocks: &mut Collector<'_>) -> Result<(), Refusal> {
        match tag {
            Tag::TableCell => {
                if self.cells > 0 {
                    self.text.push_str(" | ");
                }
                self.cells += 1;
            }
            Tag::TableHead | Tag::TableRow => self.cells = 0,
            // The text of an item ends where a list, a code block or the like begins inside.
            tag if is_block(tag) => {
                let kind = self.prose();
                self.end_block(kind, blocks)?;
                if matches!(tag, Tag::Item) {
                    self.items += 1;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn end(&mut self, tag: TagEnd, blocks: &mut Collector<'_>) -> Result<(), Refusal> {
        match tag {
            TagEnd::Heading(level) => {
                if level == HeadingLevel::H1 && self.first_heading.is_none() {
                    self.first_heading =
                        Some(self.text.trim().to_owned()).filter(|t| !t.is_empty());
                }
                self.end_block(BlockKind::Heading(level as u8), blocks)
            }
            TagEnd::CodeBlock => self.end_block(BlockKind::Code, blocks),
            TagEnd::TableHead | TagEnd::TableRow => self.end_block(BlockKind::TableRow, blocks),
            TagEnd::HtmlBlock => {
                let html = std::mem::take(&mut self.text);
                html::read_fragment(&html, blocks)
            }
            TagEnd::MetadataBlock(_) => {
                let front = std::mem::take(&mut self.text);
                let title = front.lines().find_map(|line| line.strip_prefix("title:"));
                self.title = title
                    .map(|title| title.trim().trim_matches(['"', '\'']).to_owned())
                    .filter(|title| !title.is_empty());
                blocks.push(BlockKind::Paragraph, &front, Place::None)
            }
            TagEnd::Item => {
                let ended = self.end_block(BlockKind::ListItem, blocks);
                self.items = self.items.saturating_sub(1);
                ended
            }
            TagEnd::Paragraph
            | TagEnd::BlockQuote(_)
            | TagEnd::FootnoteDefinition
            | TagEnd::DefinitionListTitle
            | TagEnd::DefinitionListDefinition => {
                let kind = self.prose();
                self.end_block(kind, blocks)
            }
            _ => Ok(()),
        }
    }

    /// What sentences are where we stand.
    fn prose(&self) -> BlockKind {
        if self.items > 0 {
            BlockKind::ListItem
        } else {
            BlockKind::Paragraph
        }
    }

    fn end_block(&mut self, kind: BlockKind, blocks: &mut Collector<'_>) -> Result<(), Refusal> {
        blocks.push(kind, &self.text, Place::None)?;
        self.text.clear();
        Ok(())
    }
}

fn is_block(tag: &Tag<'_>) -> bool {
    matches!(
        tag,
        Tag::Paragraph
            | Tag::Heading { .. }
            | Tag::BlockQuote(_)
            | Tag::CodeBlock(_)
            | Tag::HtmlBlock
            | Tag::List(_)
            | Tag::Item
            | Tag::FootnoteDefinition(_)
            | Tag::DefinitionList
            | Tag::DefinitionListTitle
            | Tag::DefinitionListDefinition
            | Tag::Table(_)
    )
}

#[cfg(test)]
mod tests {
    use super::super::{BlockKind, tests::read_file};

    #[test]
    fn blocks_keep_their_kind() {
        let file = "---\ntitle: \"The Guide\"\n---\n# One\n\nSome *text* with a\n[link](http://a/b) and `code`.\n\n\
                    - item\n  more\n  - inner\n- [x] done\n\n```rust\nfn a() {\n    b()\n}\n```\n\n\
                    | a | b |\n|---|---|\n| 1 | 2 |\n\n## Two ##\n\n<div>in <b>HTML</b></div>\n\nx<br>y\n";
        let read = read_file(file.as_bytes(), "a.md").unwrap();
        assert_eq!(read.title.as_deref(), Some("The Guide"));
        let blocks: Vec<_> = read.blocks.iter().map(|b| (b.kind, &*b.text)).collect();
        assert_eq!(
            blocks,
            [
                (BlockKind::Paragraph, "title: \"The Guide\""),
                (BlockKind::Heading(1), "One"),
                (BlockKind::Paragraph, "Some text with a link and code."),
                (BlockKind::ListItem, "item more"),
                (BlockKind::ListItem, "inner"),
                (BlockKind::ListItem, "[x] done"),
                (BlockKind::Code, "fn a() {\n    b()\n}"),
                (BlockKind::TableRow, "a | b"),
                (BlockKind::TableRow, "1 | 2"),
                (BlockKind::Heading(2), "Two"),
                (BlockKind::Paragraph, "in HTML"),
                (BlockKind::Paragraph, "x\ny"),
            ]
        );
    }

    #[test]
    fn the_first_outermost_heading_is_the_title() {
        let read = read_file(b"## a\n# b\n# c\n", "a.md").unwrap();
        assert_eq!(read.title.as_deref(), Some("b"));
    }
}
