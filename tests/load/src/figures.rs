//! Numbers out of samples.

use std::time::Duration;

/// Durations, to be asked for their quantiles.
#[derive(Debug, Default)]
pub(crate) struct Samples(Vec<Duration>);

impl Samples {
    /// Adds one.
    pub(crate) fn add(&mut self, sample: Duration) {
        self.0.push(sample);
    }

    /// Adds all of another's.
    pub(crate) fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// How many there are.
    pub(crate) const fn len(&self) -> usize {
        self.0.len()
    }

    /// The sample that this share of them is not above, in milliseconds.
    pub(crate) fn quantile_ms(&mut self, share: f64) -> f64 {
        if self.0.is_empty() {
            return f64::NAN;
        }
        self.0.sort_unstable();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a place among some millions of samples"
        )]
        let place = ((self.0.len() - 1) as f64 * share).round() as usize;
        self.0[place].as_secs_f64() * 1e3
    }

    /// The share of samples that are not above `bound`.
    pub(crate) fn share_within(&self, bound: Duration) -> f64 {
        let within = self.0.iter().filter(|sample| **sample <= bound).count();
        #[expect(
            clippy::cast_precision_loss,
            reason = "a share of some thousand samples"
        )]
        let share = within as f64 / self.0.len() as f64;
        share
    }

    /// `p50 …, p99 …, max …`, in milliseconds.
    pub(crate) fn summary_ms(&mut self) -> String {
        format!(
            "p50 {:.3} ms, p99 {:.3} ms, max {:.3} ms of {}",
            self.quantile_ms(0.5),
            self.quantile_ms(0.99),
            self.quantile_ms(1.0),
            self.len()
        )
    }
}
