//! The blocks that a markdown text is made of at its top level.

use std::ops::Range;

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag};

/// What a block is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum BlockKind {
    /// A heading of level 1 to 6, with its text free of markup.
    Heading { level: u8, text: String },
    /// A paragraph.
    Paragraph,
    /// Code, a table or a list: what the paragraph before it often announces.
    Exhibit,
    /// An item of a list that is too long to stand as one block.
    Item,
    /// Quotations, HTML.
    Other,
}

/// A block and where it stands in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) kind: BlockKind,
    pub(super) range: Range<usize>,
}

/// Reads a text's top-level blocks in their order. A list of more than `long_list_bytes` comes as
/// its items. Rules, front matter and HTML comments are left out.
pub(super) fn read_blocks(markdown: &str, long_list_bytes: usize) -> Vec<Block> {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS;
    let mut blocks: Vec<Block> = Vec::new();
    let mut depth = 0_u32;
    let mut is_in_heading = false;
    let mut is_in_long_list = false;
    for (event, range) in Parser::new_ext(markdown, options).into_offset_iter() {
        match event {
            Event::Start(tag) => {
                if depth == 0 {
                    is_in_long_list = matches!(tag, Tag::List(_)) && range.len() > long_list_bytes;
                    is_in_heading = matches!(tag, Tag::Heading { .. });
                }
                let is_block = depth == 0 && !is_in_long_list;
                let is_item = depth == 1 && is_in_long_list;
                if (is_block || is_item) && !is_skipped(&tag, &markdown[range.clone()]) {
                    blocks.push(Block {
                        kind: kind_of(&tag),
                        range: start_of_line(markdown, range.start)..range.end,
                    });
                }
                depth += 1;
            }
            Event::End(_) => {
                depth = depth.saturating_sub(1);
                is_in_heading &= depth > 0;
            }
            Event::Text(words) | Event::Code(words) if is_in_heading => {
                if let Some(Block {
                    kind: BlockKind::Heading { text, .. },
                    ..
                }) = blocks.last_mut()
                {
                    text.push_str(&words);
                }
            }
            _ => {}
        }
    }
    blocks
}

fn is_skipped(tag: &Tag<'_>, source: &str) -> bool {
    matches!(tag, Tag::MetadataBlock(_))
        || (matches!(tag, Tag::HtmlBlock) && source.trim_start().starts_with("<!--"))
}

fn kind_of(tag: &Tag<'_>) -> BlockKind {
    match tag {
        Tag::Heading { level, .. } => BlockKind::Heading {
            level: number_of(*level),
            text: String::new(),
        },
        Tag::Paragraph => BlockKind::Paragraph,
        Tag::CodeBlock(_) | Tag::Table(_) | Tag::List(_) => BlockKind::Exhibit,
        Tag::Item => BlockKind::Item,
        _ => BlockKind::Other,
    }
}

const fn number_of(level: HeadingLevel) -> u8 {
    match level {
        HeadingLevel::H1 => 1,
        HeadingLevel::H2 => 2,
        HeadingLevel::H3 => 3,
        HeadingLevel::H4 => 4,
        HeadingLevel::H5 => 5,
        HeadingLevel::H6 => 6,
    }
}

// The parser leaves out the indentation of an indented code block, without which a quotation of it
// would not be code any more.
fn start_of_line(markdown: &str, start: usize) -> usize {
    let line = markdown[..start]
        .rfind('\n')
        .map_or(0, |newline| newline + 1);
    if markdown[line..start].trim().is_empty() {
        line
    } else {
        start
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headings(markdown: &str) -> Vec<(u8, String)> {
        read_blocks(markdown, 1000)
            .into_iter()
            .filter_map(|block| match block.kind {
                BlockKind::Heading { level, text } => Some((level, text)),
                _ => None,
            })
            .collect()
    }

    #[test]
    fn comments_in_code_are_not_headings() {
        let markdown = "# One\n\n```toml\n# not a heading\n[models]\n```\n\n    # nor this\n\n~~~\n## nor that\n~~~\n\nTwo `x` *y*\n===\n";
        assert_eq!(
            headings(markdown),
            [(1, "One".to_owned()), (1, "Two x y".to_owned())]
        );
    }

    #[test]
    fn headings_inside_quotations_and_lists_are_part_of_them() {
        assert_eq!(headings("> # quoted\n\n- # listed\n"), []);
    }

    #[test]
    fn indented_code_keeps_its_indentation() {
        let markdown = "Text\n\n    code\n    more\n";
        let blocks = read_blocks(markdown, 1000);
        assert_eq!(blocks[1].kind, BlockKind::Exhibit);
        assert!(markdown[blocks[1].range.clone()].starts_with("    code"));
    }

    #[test]
    fn a_long_list_comes_as_its_items() {
        let markdown = "- one\n- two\n- three\n";
        assert_eq!(read_blocks(markdown, 1000).len(), 1);
        let items = read_blocks(markdown, 5);
        assert_eq!(items.len(), 3);
        assert!(items.iter().all(|item| item.kind == BlockKind::Item));
    }

    #[test]
    fn front_matter_and_comments_are_left_out() {
        let markdown = "---\ntitle: x\n---\n\n<!-- hidden -->\n\nSeen\n";
        let blocks = read_blocks(markdown, 1000);
        assert_eq!(blocks.len(), 1);
        assert_eq!(markdown[blocks[0].range.clone()].trim_end(), "Seen");
    }
}
