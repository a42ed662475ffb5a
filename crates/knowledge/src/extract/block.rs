//! What a document is read into: blocks of text, in the order in which people read them.

use serde::{Deserialize, Serialize};

/// A document, read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Extracted {
    /// The title that it gives itself, where it has one.
    pub title: Option<String>,
    /// Its text.
    pub blocks: Vec<Block>,
}

/// A piece of text that its author set apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// What it is.
    pub kind: BlockKind,
    /// Its text. Never empty.
    pub text: String,
    /// Where it stands.
    #[serde(default, skip_serializing_if = "Place::is_none")]
    pub place: Place,
}

/// What a block is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BlockKind {
    /// Names what follows, to the next heading of its level or above; 1 is the outermost.
    Heading(u8),
    /// Sentences.
    Paragraph,
    /// One item of a list.
    ListItem,
    /// Text whose lines and spaces matter.
    Code,
    /// One row of a table, its cells in order.
    TableRow,
    /// Something that is said at a time.
    Cue,
}

/// Where a block stands in the document.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// The format has no places.
    #[default]
    None,
    /// On this page, from 1.
    Page(u32),
    /// So many milliseconds after the start.
    TimeMs(u64),
}

impl Place {
    /// Whether there is none.
    pub fn is_none(&self) -> bool {
        *self == Self::None
    }
}
