//! What parent and child say to each other: one line of JSON each, so that it can be read and tried by
//! hand. Behind the request, which comes first, the bytes of the file follow up to the end.

use serde::{Deserialize, Serialize};

use super::{Block, Refusal};

/// The version of all this. Parent and child are one program, so nothing has to be understood but a
/// program that was replaced meanwhile.
pub(super) const VERSION: u32 = 1;

/// What the parent asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Request {
    pub(super) file_name: String,
    pub(super) media_type: String,
    pub(super) size_bytes: u64,
    pub(super) limits: ChildLimits,
}

/// What the child holds itself to, before it reads a byte of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ChildLimits {
    pub(super) memory_bytes: u64,
    pub(super) cpu_seconds: u64,
    pub(super) text_bytes: usize,
}

/// What the child answers, in this order: `Ready`, any number of `Pages` and `Blocks`, and one of the
/// last two.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Frame {
    /// The limits are set; the version of what follows.
    Ready(u32),
    /// So many pages are read, of so many.
    Pages(u32, u32),
    /// The next blocks of the document.
    Blocks(Vec<Block>),
    /// That was all. The document's title.
    Done(Option<String>),
    /// It cannot be read.
    Refused(Refusal),
}

/// A frame as a line.
pub(super) fn encode(frame: &impl Serialize) -> Vec<u8> {
    // Strings, numbers and lists: nothing in it can fail to become JSON.
    let mut line = serde_json::to_vec(frame).unwrap_or_default();
    line.push(b'\n');
    line
}

/// Finds frames in a stream that comes in pieces.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    buffer: Vec<u8>,
    /// What was given out.
    taken: usize,
    /// So much of the rest was searched for the end of a line.
    searched: usize,
}

impl Decoder {
    /// Takes the next piece.
    pub(super) fn push(&mut self, piece: &[u8]) {
        self.buffer.drain(..self.taken);
        self.taken = 0;
        self.buffer.extend_from_slice(piece);
    }

    /// The next frame, if all of it is here.
    pub(super) fn next(&mut self) -> serde_json::Result<Option<Frame>> {
        let rest = &self.buffer[self.taken..];
        let Some(at) = memchr::memchr(b'\n', &rest[self.searched..]) else {
            self.searched = rest.len();
            return Ok(None);
        };
        let end = self.searched + at;
        let frame = serde_json::from_slice(&rest[..end])?;
        self.taken += end + 1;
        self.searched = 0;
        Ok(Some(frame))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{
        super::{BlockKind, Place},
        *,
    };

    fn frame() -> impl Strategy<Value = Frame> {
        let block = (".{1,20}", 0_u8..4, any::<u32>()).prop_map(|(text, kind, page)| Block {
            kind: if kind == 0 {
                BlockKind::Paragraph
            } else {
                BlockKind::Heading(kind)
            },
            text,
            place: if page % 2 == 0 {
                Place::None
            } else {
                Place::Page(page)
            },
        });
        prop_oneof![
            any::<u32>().prop_map(Frame::Ready),
            any::<(u32, u32)>().prop_map(|(done, total)| Frame::Pages(done, total)),
            prop::collection::vec(block, 0..4).prop_map(Frame::Blocks),
            prop::option::of(".{0,9}").prop_map(Frame::Done),
            ".{0,9}".prop_map(|reason| Frame::Refused(Refusal::TooLarge(reason))),
        ]
    }

    proptest! {
        #[test]
        fn frames_are_the_same_in_whatever_pieces_they_come(
            frames in prop::collection::vec(frame(), 0..8),
            piece in 1_usize..64,
        ) {
            let stream: Vec<u8> = frames.iter().flat_map(encode).collect();
            let mut decoder = Decoder::default();
            let mut read = Vec::new();
            for piece in stream.chunks(piece) {
                decoder.push(piece);
                while let Some(frame) = decoder.next().unwrap() {
                    read.push(frame);
                }
            }
            prop_assert_eq!(read, frames);
        }
    }
}
