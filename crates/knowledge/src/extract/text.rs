//! Plain text: paragraphs parted by empty lines.

use super::{BlockKind, Place, Refusal, collector::Collector};

pub(crate) fn read(text: &str, blocks: &mut Collector<'_>) -> Result<(), Refusal> {
    let mut start = 0;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        // A form feed starts a page.
        if line.trim().is_empty() {
            blocks.push(BlockKind::Paragraph, &text[start..at], Place::None)?;
            start = at + line.len();
        }
        at += line.len();
    }
    blocks.push(BlockKind::Paragraph, &text[start..], Place::None)
}

#[cfg(test)]
mod tests {
    use super::super::tests::blocks_of;

    #[test]
    fn paragraphs_are_parted_by_empty_lines() {
        let read = blocks_of(b"\n a\nb \r\n \t\r\n\x0c\nc", "a.txt");
        let texts: Vec<_> = read.iter().map(|block| &*block.text).collect();
        assert_eq!(texts, ["a\nb", "c"]);
    }
}
