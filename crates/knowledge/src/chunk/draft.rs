//! A chunk that is being filled.

use super::Chunk;
use crate::extract::Place;

/// A heading in a path is cut to so many characters. Its text is whole.
const HEADING_CHARS: usize = 120;

/// The headings that stand above a place in the document.
#[derive(Debug, Clone, Default)]
pub(super) struct HeadingPath(Vec<(u8, String)>);

impl HeadingPath {
    /// Enters a section.
    pub(super) fn enter(&mut self, level: u8, heading: &str) {
        self.0.retain(|(above, _)| *above < level);
        let mut words = heading.split_whitespace().collect::<Vec<_>>().join(" ");
        if let Some((end, _)) = words.char_indices().nth(HEADING_CHARS) {
            words.truncate(end);
            words.push('…');
        }
        self.0.push((level, words));
    }

    /// How many headings two places have in common.
    fn common(&self, other: &Self) -> usize {
        let pairs = self.0.iter().zip(&other.0);
        pairs.take_while(|(a, b)| a == b).count()
    }

    /// Whether two places are under one heading.
    pub(super) fn is_near(&self, other: &Self) -> bool {
        self.common(other) > 0
    }

    fn names(self) -> Vec<String> {
        self.0.into_iter().map(|(_, name)| name).collect()
    }
}

/// A chunk that is being filled.
#[derive(Debug, Default)]
pub(super) struct Draft {
    text: String,
    pub(super) chars: usize,
    /// What all of the text but headings stands under; none if there are but headings.
    path: Option<HeadingPath>,
    first: Option<Place>,
    last: Option<Place>,
    /// The headings at the end, which belong to what follows: where they begin, and their places.
    tail: Option<(usize, Place)>,
}

impl Draft {
    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// What it stands under, if there is more than headings.
    pub(super) fn body_path(&self) -> Option<&HeadingPath> {
        self.path.as_ref()
    }

    /// Adds a heading.
    pub(super) fn push_heading(&mut self, separator: &str, text: &str, place: Place) {
        if self.tail.is_none() {
            self.tail = Some((self.text.len(), place));
        }
        self.append(separator, text, place);
    }

    /// Adds what stands under this path.
    pub(super) fn push(&mut self, separator: &str, text: &str, place: Place, path: &HeadingPath) {
        self.append(separator, text, place);
        self.tail = None;
        match &mut self.path {
            Some(common) => {
                let length = common.common(path);
                common.0.truncate(length);
            }
            None => self.path = Some(path.clone()),
        }
    }

    fn append(&mut self, separator: &str, text: &str, place: Place) {
        if !self.is_empty() {
            self.text.push_str(separator);
            self.chars += separator.len();
        }
        self.text.push_str(text);
        self.chars += text.chars().count();
        self.first = self.first.or(Some(place));
        self.last = Some(place);
    }

    /// Takes the headings at the end out, into a draft of their own.
    pub(super) fn take_tail(&mut self) -> Self {
        match self.tail.take() {
            Some((at, place)) if self.path.is_some() => {
                let text = self.text.split_off(at);
                let text = text.trim_start().to_owned();
                let kept = self.text.trim_end().len();
                self.text.truncate(kept);
                self.chars = self.text.chars().count();
                let last = self.last;
                Self {
                    chars: text.chars().count(),
                    text,
                    path: None,
                    first: Some(place),
                    last,
                    tail: Some((0, place)),
                }
            }
            tail => {
                self.tail = tail;
                Self::default()
            }
        }
    }

    /// The chunk. `path` is where we stand, for headings without a text.
    pub(super) fn finish(self, path: &HeadingPath) -> Chunk {
        let headings = self.path.unwrap_or_else(|| path.clone()).names();
        let locator = match (self.first, self.last) {
            (Some(Place::Page(first)), Some(Place::Page(last))) if first < last => {
                format!("p. {first}–{last}")
            }
            (Some(Place::Page(page)), _) => format!("p. {page}"),
            (Some(Place::TimeMs(ms)), _) => time_code(ms),
            _ => headings.join(" › "),
        };
        Chunk {
            headings,
            locator,
            text: self.text,
        }
    }
}

fn time_code(ms: u64) -> String {
    let seconds = ms / 1000;
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    format!("{hours:02}:{minutes:02}:{:02}", seconds % 60)
}
