//! Reads documents: files of several formats become blocks of text with their places.
//!
//! Reading strangers' files is done by a child process: [`Extractor`] starts it, and [`child::run`] is
//! what it runs. [`read`] is the reading alone, for files that are trusted.

mod block;
pub mod child;
mod collector;
mod docx;
mod encoding;
mod ending;
mod error;
mod format;
mod frame;
mod html;
mod limits;
mod markdown;
mod parent;
mod pdf;
mod refusal;
mod subtitle;
mod table;
mod text;

pub use block::{Block, BlockKind, Extracted, Place};
pub use error::ExtractError;
pub use format::Hint;
pub use parent::{Extractor, Limits, Source};
pub use refusal::Refusal;

use collector::{Collector, Listener};
use format::Format;

/// Reads a file in this process. A malicious one may take all of its memory and time.
pub fn read(file: &[u8], hint: Hint<'_>) -> Result<Extracted, Refusal> {
    #[derive(Default)]
    struct Kept(Vec<Block>);

    impl Listener for Kept {
        fn blocks(&mut self, mut blocks: Vec<Block>) {
            self.0.append(&mut blocks);
        }

        fn pages(&mut self, _: u32, _: u32) {}
    }

    let mut kept = Kept::default();
    let title = read_to(file, hint, &mut kept, usize::MAX)?;
    Ok(Extracted {
        title,
        blocks: kept.0,
    })
}

/// Reads a file, and tells what is found on the way. Returns the title.
fn read_to(
    file: &[u8],
    hint: Hint<'_>,
    listener: &mut dyn Listener,
    max_text_bytes: usize,
) -> Result<Option<String>, Refusal> {
    let format = format::detect(file, hint)?;
    let mut blocks = Collector::new(listener, max_text_bytes);
    let title = match format {
        Format::Pdf => pdf::read(file, &mut blocks)?,
        Format::Docx => docx::read(file, &mut blocks)?,
        _ => {
            let text = encoding::decode(file, hint.media_type);
            read_text(format, &text, &mut blocks)?
        }
    };
    if blocks.is_empty() {
        return Err(Refusal::unreadable(
            "There is no text in this document. Check it where it was made, and upload it again.",
        ));
    }
    blocks.flush();
    Ok(title)
}

fn read_text(
    format: Format,
    text: &str,
    blocks: &mut Collector<'_>,
) -> Result<Option<String>, Refusal> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match format {
        Format::Html => html::read(text, blocks),
        Format::Markdown => markdown::read(text, blocks),
        Format::Subtitles => subtitle::read(text.trim_start(), blocks),
        Format::Csv => table::read(text, None, blocks).map(|()| None),
        Format::Tsv => table::read(text, Some(b'\t'), blocks).map(|()| None),
        Format::Text | Format::Pdf | Format::Docx => text::read(text, blocks).map(|()| None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads a file by its name.
    pub(crate) fn read_file(file: &[u8], file_name: &str) -> Result<Extracted, Refusal> {
        let hint = Hint {
            file_name,
            media_type: "",
        };
        read(file, hint)
    }

    pub(crate) fn blocks_of(file: &[u8], file_name: &str) -> Vec<Block> {
        read_file(file, file_name).unwrap().blocks
    }

    #[test]
    fn a_document_without_text_is_refused() {
        for (file, name) in [
            (&b" \n\t\xef\xbb\xbf"[..], "a.txt"),
            (b"<html><script>a</script>", "a.html"),
        ] {
            let refusal = read_file(file, name).unwrap_err();
            assert!(refusal.to_string().contains("no text"), "{refusal}");
        }
    }
}
