//! A piece of a document, as it is stored, indexed and quoted.

use serde::{Deserialize, Serialize};

/// A piece of a document that stands alone: some sentences under one heading. Stored as one line of
/// JSON for each, so the names of the fields stay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chunk {
    /// The headings that it stands under, the outermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headings: Vec<String>,
    /// Where in the document, for people: `p. 12`, `00:04:10`, or the last heading; empty where the
    /// document has no places.
    pub locator: String,
    /// The text.
    pub text: String,
}
