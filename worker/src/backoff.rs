//! How long a job waits for its next try.

use std::time::Duration;

const FIRST: Duration = Duration::from_secs(2);
const LONGEST: Duration = Duration::from_mins(10);

/// The wait after the try of this number, from 1: four times longer each time, up to ten minutes,
/// and up to a quarter longer by `spread` of 0 to 255, so that what failed together is not tried
/// again together.
pub(crate) fn backoff(attempt: u32, spread: u8) -> Duration {
    let factor = 4_u32.saturating_pow(attempt.saturating_sub(1).min(8));
    let wait = FIRST.saturating_mul(factor).min(LONGEST);
    wait + wait / 4 * u32::from(spread) / 255
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_end_growing() {
        let waits: Vec<u64> = (0..7)
            .map(|attempt| backoff(attempt, 0).as_secs())
            .collect();
        assert_eq!(waits, [2, 2, 8, 32, 128, 512, 600]);
        assert_eq!(backoff(u32::MAX, 0), LONGEST);
        assert_eq!(backoff(2, 255), Duration::from_secs(10));
    }
}
