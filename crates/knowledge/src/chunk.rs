//! Passages: a document cut into pieces that are stored, indexed and quoted.

mod cut;
mod draft;
mod split;

use serde::{Deserialize, Serialize};

pub use cut::cut;

/// A piece of a document that stands alone: some sentences under one heading. Stored as one line of
/// JSON for each, so the names of the fields stay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chunk {
    /// The headings that all of it stands under, the outermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headings: Vec<String>,
    /// Where in the document, for people: `p. 12`, `p. 12–13`, `00:04:10`, or the headings as a path,
    /// `Chapter › Section`; empty where the document has no places.
    pub locator: String,
    /// The text. Headings that begin in it are a part of it.
    pub text: String,
}

/// How long chunks are, in Unicode characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChunkLimits {
    /// What they aim at: 1 200 unless told otherwise, some 300 tokens of English.
    pub target_chars: usize,
    /// What none exceeds: 2 000. Not less than the target.
    pub max_chars: usize,
}

impl Default for ChunkLimits {
    fn default() -> Self {
        Self {
            target_chars: 1200,
            max_chars: 2000,
        }
    }
}
