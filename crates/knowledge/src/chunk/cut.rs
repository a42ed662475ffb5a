//! Cuts documents along their headings, paragraphs and sentences.
//!
//! Chunks do not overlap. Each carries the headings above it, so it stands alone; what is said twice
//! would be found twice, and quoted twice.

use super::{
    Chunk, ChunkLimits,
    draft::{Draft, HeadingPath},
    split::pieces,
};
use crate::extract::{Block, BlockKind, Extracted};

/// Cuts a document. Every character of it but white space is in one chunk, in its order.
///
/// A block that is not longer than a chunk may be stays whole. A heading stays with what follows. A
/// section that is much smaller than a chunk is put together with the next, if both are under one
/// heading.
pub fn cut(document: &Extracted, limits: &ChunkLimits) -> Vec<Chunk> {
    let mut cutter = Cutter {
        target: limits.target_chars.max(1),
        max: limits.max_chars.max(limits.target_chars).max(1),
        path: HeadingPath::default(),
        draft: Draft::default(),
        last_kind: None,
        chunks: Vec::new(),
    };
    for block in &document.blocks {
        cutter.push(block);
    }
    cutter.close();
    cutter.chunks
}

struct Cutter {
    target: usize,
    max: usize,
    /// Where we stand.
    path: HeadingPath,
    draft: Draft,
    last_kind: Option<BlockKind>,
    chunks: Vec<Chunk>,
}

impl Cutter {
    fn push(&mut self, block: &Block) {
        if let BlockKind::Heading(level) = block.kind {
            let mut path = self.path.clone();
            path.enter(level, &block.text);
            let is_small = self.draft.chars < self.target / 3;
            if let Some(before) = self.draft.body_path()
                && !(is_small && before.is_near(&path))
            {
                self.close();
            }
            self.path = path;
        }
        // A byte is at most one character.
        let is_whole = block.text.len() <= self.max || block.text.chars().count() <= self.max;
        if is_whole {
            self.push_piece(&block.text, block);
            return;
        }
        let room = self.target.saturating_sub(self.draft.chars + 2);
        let first = if room < self.target / 2 {
            self.target
        } else {
            room
        };
        for piece in pieces(&block.text, block.kind, first, self.target, self.max) {
            let piece = match block.kind {
                BlockKind::Code => piece.trim_end(),
                _ => piece.trim(),
            };
            if !piece.trim().is_empty() {
                self.push_piece(piece, block);
            }
        }
    }

    fn push_piece(&mut self, text: &str, block: &Block) {
        let separator = self.separator(block.kind);
        let chars = separator.len() + text.chars().count();
        let total = self.draft.chars + chars;
        let is_half_empty = self.draft.chars < self.target / 2;
        if total > self.target && !(is_half_empty && total <= self.max) && !self.draft.is_empty() {
            let tail = self.draft.take_tail();
            self.close();
            self.draft = tail;
            if self.draft.chars + chars > self.max {
                self.close();
            }
        }
        if matches!(block.kind, BlockKind::Heading(_)) {
            self.draft.push_heading(separator, text, block.place);
        } else {
            self.draft.push(separator, text, block.place, &self.path);
        }
        self.last_kind = Some(block.kind);
    }

    /// What stands between a block and the one before.
    fn separator(&self, kind: BlockKind) -> &'static str {
        let is_line = matches!(
            kind,
            BlockKind::ListItem | BlockKind::TableRow | BlockKind::Cue
        );
        if is_line && self.last_kind == Some(kind) {
            "\n"
        } else {
            "\n\n"
        }
    }

    /// Ends the chunk.
    fn close(&mut self) {
        let draft = std::mem::take(&mut self.draft);
        if !draft.is_empty() {
            self.chunks.push(draft.finish(&self.path));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::extract::Place;

    fn block(kind: BlockKind, text: impl Into<String>) -> Block {
        Block {
            kind,
            text: text.into(),
            place: Place::None,
        }
    }

    fn heading(level: u8, text: &str) -> Block {
        block(BlockKind::Heading(level), text)
    }

    fn paragraph(chars: usize) -> Block {
        block(
            BlockKind::Paragraph,
            "One two. ".repeat(chars / 9 + 1)[..chars].trim_end(),
        )
    }

    fn chunks(blocks: Vec<Block>) -> Vec<Chunk> {
        let document = Extracted {
            title: None,
            blocks,
        };
        cut(&document, &ChunkLimits::default())
    }

    fn locators(blocks: Vec<Block>) -> Vec<String> {
        chunks(blocks)
            .into_iter()
            .map(|chunk| chunk.locator)
            .collect()
    }

    #[test]
    fn sections_are_chunks_and_small_ones_are_put_together() {
        let blocks = vec![
            heading(1, "Guide"),
            heading(2, "Install"),
            paragraph(900),
            heading(2, "Run"),
            paragraph(100),
            heading(2, "Stop"),
            paragraph(100),
            heading(1, "Other"),
            paragraph(50),
        ];
        let found = chunks(blocks);
        let locators: Vec<_> = found.iter().map(|chunk| &*chunk.locator).collect();
        assert_eq!(locators, ["Guide › Install", "Guide", "Other"]);
        assert!(found[0].text.starts_with("Guide\n\nInstall\n\nOne two."));
        assert!(found[1].text.starts_with("Run\n\n"), "{}", found[1].text);
        assert_eq!(found[2].headings, ["Other"]);
    }

    #[test]
    fn a_heading_stays_with_what_follows() {
        let found = chunks(vec![
            heading(1, "A"),
            paragraph(300),
            heading(2, "B"),
            paragraph(1900),
        ]);
        assert_eq!(found.len(), 2);
        assert!(found[1].text.starts_with("B\n\nOne"));
        assert_eq!(found[1].locator, "A › B");
    }

    #[test]
    fn long_paragraphs_are_cut_after_sentences_and_blocks_stay_whole() {
        let code = block(BlockKind::Code, "let a = 1;\n".repeat(150).trim_end());
        let found = chunks(vec![paragraph(4995), code.clone(), paragraph(100)]);
        for chunk in &found[..4] {
            assert!(chunk.text.ends_with("two."), "{}", chunk.text);
            assert!(
                (600..=2000).contains(&chunk.text.len()),
                "{}",
                chunk.text.len()
            );
        }
        assert!(found.iter().any(|chunk| chunk.text.contains(&code.text)));
    }

    #[test]
    fn places_are_named_for_people() {
        let at = |place: Place, chars: usize| Block {
            place,
            ..paragraph(chars)
        };
        let pages = vec![
            at(Place::Page(12), 900),
            at(Place::Page(13), 200),
            at(Place::Page(14), 900),
        ];
        assert_eq!(locators(pages), ["p. 12–13", "p. 14"]);
        assert_eq!(locators(vec![at(Place::TimeMs(250_900), 10)]), ["00:04:10"]);
        assert_eq!(locators(vec![paragraph(10)]), [""]);
    }

    #[test]
    fn a_long_line_is_cut_between_letters() {
        let family = "👨‍👩‍👧‍👦";
        let found = chunks(vec![block(BlockKind::Paragraph, family.repeat(1000))]);
        assert!(found.len() > 3);
        for chunk in found {
            assert!(chunk.text.chars().count() <= 2000);
            assert!(chunk.text.starts_with(family) && chunk.text.ends_with(family));
        }
    }

    fn kind() -> impl Strategy<Value = BlockKind> {
        prop_oneof![
            (1_u8..=6).prop_map(BlockKind::Heading),
            Just(BlockKind::Paragraph),
            Just(BlockKind::ListItem),
            Just(BlockKind::Code),
            Just(BlockKind::TableRow),
            Just(BlockKind::Cue),
        ]
    }

    fn text() -> impl Strategy<Value = String> {
        prop_oneof![
            "[a-z .|\n]{1,80}",
            "\\PC{1,60}",
            ("\\PC{1,4}", 1_usize..120).prop_map(|(text, times)| text.repeat(times)),
        ]
    }

    fn dense(text: &str) -> String {
        text.chars().filter(|c| !c.is_whitespace()).collect()
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_nothing_too_long(
            blocks in prop::collection::vec((kind(), text(), 0_u32..2), 0..30),
            target in 1_usize..60,
            more in 0_usize..60,
        ) {
            let mut page = 1;
            let blocks: Vec<Block> = blocks
                .into_iter()
                .map(|(kind, text, pages)| {
                    page += pages;
                    Block { kind, text, place: Place::Page(page) }
                })
                .filter(|block| !block.text.trim().is_empty())
                .collect();
            let document = Extracted { title: None, blocks };
            let limits = ChunkLimits { target_chars: target, max_chars: target + more };
            let chunks = cut(&document, &limits);
            let input: String = document.blocks.iter().map(|block| dense(&block.text)).collect();
            let output: String = chunks.iter().map(|chunk| dense(&chunk.text)).collect();
            prop_assert_eq!(input, output);
            let mut last = 0;
            for chunk in &chunks {
                prop_assert!(chunk.text.chars().count() <= target + more, "{:?}", chunk);
                prop_assert!(!chunk.text.trim().is_empty());
                let pages = chunk.locator.strip_prefix("p. ").expect("it names a page");
                let pages: Vec<u32> = pages.split('–').map(|page| page.parse().expect("it is a number")).collect();
                prop_assert!(pages.is_sorted() && pages[0] >= last, "{:?}", chunk);
                last = pages[0];
            }
        }
    }
}
