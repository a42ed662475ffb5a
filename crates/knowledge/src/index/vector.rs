//! Vectors, a byte for each dimension, and the search for the nearest.
//!
//! A collection of 20 000 passages in 1024 dimensions is 20 MB so, and 80 MB in floats: that much
//! has to be stored, downloaded and held. Each vector has a scale of its own, which costs about a
//! thousandth of a cosine. All of them are compared: a few milliseconds, no index that has to be
//! built and tuned, and nothing missed.

use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use super::{Hit, IndexError};

/// Bytes of the scale before the cells of a row.
const SCALE_BYTES: usize = 4;

/// The vectors of one document's passages, as they are stored beside them.
#[derive(Debug, Clone, PartialEq)]
pub struct Vectors {
    model: String,
    dimensions: usize,
    /// Rows of a scale and its cells.
    rows: Vec<u8>,
}

/// The line that stands before the rows.
#[derive(Serialize, Deserialize)]
struct Head {
    format: u32,
    model: String,
    dimensions: usize,
}

impl Vectors {
    /// Stores what the model of this id answered, in the order of the passages. `None` where they
    /// are not of one length, or of none.
    pub fn new(model: &str, vectors: &[Vec<f32>]) -> Option<Self> {
        let dimensions = vectors.first()?.len();
        if dimensions == 0 || vectors.iter().any(|vector| vector.len() != dimensions) {
            return None;
        }
        let mut rows = Vec::with_capacity(vectors.len() * (SCALE_BYTES + dimensions));
        for vector in vectors {
            let (scale, cells) = quantize(vector);
            rows.extend_from_slice(&scale.to_le_bytes());
            rows.extend(cells.into_iter().map(i8::cast_unsigned));
        }
        Some(Self {
            model: model.to_owned(),
            dimensions,
            rows,
        })
    }

    /// The model that made them.
    pub fn model(&self) -> &str {
        &self.model
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.rows.len() / (SCALE_BYTES + self.dimensions)
    }

    pub(super) fn rows(&self) -> impl Iterator<Item = &[u8]> {
        self.rows.chunks_exact(SCALE_BYTES + self.dimensions)
    }

    /// The bytes of a file: a line of JSON that says what they are, then the rows.
    pub fn encode(&self) -> Vec<u8> {
        let head = Head {
            format: 1,
            model: self.model.clone(),
            dimensions: self.dimensions,
        };
        let mut bytes = serde_json::to_vec(&head).expect("it has text keys and no failing parts");
        bytes.push(b'\n');
        bytes.extend_from_slice(&self.rows);
        bytes
    }

    /// Reads them back; `None` where they are not as [`Vectors::encode`] writes them.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let end = bytes.iter().position(|byte| *byte == b'\n')?;
        let head: Head = serde_json::from_slice(&bytes[..end]).ok()?;
        let rows = &bytes[end + 1..];
        let row_bytes = SCALE_BYTES.checked_add(head.dimensions)?;
        if head.format != 1 || head.dimensions == 0 || !rows.len().is_multiple_of(row_bytes) {
            return None;
        }
        Some(Self {
            model: head.model,
            dimensions: head.dimensions,
            rows: rows.to_vec(),
        })
    }
}

/// The vector at length 1, as whole numbers and what they are to be multiplied with. One without a
/// direction is near nothing.
fn quantize(vector: &[f32]) -> (f32, Vec<i8>) {
    let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
    let largest = vector.iter().fold(0.0_f32, |most, x| most.max(x.abs()));
    let step = largest / 127.0;
    if !length.is_normal() || !step.is_normal() {
        return (0.0, vec![0; vector.len()]);
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "divided by the largest, it is from -127 to 127"
    )]
    let cells = vector.iter().map(|x| (x / step).round() as i8).collect();
    (step / length, cells)
}

/// All vectors of an index, in memory.
#[derive(Debug)]
pub(super) struct Matrix {
    dimensions: usize,
    passages: Vec<i64>,
    scales: Vec<f32>,
    cells: Vec<i8>,
}

impl Matrix {
    /// Reads them from the file.
    pub(super) fn load(connection: &Connection) -> Result<Self, IndexError> {
        let mut matrix = Self {
            dimensions: 0,
            passages: Vec::new(),
            scales: Vec::new(),
            cells: Vec::new(),
        };
        let mut statement = connection.prepare("SELECT passage, cells FROM vectors")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let cells = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
            let Some((scale, cells)) = cells.split_first_chunk::<SCALE_BYTES>() else {
                return Err(IndexError::Corrupt("a vector is cut off".into()));
            };
            if matrix.dimensions == 0 {
                matrix.dimensions = cells.len();
            } else if cells.len() != matrix.dimensions {
                return Err(IndexError::Corrupt("vectors are of two lengths".into()));
            }
            matrix.passages.push(row.get(0)?);
            matrix.scales.push(f32::from_le_bytes(*scale));
            matrix
                .cells
                .extend(cells.iter().map(|byte| byte.cast_signed()));
        }
        Ok(matrix)
    }

    /// The passages whose vectors point where `query` does, the nearest first. The score is the
    /// cosine. None where the query is of another length.
    pub(super) fn nearest(&self, query: &[f32], limit: usize) -> Vec<Hit> {
        if query.len() != self.dimensions || limit == 0 {
            return Vec::new();
        }
        let (query_scale, query) = quantize(query);
        let mut hits: Vec<Hit> = self
            .cells
            .chunks_exact(self.dimensions)
            .zip(&self.scales)
            .zip(&self.passages)
            .map(|((cells, scale), passage)| Hit {
                passage: *passage,
                score: f64::from(*scale) * f64::from(query_scale) * f64::from(dot(cells, &query)),
            })
            .collect();
        let limit = limit.min(hits.len());
        if limit > 0 && limit < hits.len() {
            hits.select_nth_unstable_by(limit - 1, Hit::compare);
            hits.truncate(limit);
        }
        hits.sort_unstable_by(Hit::compare);
        hits
    }
}

fn dot(one: &[i8], other: &[i8]) -> i32 {
    one.iter()
        .zip(other)
        .map(|(one, other)| i32::from(*one) * i32::from(*other))
        .sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cosine(one: &[f32], other: &[f32]) -> f32 {
        let length = |v: &[f32]| v.iter().map(|x| x * x).sum::<f32>().sqrt();
        let dot: f32 = one.iter().zip(other).map(|(a, b)| a * b).sum();
        dot / (length(one) * length(other))
    }

    fn matrix(vectors: &[Vec<f32>]) -> Matrix {
        let mut matrix = Matrix {
            dimensions: vectors[0].len(),
            passages: Vec::new(),
            scales: Vec::new(),
            cells: Vec::new(),
        };
        for (passage, vector) in (0..).zip(vectors) {
            let (scale, cells) = quantize(vector);
            matrix.passages.push(passage);
            matrix.scales.push(scale);
            matrix.cells.extend(cells);
        }
        matrix
    }

    proptest! {
        #[test]
        fn cosines_are_right_to_a_hundredth(
            vectors in prop::collection::vec(prop::collection::vec(-1.0_f32..1.0, 64), 1..20),
            query in prop::collection::vec(-1.0_f32..1.0, 64),
        ) {
            let hits = matrix(&vectors).nearest(&query, 100);
            prop_assert_eq!(hits.len(), vectors.len());
            prop_assert!(hits.is_sorted_by(|one, next| one.score >= next.score));
            for hit in hits {
                let exact = cosine(&vectors[usize::try_from(hit.passage).unwrap()], &query);
                prop_assert!((hit.score - f64::from(exact)).abs() < 0.01);
            }
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = Vectors::decode(&bytes);
        }
    }

    #[test]
    fn vectors_come_back_from_their_bytes() {
        let vectors = Vectors::new("m", &[vec![1.0, 0.0], vec![0.5, -2.0]]).unwrap();
        assert_eq!(vectors.count(), 2);
        assert_eq!(Vectors::decode(&vectors.encode()), Some(vectors));
    }

    #[test]
    fn what_has_no_direction_is_near_nothing() {
        let odd = [
            vec![0.0, 0.0],
            vec![f32::NAN, 1.0],
            vec![f32::INFINITY, 1.0],
            vec![1.0, 0.0],
        ];
        let hits = matrix(&odd).nearest(&[1.0, 0.0], 10);
        assert_eq!((hits[0].passage, hits.len()), (3, 4));
        assert!(hits[1..].iter().all(|hit| hit.score == 0.0));
        assert_eq!(matrix(&odd).nearest(&[1.0], 10), []);
    }

    #[test]
    fn vectors_of_two_lengths_are_refused() {
        assert_eq!(Vectors::new("m", &[vec![1.0], vec![1.0, 2.0]]), None);
        assert_eq!(Vectors::new("m", &[]), None);
        assert_eq!(Vectors::new("m", &[vec![]]), None);
    }
}
