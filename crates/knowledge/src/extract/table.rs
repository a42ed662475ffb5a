//! CSV and TSV: one block a row.

use std::{borrow::Cow, collections::HashSet};

use csv::{ReaderBuilder, StringRecord};

use super::{BlockKind, Place, Refusal, collector::Collector};

/// With more columns than this, rows do not repeat the names of their columns.
const NAMED_COLUMNS: usize = 64;

/// What may part the cells of a CSV file: Excel writes semicolons where the comma parts decimals.
const SEPARATORS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// Reads a table. `separator` is taken from the text if it is absent.
///
/// A row is found by what it says and by the names of its columns, so each carries them: `name: Ann |
/// city: Ulm`. Empty cells are left out.
pub(crate) fn read(
    text: &str,
    separator: Option<u8>,
    blocks: &mut Collector<'_>,
) -> Result<(), Refusal> {
    let mut rows = ReaderBuilder::new()
        .delimiter(separator.unwrap_or_else(|| sniff(text)))
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut row = StringRecord::new();
    let mut names: Option<StringRecord> = None;
    let mut is_first = true;
    let mut line = String::new();
    while rows
        .read_record(&mut row)
        .map_err(|error| unreadable(&error))?
    {
        line.clear();
        for (at, cell) in row.iter().enumerate() {
            let cell = one_line(cell);
            if cell.is_empty() {
                continue;
            }
            if !line.is_empty() {
                line.push_str(" | ");
            }
            if let Some(name) = names.as_ref().and_then(|names| names.get(at)) {
                line.push_str(name.trim());
                line.push_str(": ");
            }
            line.push_str(&cell);
        }
        blocks.push(BlockKind::TableRow, &line, Place::None)?;
        if is_first && are_names(&row) {
            names = Some(row.clone());
        }
        is_first = false;
    }
    Ok(())
}

fn unreadable(error: &csv::Error) -> Refusal {
    Refusal::Unreadable(format!("This table cannot be read: {error}."))
}

/// A cell on one line.
fn one_line(cell: &str) -> Cow<'_, str> {
    let cell = cell.trim();
    if cell.contains(['\n', '\r']) {
        let words: Vec<_> = cell.split_whitespace().collect();
        words.join(" ").into()
    } else {
        cell.into()
    }
}

/// Whether a first row names the columns: each differently, and with no number.
fn are_names(row: &StringRecord) -> bool {
    let mut seen = HashSet::new();
    (2..=NAMED_COLUMNS).contains(&row.len())
        && row.iter().all(|cell| {
            let cell = cell.trim();
            !cell.is_empty()
                && cell.len() <= 64
                && !cell.contains('\n')
                && cell.parse::<f64>().is_err()
                && seen.insert(cell)
        })
}

/// The separator that is most frequent outside of quotes, in the first lines.
fn sniff(text: &str) -> u8 {
    let mut counts = [0_usize; SEPARATORS.len()];
    let mut is_quoted = false;
    for &byte in text.as_bytes().iter().take(16 << 10) {
        if byte == b'"' {
            is_quoted = !is_quoted;
        } else if !is_quoted && let Some(at) = SEPARATORS.iter().position(|&s| s == byte) {
            counts[at] += 1;
        }
    }
    let most = counts.iter().max().copied().unwrap_or_default();
    let at = counts
        .iter()
        .position(|&count| count == most)
        .unwrap_or_default();
    SEPARATORS[at]
}

#[cfg(test)]
mod tests {
    use super::super::{BlockKind, tests::blocks_of};

    fn rows(file: &str, name: &str) -> Vec<String> {
        let blocks = blocks_of(file.as_bytes(), name);
        assert!(blocks.iter().all(|block| block.kind == BlockKind::TableRow));
        blocks.into_iter().map(|block| block.text).collect()
    }

    #[test]
    fn rows_carry_the_names_of_their_columns() {
        let file = "name,city,note\nAnn,Ulm,\"says \"\"hi\"\",\ntwice\"\nBob,,x\nCy,Bonn,y,more\n";
        let read = rows(file, "a.csv");
        assert_eq!(read[0], "name | city | note");
        assert_eq!(read[1], "name: Ann | city: Ulm | note: says \"hi\", twice");
        assert_eq!(read[2], "name: Bob | note: x");
        assert_eq!(read[3], "name: Cy | city: Bonn | note: y | more");
    }

    #[test]
    fn the_separator_is_found() {
        assert_eq!(rows("a;b\n1,5;2\n", "a.csv")[1], "a: 1,5 | b: 2");
        assert_eq!(rows("a\tb\n1,5,6\t2\n", "a.tsv")[1], "a: 1,5,6 | b: 2");
    }

    #[test]
    fn a_first_row_of_values_names_nothing() {
        assert_eq!(rows("1,2\n3,4\n", "a.csv"), ["1 | 2", "3 | 4"]);
    }

    #[test]
    fn a_quote_that_never_ends_loses_nothing() {
        assert_eq!(rows("a,b\n\"c,d\ne,f\n", "a.csv"), ["a | b", "a: c,d e,f"]);
    }
}
