//! When a throttled call is made again, for every provider.

use std::{future::Future, time::Duration};

use tidewire_domain::ModelError;

/// How often a call is made at most, the first time included.
const TRIES: u32 = 3;

/// A provider that asks for a longer wait than this is not asked again: whoever waits for the
/// answer is told instead.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// The wait before the second try, where the provider names none. It doubles with each try.
const FIRST_WAIT: Duration = Duration::from_millis(500);

/// Makes a call, and makes it again while the provider throttles it.
///
/// An `attempt` is over when the first piece of the answer is there, so what is tried again has
/// never been seen by anybody. Failures of other kinds come back at once: they may have cost money
/// already, and a user who sees them can ask again.
pub(crate) async fn retry_throttled<T, Attempt>(
    mut attempt: impl FnMut() -> Attempt,
) -> Result<T, ModelError>
where
    Attempt: Future<Output = Result<T, ModelError>>,
{
    let mut tries = 1;
    loop {
        match attempt().await {
            Err(ModelError::Throttled { retry_after })
                if tries < TRIES && retry_after.is_none_or(|wait| wait <= LONGEST_WAIT) =>
            {
                let wait = wait_before(tries, retry_after);
                tracing::debug!(tries, wait_ms = wait.as_millis(), "throttled, trying again");
                tokio::time::sleep(wait).await;
                tries += 1;
            }
            outcome => return outcome,
        }
    }
}

/// The wait after `tries` tries: what was asked and up to a tenth more, or else between half of the
/// doubling wait and all of it, so that callers that were throttled together do not come back together.
fn wait_before(tries: u32, retry_after: Option<Duration>) -> Duration {
    match retry_after {
        Some(asked) => asked.mul_f64(1.0 + fastrand::f64() / 10.0),
        None => (FIRST_WAIT * 2_u32.pow(tries - 1)).mul_f64(0.5 + fastrand::f64() / 2.0),
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use tokio::time::Instant;

    use super::*;

    fn throttled(retry_after: Option<Duration>) -> Result<&'static str, ModelError> {
        Err(ModelError::Throttled { retry_after })
    }

    /// Runs against outcomes in order; returns the outcome, the tries and the time that went by.
    async fn run(
        outcomes: Vec<Result<&'static str, ModelError>>,
    ) -> (Result<&'static str, ModelError>, usize, Duration) {
        let tries = Cell::new(0);
        let began = Instant::now();
        let outcome = retry_throttled(|| {
            let outcome = outcomes[tries.get()].clone();
            tries.set(tries.get() + 1);
            async { outcome }
        })
        .await;
        (outcome, tries.get(), began.elapsed())
    }

    #[tokio::test(start_paused = true)]
    async fn a_throttled_call_is_made_again() {
        let (outcome, tries, waited) = run(vec![throttled(None), Ok("answer")]).await;
        assert_eq!((outcome, tries), (Ok("answer"), 2));
        assert!(
            waited >= FIRST_WAIT / 2 && waited <= FIRST_WAIT,
            "{waited:?}"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn three_tries_are_all() {
        let (outcome, tries, waited) = run(vec![throttled(None); 4]).await;
        assert_eq!((outcome, tries), (throttled(None), 3));
        assert!(waited <= FIRST_WAIT * 3, "{waited:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn the_provider_says_how_long_to_wait() {
        let asked = Duration::from_secs(7);
        let (outcome, _, waited) = run(vec![throttled(Some(asked)), Ok("answer")]).await;
        assert_eq!(outcome, Ok("answer"));
        assert!(
            waited >= asked && waited <= asked.mul_f64(1.1) + Duration::from_millis(1),
            "{waited:?}"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_long_wait_is_not_waited_for() {
        let asked = Some(Duration::from_secs(11));
        let (outcome, tries, waited) = run(vec![throttled(asked), Ok("answer")]).await;
        assert_eq!((outcome, tries), (throttled(asked), 1));
        assert_eq!(waited, Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn other_failures_come_back_at_once() {
        let (outcome, tries, _) = run(vec![Err(ModelError::Timeout), Ok("answer")]).await;
        assert_eq!((outcome, tries), (Err(ModelError::Timeout), 1));
    }
}
