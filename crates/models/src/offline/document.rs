//! What the offline model reads.

/// A document that is compiled into the program, usually by `include_str!`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Document {
    /// What citations call it by: a path in the repository, say.
    pub id: &'static str,
    /// What people call it.
    pub title: &'static str,
    /// Its text, as `CommonMark` with tables.
    pub markdown: &'static str,
}
