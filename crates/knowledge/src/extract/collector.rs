//! Takes the blocks of a document as they are found, and passes them on in batches.

use std::mem;

use super::{Block, BlockKind, Place, Refusal};

/// A batch is passed on when it holds so much text.
const BATCH_BYTES: usize = 64 << 10;

/// Hears what is found while a document is read.
pub(crate) trait Listener {
    /// The next blocks.
    fn blocks(&mut self, blocks: Vec<Block>);

    /// So many pages are read, of so many.
    fn pages(&mut self, done: u32, total: u32);
}

/// What readers hand their blocks to. It cleans their text and holds them to the limit.
pub(crate) struct Collector<'a> {
    listener: &'a mut dyn Listener,
    batch: Vec<Block>,
    batch_bytes: usize,
    text_bytes: usize,
    max_text_bytes: usize,
}

impl<'a> Collector<'a> {
    pub(crate) fn new(listener: &'a mut dyn Listener, max_text_bytes: usize) -> Self {
        Self {
            listener,
            batch: Vec::new(),
            batch_bytes: 0,
            text_bytes: 0,
            max_text_bytes,
        }
    }

    /// Adds a block, if it has any text once it is cleaned.
    pub(crate) fn push(
        &mut self,
        kind: BlockKind,
        text: &str,
        place: Place,
    ) -> Result<(), Refusal> {
        let text = match kind {
            BlockKind::Code => clean_lines(text),
            _ => clean(text),
        };
        if text.is_empty() {
            return Ok(());
        }
        self.text_bytes += text.len();
        if self.text_bytes > self.max_text_bytes {
            return Err(self.too_much());
        }
        self.batch_bytes += text.len();
        self.batch.push(Block { kind, text, place });
        if self.batch_bytes >= BATCH_BYTES {
            self.flush();
        }
        Ok(())
    }

    /// Tells how far the reading is.
    pub(crate) fn pages(&mut self, done: u32, total: u32) {
        self.listener.pages(done, total);
    }

    /// How much more text there may be.
    pub(crate) fn left_bytes(&self) -> usize {
        self.max_text_bytes - self.text_bytes
    }

    /// Whether there was any text yet.
    pub(crate) fn is_empty(&self) -> bool {
        self.text_bytes == 0
    }

    /// Why a document with more text is not read.
    pub(crate) fn too_much(&self) -> Refusal {
        Refusal::TooLarge(format!(
            "The document holds more than {} MB of text. Split it, and upload the parts.",
            self.max_text_bytes >> 20
        ))
    }

    /// Passes on what is left.
    pub(crate) fn flush(&mut self) {
        self.batch_bytes = 0;
        if !self.batch.is_empty() {
            self.listener.blocks(mem::take(&mut self.batch));
        }
    }
}

/// Whether a character is neither text nor white space. Soft hyphens and byte order marks say nothing
/// either, and stand in the way of searches.
fn is_noise(c: char) -> bool {
    (c.is_control() && !matches!(c, '\t' | '\n')) || matches!(c, '\u{ad}' | '\u{feff}')
}

/// Lines without noise, without white space at their ends, and with one space between words; no empty
/// lines.
fn clean(text: &str) -> String {
    let mut cleaned = String::with_capacity(text.len());
    for line in text.lines() {
        let start = cleaned.len();
        if start > 0 {
            cleaned.push('\n');
        }
        let line_start = cleaned.len();
        for word in line.split(|c: char| c.is_whitespace()) {
            let word_start = cleaned.len();
            if word_start > line_start {
                cleaned.push(' ');
            }
            let text_start = cleaned.len();
            push_without_noise(&mut cleaned, word);
            if cleaned.len() == text_start {
                cleaned.truncate(word_start);
            }
        }
        if cleaned.len() == line_start {
            cleaned.truncate(start);
        }
    }
    cleaned
}

/// Lines without noise and without empty ones around them.
fn clean_lines(text: &str) -> String {
    let mut cleaned = String::with_capacity(text.len());
    for line in text.lines() {
        let mut quiet = String::with_capacity(line.len());
        push_without_noise(&mut quiet, line);
        let line = quiet.trim_end();
        if !cleaned.is_empty() {
            cleaned.push('\n');
        } else if line.is_empty() {
            continue;
        }
        cleaned.push_str(line);
    }
    cleaned.truncate(cleaned.trim_end().len());
    cleaned
}

fn push_without_noise(to: &mut String, text: &str) {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\t')) {
        to.push_str(text);
    } else {
        to.extend(text.chars().filter(|&c| !is_noise(c)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cleaned_of_what_nobody_sees() {
        assert_eq!(
            clean("  a \u{0}b\r\n\r\n\tc\u{ad}d\u{a0}e \n \u{1} \n"),
            "a b\ncd e"
        );
        assert_eq!(clean("\u{0}\u{feff}"), "");
        assert_eq!(
            clean_lines("\n\nfn a() {\n    b\u{0}\n\n}\n\n"),
            "fn a() {\n    b\n\n}"
        );
    }
}
