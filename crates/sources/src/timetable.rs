//! When a source is read: cron expressions, in a time zone.

use std::time::Duration;

use croner::{
    Cron,
    parser::{CronParser, Seconds, Year},
};
use jiff::tz::TimeZone;
use sha2::{Digest, Sha256};
use tidewire_domain::Timestamp;

use crate::SourceError;

/// The shortest time from one run to the next.
pub const MIN_INTERVAL: Duration = Duration::from_mins(15);

const DAY_MINUTES: u32 = 24 * 60;

/// Runs are put off by less than this, each source by its own time, so that what is due "every day
/// at midnight" is not all due at once.
const MAX_JITTER_MS: u64 = 60_000;

/// No expression is longer than this for a reason.
const MAX_EXPRESSION_BYTES: usize = 200;

/// A cron expression in a time zone.
///
/// Where the clock goes forward, a run at a fixed time that does not exist is made at the first
/// moment after the gap, and runs of a pattern such as `*/30 * * * *` in the gap are left out. Where
/// the clock goes back, a run at a fixed time is made once, the first time, and those of a pattern
/// go on evenly.
#[derive(Debug, Clone)]
pub struct Timetable {
    cron: Cron,
    zone: TimeZone,
}

impl Timetable {
    /// Reads `expression`, such as `0 6 * * MON-FRI` (minute, hour, day of month, month, day of
    /// week; names and `@daily` and its kin are understood), for the clocks of `zone`, such as
    /// `Europe/Vienna`.
    ///
    /// [`SourceError::Invalid`] where either is unknown, where it never comes true, or where its
    /// runs may be closer together than [`MIN_INTERVAL`]; one just before midnight and one just
    /// after it count as close, even if the expression leaves days out.
    pub fn parse(expression: &str, zone: &str) -> Result<Self, SourceError> {
        let invalid = |why: String| {
            let shown: String = expression.chars().take(MAX_EXPRESSION_BYTES).collect();
            Err(SourceError::Invalid(format!("{shown:?} {why}")))
        };
        if expression.len() > MAX_EXPRESSION_BYTES {
            return invalid("is too long for a cron expression".into());
        }
        let parser = CronParser::builder()
            .seconds(Seconds::Disallowed)
            .year(Year::Disallowed)
            .build();
        let cron = match parser.parse(expression) {
            Ok(cron) => cron,
            Err(error) => {
                return invalid(format!(
                    "is not a cron expression of five fields (minute, hour, day of month, month, \
                     day of week; such as 0 6 * * MON-FRI): {error}"
                ));
            }
        };
        let zone = TimeZone::get(zone).map_err(|_| {
            SourceError::Invalid(format!(
                "{zone:?} is not a time zone: give a name such as Europe/Vienna, or UTC"
            ))
        })?;
        let schedule = Self { cron, zone };
        let gap = schedule.shortest_gap_minutes();
        if u64::from(gap) * 60 < MIN_INTERVAL.as_secs() {
            return invalid(format!(
                "runs again after {gap} min: at least {} min must lie between two runs",
                MIN_INTERVAL.as_secs() / 60
            ));
        }
        if schedule.next(Timestamp::from_millis(0)).is_none() {
            return invalid("names a day that never comes".into());
        }
        Ok(schedule)
    }

    /// The first run of the source named `source` after `after`; none in the years that nobody
    /// plans for, from 5000 on.
    ///
    /// Up to 60 s after what the expression says, always by the same time for the same source.
    pub fn next_run(&self, after: Timestamp, source: &str) -> Option<Timestamp> {
        let jitter_ms = jitter_ms(source);
        let nominal = self.next(Timestamp::from_millis(after.as_millis() - jitter_ms))?;
        Some(Timestamp::from_millis(nominal.as_millis() + jitter_ms))
    }

    /// The first time after `after` that the expression names.
    fn next(&self, after: Timestamp) -> Option<Timestamp> {
        // Whole seconds: no part of one lies between two runs.
        let after = jiff::Timestamp::from_second(after.as_millis().div_euclid(1000)).ok()?;
        let next = self
            .cron
            .find_next_occurrence(&after.to_zoned(self.zone.clone()), false)
            .ok()?;
        Some(Timestamp::from_millis(next.timestamp().as_millisecond()))
    }

    /// The shortest time from one run to the next on days without a change of the clock, if every
    /// day had runs.
    fn shortest_gap_minutes(&self) -> u32 {
        let (minutes, hours) = (
            self.cron.pattern.minutes.values(),
            self.cron.pattern.hours.values(),
        );
        let mut runs: Vec<u32> = hours
            .iter()
            .flat_map(|hour| minutes.iter().map(move |minute| (hour, minute)))
            .map(|(hour, minute)| u32::from(*hour) * 60 + u32::from(*minute))
            .collect();
        runs.sort_unstable();
        let across_midnight = match (runs.first(), runs.last()) {
            (Some(first), Some(last)) => first + DAY_MINUTES - last,
            _ => DAY_MINUTES,
        };
        runs.windows(2)
            .map(|pair| pair[1] - pair[0])
            .min()
            .map_or(across_midnight, |gap| gap.min(across_midnight))
    }
}

fn jitter_ms(source: &str) -> i64 {
    let digest = Sha256::digest(source.as_bytes());
    let number = digest
        .iter()
        .take(8)
        .fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    i64::try_from(number % MAX_JITTER_MS).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    /// The next `count` times after `after` that the expression names, without jitter.
    fn runs(expression: &str, zone: &str, after: &str, count: usize) -> Vec<String> {
        let schedule = Timetable::parse(expression, zone).unwrap();
        let mut now = at(after);
        (0..count)
            .map(|_| {
                now = schedule.next(now).unwrap();
                now.to_string().replace(".000Z", "Z")
            })
            .collect()
    }

    fn refusal(expression: &str, zone: &str) -> String {
        let error = Timetable::parse(expression, zone).unwrap_err();
        assert_eq!(error.code(), "invalid");
        error.to_string()
    }

    #[test]
    fn times_are_those_of_the_zones_clocks() {
        assert_eq!(
            runs(
                "0 6 * * MON-FRI",
                "Europe/Vienna",
                "2026-03-27T00:00:00Z",
                2
            ),
            ["2026-03-27T05:00:00Z", "2026-03-30T04:00:00Z"]
        );
        assert_eq!(
            runs(
                "30 18 1 jan,jul *",
                "America/New_York",
                "2026-01-01T00:00:00Z",
                2
            ),
            ["2026-01-01T23:30:00Z", "2026-07-01T22:30:00Z"]
        );
        assert_eq!(
            runs("@daily", "UTC", "2026-01-01T00:00:00Z", 1),
            ["2026-01-02T00:00:00Z"]
        );
    }

    #[test]
    fn a_run_in_a_missing_hour_is_made_when_the_clock_has_gone_forward() {
        // At 02:00 in Vienna, 01:00 UTC, it is 03:00.
        assert_eq!(
            runs("30 2 * * *", "Europe/Vienna", "2026-03-28T12:00:00Z", 2),
            ["2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"]
        );
    }

    #[test]
    fn runs_of_a_pattern_in_a_missing_hour_are_left_out() {
        assert_eq!(
            runs("*/30 * * * *", "Europe/Vienna", "2026-03-29T00:29:00Z", 3),
            [
                "2026-03-29T00:30:00Z",
                "2026-03-29T01:00:00Z",
                "2026-03-29T01:30:00Z"
            ]
        );
    }

    #[test]
    fn a_run_in_a_repeated_hour_is_made_once() {
        // At 03:00 in Vienna, 01:00 UTC, it is 02:00 again.
        assert_eq!(
            runs("30 2 * * *", "Europe/Vienna", "2026-10-24T12:00:00Z", 2),
            ["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"]
        );
    }

    #[test]
    fn runs_of_a_pattern_go_on_evenly_through_a_repeated_hour() {
        assert_eq!(
            runs("*/30 * * * *", "Europe/Vienna", "2026-10-25T00:00:00Z", 4),
            [
                "2026-10-25T00:30:00Z",
                "2026-10-25T01:00:00Z",
                "2026-10-25T01:30:00Z",
                "2026-10-25T02:00:00Z"
            ]
        );
    }

    #[test]
    fn runs_that_are_close_together_are_refused() {
        for (expression, gap) in [
            ("* * * * *", "1 min"),
            ("*/10 * * * *", "10 min"),
            ("0,14 6 * * *", "14 min"),
            ("50,0 5,6 * * *", "10 min"),
            // The last run of a day and the first of the next one.
            ("0,59 0,23 * * *", "1 min"),
        ] {
            let why = refusal(expression, "UTC");
            assert!(
                why.contains(gap) && why.contains("at least 15 min"),
                "{why}"
            );
        }
        for expression in [
            "*/15 * * * *",
            "0,15 6 * * *",
            "59 23 * * *",
            "7 0,12 * * *",
        ] {
            Timetable::parse(expression, "UTC").unwrap();
        }
    }

    #[test]
    fn what_is_no_schedule_is_refused_with_an_example() {
        for expression in [
            "",
            "daily",
            "0 6 * *",
            "0 0 6 * * *",
            "0 6 * * * 2027",
            "60 * * * *",
            "0 24 * * *",
            "0 0 32 * *",
            "0 0 * 13 *",
            "0 0 * * XYZ",
            "-5 * * * *",
            "0 6 * * \u{0}",
        ] {
            let why = refusal(expression, "UTC");
            assert!(why.contains("0 6 * * MON-FRI"), "{expression}: {why}");
        }
        let why = refusal("0 0 30 2 *", "UTC");
        assert!(why.contains("never comes"), "{why}");
        let why = refusal(&"1,".repeat(1000), "UTC");
        assert!(why.contains("too long"), "{why}");
        let why = refusal("0 6 * * *", "Vienna");
        assert!(why.contains("Europe/Vienna"), "{why}");
    }

    #[test]
    fn sources_with_one_schedule_do_not_all_run_at_once() {
        let schedule = Timetable::parse("0 0 * * *", "UTC").unwrap();
        let after = at("2026-05-05T12:00:00Z");
        let midnight = at("2026-05-06T00:00:00Z").as_millis();
        let mut seconds = std::collections::BTreeSet::new();
        for source in 0..1000 {
            let run = schedule
                .next_run(after, &format!("source-{source}"))
                .unwrap();
            let late_ms = run.as_millis() - midnight;
            assert!((0..60_000).contains(&late_ms), "{late_ms}");
            seconds.insert(late_ms / 1000);
        }
        assert!(seconds.len() >= 50, "{seconds:?}");
    }

    proptest! {
        #[test]
        fn runs_of_a_source_follow_each_other_and_are_the_same_for_any_moment_between(
            start in 0_i64..4_000_000_000_000,
            part in 0.0_f64..1.0,
            source in "[a-z0-9-]{1,20}",
            zone in prop_oneof![Just("UTC"), Just("Europe/Vienna"), Just("America/New_York"), Just("Australia/Lord_Howe")],
            expression in prop_oneof![Just("*/15 * * * *"), Just("30 2 * * *"), Just("0 0 * * 0"), Just("17 */3 1,15 * *")],
        ) {
            let schedule = Timetable::parse(expression, zone).unwrap();
            let first = schedule.next_run(Timestamp::from_millis(start), &source).unwrap();
            prop_assert!(first.as_millis() > start);
            let second = schedule.next_run(first, &source).unwrap();
            prop_assert!(second > first);
            #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "any moment between the two will do")]
            let between = first.as_millis() + ((second.as_millis() - first.as_millis()) as f64 * part) as i64;
            prop_assert_eq!(schedule.next_run(Timestamp::from_millis(between), &source), Some(second));
        }

        #[test]
        fn any_text_is_a_schedule_or_a_clear_error(expression in "[0-9*/,LW#?@A-Za-z+ -]{0,30}") {
            if let Ok(schedule) = Timetable::parse(&expression, "Europe/Vienna") {
                let first = schedule.next_run(Timestamp::from_millis(0), "a").unwrap();
                prop_assert!(first.as_millis() > 0);
            }
        }
    }
}
