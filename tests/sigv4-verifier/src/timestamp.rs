//! Moments, as signatures write them.

use std::{
    fmt,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

const DAY: i64 = 24 * 60 * 60;
/// 0000-01-01 and 9999-12-31: what four digits of a year can say.
const FIRST: i64 = -62_167_219_200;
const LAST: i64 = 253_402_300_799;
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// A second in UTC. Displayed as `20150830T123600Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Timestamp(i64);

impl Timestamp {
    /// The second that `time` lies in, or the nearest one that can be written.
    pub(crate) fn of(time: SystemTime) -> Self {
        let seconds = match time.duration_since(UNIX_EPOCH) {
            Ok(since) => i64::try_from(since.as_secs()).unwrap_or(LAST),
            Err(before) => i64::try_from(before.duration().as_secs()).map_or(FIRST, |s| -s),
        };
        Self(seconds.clamp(FIRST, LAST))
    }

    pub(crate) fn earlier(self, by: Duration) -> Self {
        let by = i64::try_from(by.as_secs()).unwrap_or(LAST);
        Self(self.0.saturating_sub(by).clamp(FIRST, LAST))
    }

    pub(crate) fn later(self, by: Duration) -> Self {
        let by = i64::try_from(by.as_secs()).unwrap_or(LAST);
        Self(self.0.saturating_add(by).clamp(FIRST, LAST))
    }

    /// Reads ISO 8601's basic format, `20150830T123600Z`, without fractions: the format of
    /// `x-amz-date` according to AWS's "Handling dates in Signature Version 4".
    pub(crate) fn from_basic(text: &str) -> Option<Self> {
        let text = text.as_bytes();
        let shaped = text.len() == 16 && text[8] == b'T' && text[15] == b'Z';
        if !shaped {
            return None;
        }
        Self::from_parts(
            [&text[..4], &text[4..6], &text[6..8]],
            [&text[9..11], &text[11..13], &text[13..15]],
        )
    }

    /// Reads the format of HTTP's `Date`, `Sun, 30 Aug 2015 12:36:00 GMT` (RFC 9110, 5.6.7).
    /// botocore writes its zone as `-0000`.
    pub(crate) fn from_http(text: &str) -> Option<Self> {
        let mut words = text.split_ascii_whitespace();
        let mut word = || words.next();
        let (_weekday, day, month, year) = (word()?, word()?, word()?, word()?);
        let (time, zone) = (word()?.as_bytes(), word()?);
        let in_utc = matches!(zone, "GMT" | "-0000");
        let shaped = time.len() == 8 && time[2] == b':' && time[5] == b':' && year.len() == 4;
        if word().is_some() || !in_utc || !shaped {
            return None;
        }
        let month = (1..).zip(MONTHS).find(|(_, name)| *name == month)?.0;
        let month = format!("{month:02}");
        Self::from_parts(
            [year.as_bytes(), month.as_bytes(), day.as_bytes()],
            [&time[..2], &time[3..5], &time[6..]],
        )
    }

    fn from_parts(date: [&[u8]; 3], time: [&[u8]; 3]) -> Option<Self> {
        let [year, month, day] = [number(date[0])?, number(date[1])?, number(date[2])?];
        let [hour, minute, second] = [number(time[0])?, number(time[1])?, number(time[2])?];
        let days = days_from_civil(year, month, day);
        let is_date = (1..=12).contains(&month) && civil_from_days(days) == (year, month, day);
        let is_time = hour < 24 && minute < 60 && second < 60;
        (is_date && is_time).then_some(Self(days * DAY + hour * 60 * 60 + minute * 60 + second))
    }

    /// The date, `20150830`.
    pub(crate) fn date(self) -> String {
        let (year, month, day) = civil_from_days(self.0.div_euclid(DAY));
        format!("{year:04}{month:02}{day:02}")
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let second = self.0.rem_euclid(DAY);
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        write!(f, "{}T{hour:02}{minute:02}{second:02}Z", self.date())
    }
}

/// Reads up to four digits.
fn number(digits: &[u8]) -> Option<i64> {
    let is_number = (1..=4).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit);
    is_number.then(|| {
        digits
            .iter()
            .fold(0, |number, digit| number * 10 + i64::from(digit - b'0'))
    })
}

/// Days since 1970-01-01 in the Gregorian calendar, with years that begin in March: then the leap
/// day is a year's last.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The year, month and day of a number of days since 1970-01-01.
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let leaps = day_of_era / 1_460 - day_of_era / 36_524 + day_of_era / 146_096;
    let year_of_era = (day_of_era - leaps) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = (shifted_month + 2) % 12 + 1;
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn both_formats_name_the_same_second() {
        let basic = Timestamp::from_basic("20150830T123600Z").unwrap();
        assert_eq!(basic, Timestamp(1_440_938_160));
        for text in [
            "Sun, 30 Aug 2015 12:36:00 GMT",
            "Sun, 30 Aug 2015 12:36:00 -0000",
        ] {
            assert_eq!(Timestamp::from_http(text), Some(basic), "{text}");
        }
        assert_eq!(basic.date(), "20150830");
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in [
            "",
            "20150830",
            "20150830T123600",
            "20150830T123600.000Z",
            "2015-08-30T12:36:00Z",
            "20150229T123600Z",
            "20151301T123600Z",
            "20150001T123600Z",
            "20150800T123600Z",
            "20150830T243600Z",
            "20150830T126000Z",
            "20150830T123660Z",
            "2015083éT12360Z",
            "+0150830T123600Z",
        ] {
            assert_eq!(Timestamp::from_basic(text), None, "{text}");
        }
        for text in [
            "",
            "Sun, 30 Aug 2015 12:36:00",
            "Sun, 30 Aug 2015 12:36:00 CEST",
            "Sun, 30 Aug 2015 12:36:00 +0200",
            "Sun, 30 aug 2015 12:36:00 GMT",
            "Sun, 31 Feb 2015 12:36:00 GMT",
            "Sun, 30 Aug 2015 12:36:00 GMT GMT",
            "Sunday, 30-Aug-15 12:36:00 GMT",
        ] {
            assert_eq!(Timestamp::from_http(text), None, "{text}");
        }
    }

    #[test]
    fn a_leap_day_is_one() {
        assert!(Timestamp::from_basic("20160229T000000Z").is_some());
        assert!(Timestamp::from_basic("20000229T000000Z").is_some());
        assert!(Timestamp::from_basic("19000229T000000Z").is_none());
    }

    #[test]
    fn the_ends_of_time_can_be_written() {
        let century = Duration::from_secs(u64::MAX);
        assert_eq!(
            Timestamp(LAST).later(century).to_string(),
            "99991231T235959Z"
        );
        assert_eq!(
            Timestamp(FIRST).earlier(century).to_string(),
            "00000101T000000Z"
        );
        assert_eq!(Timestamp::of(UNIX_EPOCH).to_string(), "19700101T000000Z");
        let before = UNIX_EPOCH - Duration::from_secs(1);
        assert_eq!(Timestamp::of(before).to_string(), "19691231T235959Z");
    }

    proptest! {
        #[test]
        fn a_written_moment_reads_back(seconds in FIRST..=LAST) {
            let moment = Timestamp(seconds);
            prop_assert_eq!(Timestamp::from_basic(&moment.to_string()), Some(moment));
        }

        #[test]
        fn no_text_panics(text in ".{0,24}") {
            let _ = (Timestamp::from_basic(&text), Timestamp::from_http(&text));
        }
    }
}
