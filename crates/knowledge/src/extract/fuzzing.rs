//! What the fuzz targets in `tests/fuzz` call; public only with the feature `fuzz`.

use super::{
    Block, Collector, Extracted, Format, Listener, Refusal, docx,
    frame::{Decoder, encode},
    read_text,
};

#[derive(Default)]
struct Kept(Vec<Block>);

impl Listener for Kept {
    fn blocks(&mut self, mut blocks: Vec<Block>) {
        self.0.append(&mut blocks);
    }

    fn pages(&mut self, _: u32, _: u32) {}
}

fn collect<T>(
    read: impl FnOnce(&mut Collector<'_>) -> Result<T, Refusal>,
) -> Result<(T, Vec<Block>), Refusal> {
    let mut kept = Kept::default();
    let mut blocks = Collector::new(&mut kept, usize::MAX);
    let read = read(&mut blocks)?;
    blocks.flush();
    Ok((read, kept.0))
}

/// Subtitles of either format.
pub fn subtitles(text: &str) -> Extracted {
    let read = collect(|blocks| read_text(Format::Subtitles, text, blocks));
    let (title, blocks) = read.unwrap_or_default();
    Extracted { title, blocks }
}

/// The blocks of a DOCX file with these two parts.
pub fn docx_parts(document: &[u8], styles: &[u8]) -> Result<Vec<Block>, Refusal> {
    Ok(collect(|blocks| docx::read_parts(document, styles, blocks))?.1)
}

/// The lines of a child's answer that comes in these pieces, each written anew, up to what is no frame.
pub fn answer_lines<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut decoder = Decoder::default();
    let mut lines = Vec::new();
    for piece in pieces {
        decoder.push(piece);
        loop {
            match decoder.next() {
                Ok(Some(frame)) => lines.append(&mut encode(&frame)),
                Ok(None) => break,
                Err(_) => return lines,
            }
        }
    }
    lines
}
