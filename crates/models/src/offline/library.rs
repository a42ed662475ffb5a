//! The documentation, cut into passages and indexed, and how well passages fit a question.

use super::{
    Document,
    index::{Index, Rows},
    passage::{Passage, cut_passages},
    query::{Concept, Query},
};

/// What the question before counts for, beside the question itself.
const BACKGROUND_WEIGHT: f64 = 0.35;

/// What two neighbouring words of the question near each other in a passage count for, beside a
/// word that is as rare.
const PAIR_WEIGHT: f64 = 0.5;

/// What the other words for a thing count for, beside the one that fits best.
const OTHERS_WEIGHT: f64 = 0.2;

/// What an example counts for where one is wanted.
const EXAMPLE_FACTOR: f64 = 1.25;

/// What BM25 gives to a word that fills a passage, beside its rarity (k1 + 1).
const FULL_FREQUENCY: f64 = 2.2;

/// A passage that fits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Hit {
    /// Its number.
    pub(super) passage: usize,
    /// How well it fits, beside others.
    pub(super) score: f64,
    /// How much of what is asked about it speaks of, from 0 to 1; rare words count for more, and so
    /// do words that stand in a heading or often.
    pub(super) coverage: f64,
}

/// The documentation.
pub(super) struct Library {
    documents: &'static [Document],
    passages: Vec<Passage>,
    index: Index,
}

impl Library {
    /// Reads and indexes these documents.
    pub(super) fn build(documents: &'static [Document]) -> Result<Self, rusqlite::Error> {
        let passages: Vec<Passage> = documents.iter().flat_map(cut_passages).collect();
        Ok(Self {
            documents,
            index: Index::build(&passages)?,
            passages,
        })
    }

    /// What it holds.
    pub(super) const fn documents(&self) -> &'static [Document] {
        self.documents
    }

    /// A passage by its number.
    pub(super) fn passage(&self, number: usize) -> &Passage {
        &self.passages[number]
    }

    /// The passages that match a query at all, best first.
    pub(super) fn find(&self, query: &Query) -> Result<Vec<Hit>, rusqlite::Error> {
        let concepts = || query.concepts.iter().chain(&query.background);
        let expressions = concepts()
            .flat_map(|concept| &concept.terms)
            .map(|term| term.expression.as_str())
            .chain(query.pairs.iter().map(String::as_str));
        let mut found = self.index.search(expressions)?.into_iter();

        let mut tally = Tally::new(self.passages.len());
        for concept in &query.concepts {
            tally.add(concept, 1.0, true, found.by_ref().take(concept.terms.len()));
        }
        for concept in &query.background {
            let results = found.by_ref().take(concept.terms.len());
            tally.add(concept, BACKGROUND_WEIGHT, false, results);
        }
        for results in found {
            tally.add_pair(&results);
        }
        let mut hits = tally.into_hits();
        if query.wants_example {
            for hit in &mut hits {
                if self.passages[hit.passage].has_code() {
                    hit.score *= EXAMPLE_FACTOR;
                }
            }
        }
        hits.sort_by(|one, other| other.score.total_cmp(&one.score));
        Ok(hits)
    }
}

/// What a passage has gathered.
#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    score: f64,
    covered: f64,
}

/// What a passage has of one concept.
#[derive(Debug, Clone, Copy, Default)]
struct Found {
    best: f64,
    all: f64,
    covered: f64,
}

/// The sums of all passages.
///
/// Each term is asked for by itself, so that a passage is credited with the best of the words for
/// a concept rather than with their sum, and so that it is known which concepts it mentions.
struct Tally {
    sums: Vec<Sum>,
    /// What a passage that mentions everything would have covered.
    asked: f64,
}

impl Tally {
    fn new(passages: usize) -> Self {
        Self {
            sums: vec![Sum::default(); passages],
            asked: 0.0,
        }
    }

    fn add(
        &mut self,
        concept: &Concept,
        weight: f64,
        is_asked: bool,
        results: impl Iterator<Item = Rows>,
    ) {
        // How rare the concept is: its own word says so, or the others for it where the
        // documentation never uses that one.
        let mut rarity = None;
        let mut found = vec![Found::default(); self.sums.len()];
        for (term, rows) in concept.terms.iter().zip(results) {
            if rows.is_empty() {
                continue;
            }
            let (theirs, ours) = rate_rarity(self.sums.len(), rows.len());
            let rarity = *rarity.get_or_insert(ours);
            for &(passage, score) in rows.iter() {
                let Some(found) = found.get_mut(passage as usize) else {
                    continue;
                };
                let strength = f64::from(score) / theirs * term.weight;
                found.best = found.best.max(strength * ours);
                found.all += strength * ours;
                found.covered = found.covered.max(strength * rarity / FULL_FREQUENCY);
            }
        }
        for (sum, found) in self.sums.iter_mut().zip(found) {
            let score = found.best + (found.all - found.best) * OTHERS_WEIGHT;
            sum.score += score * weight * concept.weight;
            if is_asked {
                sum.covered += found.covered * concept.weight;
            }
        }
        if is_asked {
            let (_, of_unknown) = rate_rarity(self.sums.len(), 0);
            self.asked += rarity.unwrap_or(of_unknown) * concept.weight;
        }
    }

    fn add_pair(&mut self, rows: &[(u32, f32)]) {
        let (_, rarity) = rate_rarity(self.sums.len(), rows.len());
        for &(passage, _) in rows {
            if let Some(sum) = self.sums.get_mut(passage as usize) {
                sum.score += rarity * PAIR_WEIGHT;
            }
        }
    }

    fn into_hits(self) -> Vec<Hit> {
        self.sums
            .into_iter()
            .enumerate()
            .filter(|(_, sum)| sum.score > 0.0)
            .map(|(passage, sum)| {
                let coverage = sum.covered / self.asked;
                Hit {
                    passage,
                    score: sum.score * (0.4 + 0.6 * coverage),
                    coverage,
                }
            })
            .collect()
    }
}

/// How rare a word is that stands in `rows` of `passages`: as FTS5 has it in its BM25, and as we
/// do. FTS5 gives next to nothing to a word that stands in half of the rows, which in a small
/// collection is often the one that is asked about.
fn rate_rarity(passages: usize, rows: usize) -> (f64, f64) {
    #[expect(
        clippy::cast_precision_loss,
        reason = "there are not 2^52 passages in a program"
    )]
    let odds = (passages.saturating_sub(rows) as f64 + 0.5) / (rows as f64 + 0.5);
    (odds.ln().max(1e-6), odds.ln_1p())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::offline::query::build_query;

    fn find_first(markdown: &'static str, question: &str) -> String {
        let documents = vec![Document {
            id: "guide.md",
            title: "Guide",
            markdown,
        }];
        let library = Library::build(documents.leak()).expect("an index");
        let hits = library
            .find(&build_query(question, None))
            .expect("no syntax error");
        let best = hits.first().expect("a hit");
        library.passage(best.passage).heading.clone()
    }

    #[test]
    fn words_that_stand_together_count_for_more_than_the_same_words_apart() {
        let markdown = "## One\n\nThe zebra sleeps while in another place there waits a quagga.\n\n## Two\n\nThe zebra quagga sleeps while in another place there waits a cow.\n";
        assert_eq!(find_first(markdown, "zebra quagga"), "Two");
    }

    #[test]
    fn who_asks_how_to_do_something_is_shown_how() {
        let markdown =
            "## One\n\nFeed the zebra.\n\n## Two\n\nFeed the zebra:\n\n```sh\nhay\n```\n";
        assert_eq!(find_first(markdown, "zebra"), "One");
        assert_eq!(find_first(markdown, "how do I feed the zebra"), "Two");
    }

    #[test]
    fn a_heading_counts_for_more_than_a_mention() {
        let markdown =
            "## One\n\nA zebra, and another zebra.\n\n## Zebra\n\nIt has stripes all over.\n";
        assert_eq!(find_first(markdown, "zebra"), "Zebra");
    }

    #[test]
    fn a_word_that_stands_everywhere_is_still_found() {
        let markdown = "## One\n\nTidewire.\n\n## Two\n\nTidewire and more of other things.\n";
        assert_eq!(find_first(markdown, "tidewire"), "One");
    }
}
