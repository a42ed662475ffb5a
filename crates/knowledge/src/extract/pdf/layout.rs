//! Makes paragraphs, list items and headings out of the lines of all pages.

use std::collections::HashMap;

use super::{
    super::{BlockKind, Place, Refusal, collector::Collector},
    line::Line,
};

/// Letters of a heading are larger than the others by this factor.
const HEADING: f64 = 1.15;

/// No heading is longer, in bytes.
const MAX_HEADING_BYTES: usize = 200;

/// A line that is the first or the last of so many pages is no part of the text.
const RUNNING_PAGES: usize = 3;

/// A line that is narrower than most, by this factor, is a short one.
const SHORT_LINE: f64 = 0.7;

/// What stands for a row of dots.
const LEADER: &str = " … ";

/// A line further below the one before than is usual, by this factor, starts a paragraph.
const PARAGRAPH_GAP: f64 = 1.3;

/// The lines of a document.
#[derive(Debug, Default)]
pub(super) struct Layout {
    rows: Vec<Row>,
    text_bytes: usize,
}

/// A line, with its place among the others. Lengths are in the units of the page.
#[derive(Debug)]
struct Row {
    page: u32,
    text: String,
    size: f64,
    /// How far it is below the line before on the page.
    down: f64,
    start: f64,
    end: f64,
    is_edge: bool,
}

impl Layout {
    /// Adds the lines of the next page.
    pub(super) fn push_page(&mut self, page: u32, lines: Vec<Line>) {
        let first = self.rows.len();
        let mut before: Option<Line> = None;
        for line in lines {
            let down = before.as_ref().map_or(0.0, |before| before.down_to(&line));
            let text = line.text.trim();
            self.text_bytes += text.len();
            // What is drawn later on the same line belongs to it.
            if before.is_some()
                && down.abs() < 0.3 * line.size
                && let Some(row) = self.rows[first..].last_mut()
            {
                join(&mut row.text, text, false);
                row.text = without_leader(&row.text);
                row.end = row.end.max(line.end());
            } else {
                self.rows.push(Row {
                    page,
                    text: without_leader(text),
                    size: line.size,
                    down,
                    start: line.start(),
                    end: line.end(),
                    is_edge: false,
                });
            }
            before = Some(line);
        }
        mark_edges(&mut self.rows[first..]);
    }

    /// How much text there is so far.
    pub(super) fn text_bytes(&self) -> usize {
        self.text_bytes
    }

    /// Hands the blocks over.
    pub(super) fn finish(mut self, blocks: &mut Collector<'_>) -> Result<(), Refusal> {
        self.drop_running_lines();
        let body = most_frequent(self.rows.iter().map(|row| (row.size, row.text.len())));
        let spacing = most_frequent(
            self.rows
                .iter()
                .filter(|row| row.size > 0.0 && (0.5..4.0).contains(&(row.down / row.size)))
                .map(|row| (row.down / row.size, 1)),
        );
        let levels = heading_sizes(&self.rows, body);
        let widths = self
            .rows
            .iter()
            .map(|row| ((row.end - row.start).round(), 1));
        let short = most_frequent(widths) * SHORT_LINE;
        let mut paragraph: Option<Paragraph> = None;
        for row in &self.rows {
            let kind = row.kind(body, &levels);
            match &mut paragraph {
                Some(open) if open.continues(row, kind, spacing) => open.push(row, short),
                _ => {
                    if let Some(ended) = paragraph.take() {
                        ended.finish(blocks)?;
                    }
                    paragraph = Some(Paragraph::new(row, kind));
                }
            }
        }
        paragraph.map_or(Ok(()), |ended| ended.finish(blocks))
    }

    /// Takes out what stands at the edges of many pages: their numbers, and all but the first of lines
    /// that are the same but for numbers.
    fn drop_running_lines(&mut self) {
        let mut seen: HashMap<String, (usize, bool)> = HashMap::new();
        for row in self.rows.iter().filter(|row| row.is_edge) {
            seen.entry(without_numbers(&row.text)).or_default().0 += 1;
        }
        self.rows.retain(|row| {
            if !row.is_edge {
                return true;
            }
            let text = without_numbers(&row.text);
            let is_number = !text.contains(char::is_alphabetic);
            match seen.get_mut(&text) {
                Some((count, was_kept)) if *count >= RUNNING_PAGES => {
                    !is_number && !std::mem::replace(was_kept, true)
                }
                _ => true,
            }
        });
    }
}

impl Row {
    fn kind(&self, body: f64, levels: &[f64]) -> BlockKind {
        if is_heading(self, body) {
            let above = levels
                .iter()
                .filter(|&&size| size > rounded(self.size))
                .count();
            return BlockKind::Heading(u8::try_from(above + 1).unwrap_or(6).min(6));
        }
        // A table of contents is a list.
        if is_item(&self.text) || self.text.contains(LEADER) {
            BlockKind::ListItem
        } else {
            BlockKind::Paragraph
        }
    }
}

/// A block whose lines are being collected.
struct Paragraph {
    kind: BlockKind,
    text: String,
    page: u32,
    size: f64,
    /// Where its lines begin, but for the first, which may be indented.
    left: f64,
    right: f64,
    last_end: f64,
    last_width: f64,
}

impl Paragraph {
    fn new(row: &Row, kind: BlockKind) -> Self {
        Self {
            kind,
            text: row.text.clone(),
            page: row.page,
            size: row.size,
            left: row.start,
            right: row.end,
            last_end: row.end,
            last_width: row.end - row.start,
        }
    }

    /// Whether a line is a part of this block.
    fn continues(&self, row: &Row, kind: BlockKind, spacing: f64) -> bool {
        let is_near =
            row.down > 0.0 && row.down < spacing * PARAGRAPH_GAP * self.size.max(row.size);
        if row.page != self.page || !is_near {
            return false;
        }
        if matches!(self.kind, BlockKind::Heading(_)) || matches!(kind, BlockKind::Heading(_)) {
            return self.kind == kind;
        }
        if kind == BlockKind::ListItem {
            return false;
        }
        let ends_sentence = self.text.ends_with(['.', ':', '!', '?', '。']);
        let is_indented = row.start > self.left + 0.8 * self.size;
        let was_short = self.last_end < self.right - 0.15 * (self.right - self.left);
        !(ends_sentence && (is_indented || was_short) && self.kind == BlockKind::Paragraph)
    }

    /// Adds a line. One that ends long before others would was ended on purpose, as in code and verse.
    fn push(&mut self, row: &Row, short: f64) {
        if self.last_width < short {
            self.text.push('\n');
            self.text.push_str(&row.text);
        } else {
            join(&mut self.text, &row.text, true);
        }
        self.last_width = row.end - row.start;
        self.left = self.left.min(row.start);
        self.right = self.right.max(row.end);
        self.last_end = row.end;
    }

    fn finish(self, blocks: &mut Collector<'_>) -> Result<(), Refusal> {
        blocks.push(self.kind, &self.text, Place::Page(self.page))
    }
}

/// Appends a piece of text. A word that was parted at the end of a line becomes one again.
fn join(text: &mut String, next: &str, is_new_line: bool) {
    let starts_lower = next.starts_with(char::is_lowercase);
    if is_new_line && starts_lower && text.ends_with(['-', '\u{ad}', '\u{2010}']) {
        let word = text.trim_end_matches(['-', '\u{ad}', '\u{2010}']);
        if word.ends_with(char::is_alphabetic) {
            text.truncate(word.len());
            text.push_str(next);
            return;
        }
    }
    // Chinese and Japanese have no spaces.
    let is_wide =
        |c: char| ('\u{2e80}'..='\u{9fff}').contains(&c) || ('\u{ff00}'..='\u{ffef}').contains(&c);
    if !(text.ends_with(is_wide) && next.starts_with(is_wide)) {
        text.push(' ');
    }
    text.push_str(next);
}

/// Marks the highest and the lowest line of a page.
fn mark_edges(rows: &mut [Row]) {
    let mut y = 0.0;
    let (mut top, mut bottom) = ((0, 0.0), (0, 0.0));
    for (at, row) in rows.iter().enumerate() {
        y += row.down;
        if y < top.1 {
            top = (at, y);
        }
        if y > bottom.1 {
            bottom = (at, y);
        }
    }
    // A page of one line is text.
    if rows.len() > 1 {
        rows[top.0].is_edge = true;
        rows[bottom.0].is_edge = true;
    }
}

/// A row of dots, as between a title and its page, made short.
fn without_leader(text: &str) -> String {
    let is_dot = |c: char| c == '.' || c == ' ';
    let mut rest = text;
    let mut plain = String::with_capacity(text.len());
    while let Some(at) = rest.find('.') {
        let dots = rest[at..]
            .find(|c| !is_dot(c))
            .map_or(rest.len(), |end| at + end);
        if rest[at..dots].matches('.').count() > 3 {
            plain.push_str(rest[..at].trim_end());
            plain.push_str(LEADER);
        } else {
            plain.push_str(&rest[..dots]);
        }
        rest = &rest[dots..];
    }
    plain.push_str(rest);
    plain
}

/// A text in which all numbers are alike, small Roman ones, too.
fn without_numbers(text: &str) -> String {
    let is_roman =
        |word: &str| word.len() <= 6 && word.bytes().all(|byte| b"ivxlc".contains(&byte));
    let mut plain = String::with_capacity(text.len());
    for word in text.split(' ') {
        if is_roman(word) {
            plain.push('#');
            continue;
        }
        for c in word.chars() {
            if !c.is_numeric() {
                plain.push(c);
            } else if !plain.ends_with('#') {
                plain.push('#');
            }
        }
    }
    plain
}

fn rounded(size: f64) -> f64 {
    (size * 2.0).round() / 2.0
}

fn is_heading(row: &Row, body: f64) -> bool {
    row.size > body * HEADING
        && row.text.len() <= MAX_HEADING_BYTES
        && row.text.contains(char::is_alphabetic)
}

/// The sizes of headings, the largest first.
fn heading_sizes(rows: &[Row], body: f64) -> Vec<f64> {
    let headings = rows.iter().filter(|row| is_heading(row, body));
    let mut sizes: Vec<f64> = headings.map(|row| rounded(row.size)).collect();
    sizes.sort_by(|a, b| b.total_cmp(a));
    sizes.dedup();
    sizes
}

/// Whether a line begins as an item of a list does.
fn is_item(text: &str) -> bool {
    let Some((mark, rest)) = text.split_once(' ') else {
        return false;
    };
    let is_bullet = matches!(
        mark,
        "•" | "‣" | "◦" | "▪" | "●" | "○" | "–" | "—" | "-" | "*" | "·"
    );
    let number = mark.trim_start_matches('(').trim_end_matches(['.', ')']);
    let is_numbered = number.len() < mark.len()
        && (1..=3).contains(&number.len())
        && (number.bytes().all(|byte| byte.is_ascii_digit()) || number.len() == 1)
        && number.bytes().all(|byte| byte.is_ascii_alphanumeric());
    !rest.is_empty() && (is_bullet || is_numbered)
}

/// The value that comes up most, to a tenth, of values with weights.
fn most_frequent(values: impl Iterator<Item = (f64, usize)>) -> f64 {
    let mut weights: HashMap<u64, (f64, usize)> = HashMap::new();
    for (value, weight) in values {
        let value = (value * 10.0).round() / 10.0;
        weights.entry(value.to_bits()).or_insert((value, 0)).1 += weight;
    }
    let mut weights: Vec<_> = weights.into_values().collect();
    // Of two that are as frequent the smaller, so that each run says the same.
    weights.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.total_cmp(&b.0)));
    weights.first().map_or(1.2, |(value, _)| *value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_made_whole_again() {
        let joined = |text: &str, next: &str| {
            let mut text = text.to_owned();
            join(&mut text, next, true);
            text
        };
        assert_eq!(joined("an exam-", "ple of"), "an example of");
        assert_eq!(joined("North-", "South"), "North- South");
        assert_eq!(joined("pages 1-", "next"), "pages 1- next");
        assert_eq!(joined("日本", "語"), "日本語");
    }

    #[test]
    fn running_lines_are_alike_but_for_their_numbers() {
        assert_eq!(without_numbers("Guide vi"), without_numbers("Guide 12"));
        assert_eq!(without_numbers("xii"), without_numbers("7"));
        assert_ne!(without_numbers("Guide a"), without_numbers("Guide b"));
    }

    #[test]
    fn rows_of_dots_are_made_short() {
        assert_eq!(without_leader("1.1 R. . . . . . 12"), "1.1 R … 12");
        assert_eq!(
            without_leader("and so on... e.g. this ."),
            "and so on... e.g. this ."
        );
        assert_eq!(without_leader("a .........."), "a … ");
    }

    #[test]
    fn items_are_told_by_their_marks() {
        for item in ["• a", "- a", "1. a", "(a) b", "12) x"] {
            assert!(is_item(item), "{item}");
        }
        for text in ["a b", "1 a", "e.g. a", "-", "2024) x"] {
            assert!(!is_item(text) || text == "{text}");
        }
    }
}
