//! Cutting time into the intervals of a zone.

use chrono::{
    DateTime, Datelike, Days, MappedLocalTime, Months, NaiveDate, NaiveTime, TimeDelta, TimeZone,
    Timelike, Utc,
};
use chrono_tz::Tz;

/// How long the intervals of a chart are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interval {
    /// Hours of the zone's clocks. Where these are set by less than an hour, the hour before or after is shorter.
    Hour,
    /// Days of the zone: most have 24 hours.
    Day,
    /// Weeks of the zone, from Monday.
    Week,
    /// Months of the zone.
    Month,
}

/// An interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bucket {
    /// Where it begins.
    pub start: DateTime<Utc>,
    /// Where it ends: the start of the next one.
    pub end: DateTime<Utc>,
}

/// No zone's clocks are as far from UTC as this.
const FARTHEST: TimeDelta = TimeDelta::hours(26);

impl Interval {
    /// The intervals that have a part of the span `[from, until)` (in seconds since 1970), in order, each ending where the
    /// next one begins; none where there are more than `most`.
    pub(super) fn buckets(
        self,
        zone: Tz,
        (from, until): (i64, i64),
        most: usize,
    ) -> Option<Vec<Bucket>> {
        let shortest = match self {
            Self::Hour => TimeDelta::hours(1),
            Self::Day => TimeDelta::hours(23),
            Self::Week => TimeDelta::days(6),
            Self::Month => TimeDelta::days(27),
        };
        let at_least = (until - from) / (2 * shortest.num_seconds());
        if usize::try_from(at_least).is_ok_and(|at_least| at_least > most) {
            return None;
        }
        let first = zone.timestamp_opt(from, 0).earliest()?;
        let mut date = self.first_date(first.date_naive());
        let mut buckets = Vec::new();
        loop {
            let next = self.next_date(date)?;
            let whole = Bucket {
                start: day_start(zone, date)?,
                end: day_start(zone, next)?,
            };
            if whole.start.timestamp() >= until {
                break;
            }
            let parts = match self {
                Self::Hour => hours(zone, whole),
                _ => vec![whole],
            };
            // Days that a zone leaves out have no time.
            let asked = |bucket: &Bucket| {
                bucket.start < bucket.end
                    && bucket.end.timestamp() > from
                    && bucket.start.timestamp() < until
            };
            buckets.extend(parts.into_iter().filter(asked));
            if buckets.len() > most {
                return None;
            }
            date = next;
        }
        Some(buckets)
    }

    fn first_date(self, date: NaiveDate) -> NaiveDate {
        match self {
            Self::Hour | Self::Day => date,
            Self::Week => {
                let since_monday = date.weekday().num_days_from_monday();
                date - Days::new(since_monday.into())
            }
            Self::Month => date.with_day(1).unwrap_or(date),
        }
    }

    fn next_date(self, date: NaiveDate) -> Option<NaiveDate> {
        match self {
            Self::Hour | Self::Day => date.checked_add_days(Days::new(1)),
            Self::Week => date.checked_add_days(Days::new(7)),
            Self::Month => date.checked_add_months(Months::new(1)),
        }
    }
}

/// When a day begins: at midnight (at the first one, where clocks are set back over it), or where clocks are set forward
/// over it, then.
fn day_start(zone: Tz, date: NaiveDate) -> Option<DateTime<Utc>> {
    let midnight = date.and_time(NaiveTime::MIN);
    match zone.from_local_datetime(&midnight) {
        MappedLocalTime::Single(start) | MappedLocalTime::Ambiguous(start, _) => {
            Some(start.to_utc())
        }
        MappedLocalTime::None => {
            let around = midnight.and_utc();
            let begun =
                |moment: DateTime<Utc>| moment.with_timezone(&zone).naive_local() >= midnight;
            let (mut before, mut after) = (
                around.checked_sub_signed(FARTHEST)?,
                around.checked_add_signed(FARTHEST)?,
            );
            while after - before > TimeDelta::seconds(1) {
                let middle = before + TimeDelta::seconds((after - before).num_seconds() / 2);
                if begun(middle) {
                    after = middle;
                } else {
                    before = middle;
                }
            }
            Some(after)
        }
    }
}

/// The hours of a day.
fn hours(zone: Tz, day: Bucket) -> Vec<Bucket> {
    let mut hours = Vec::new();
    let mut start = day.start;
    while start < day.end {
        let clock = start.with_timezone(&zone);
        let passed = i64::from(clock.minute() * 60 + clock.second());
        let end = (start + TimeDelta::seconds(3_600 - passed)).min(day.end);
        hours.push(Bucket { start, end });
        start = end;
    }
    hours
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn starts(interval: Interval, zone: Tz, from: &str, until: &str) -> Vec<String> {
        let span = (at(from).timestamp(), at(until).timestamp());
        let buckets = interval.buckets(zone, span, 1_000).unwrap();
        let starts = buckets.iter().map(|bucket| bucket.start);
        starts
            .map(|start| start.to_rfc3339_opts(chrono::SecondsFormat::Secs, true))
            .collect()
    }

    #[test]
    fn days_follow_the_clocks_of_the_zone() {
        let berlin = starts(
            Interval::Day,
            Tz::Europe__Berlin,
            "2026-03-28T12:00:00Z",
            "2026-03-30T12:00:00Z",
        );
        assert_eq!(
            berlin,
            [
                "2026-03-27T23:00:00Z",
                "2026-03-28T23:00:00Z",
                "2026-03-29T22:00:00Z"
            ]
        );
        // Clocks are set at midnight: the day begins at one o'clock.
        let beirut = starts(
            Interval::Day,
            Tz::Asia__Beirut,
            "2024-03-30T12:00:00Z",
            "2024-03-31T12:00:00Z",
        );
        assert_eq!(beirut, ["2024-03-29T22:00:00Z", "2024-03-30T22:00:00Z"]);
        // A day that the zone left out.
        let apia = starts(
            Interval::Day,
            Tz::Pacific__Apia,
            "2011-12-29T20:00:00Z",
            "2011-12-31T00:00:00Z",
        );
        assert_eq!(apia, ["2011-12-29T10:00:00Z", "2011-12-30T10:00:00Z"]);
    }

    #[test]
    fn weeks_begin_on_monday_and_months_on_their_first() {
        let weeks = starts(
            Interval::Week,
            Tz::Asia__Kathmandu,
            "2026-11-26T00:00:00Z",
            "2026-12-01T00:00:00Z",
        );
        assert_eq!(weeks, ["2026-11-22T18:15:00Z", "2026-11-29T18:15:00Z"]);
        let months = starts(
            Interval::Month,
            Tz::America__New_York,
            "2026-10-31T00:00:00Z",
            "2026-12-15T00:00:00Z",
        );
        assert_eq!(
            months,
            [
                "2026-10-01T04:00:00Z",
                "2026-11-01T04:00:00Z",
                "2026-12-01T05:00:00Z"
            ]
        );
    }

    #[test]
    fn hours_are_those_of_the_clocks() {
        let india = starts(
            Interval::Hour,
            Tz::Asia__Kolkata,
            "2026-01-01T00:00:00Z",
            "2026-01-01T01:00:00Z",
        );
        assert_eq!(india, ["2025-12-31T23:30:00Z", "2026-01-01T00:30:00Z"]);
        // Clocks are set back by half an hour, from two o'clock to half past one.
        let lord_howe = starts(
            Interval::Hour,
            Tz::Australia__Lord_Howe,
            "2026-04-04T14:00:00Z",
            "2026-04-04T16:00:00Z",
        );
        assert_eq!(
            lord_howe,
            [
                "2026-04-04T14:00:00Z",
                "2026-04-04T15:00:00Z",
                "2026-04-04T15:30:00Z"
            ]
        );
    }

    #[test]
    fn too_many_are_refused_before_they_are_made() {
        let year = (0, 366 * 86_400);

        assert_eq!(Interval::Hour.buckets(Tz::UTC, year, 1_000), None);
        assert_eq!(
            Interval::Day.buckets(Tz::UTC, year, 366).unwrap().len(),
            366
        );
        assert_eq!(Interval::Day.buckets(Tz::UTC, year, 365), None);
        let all_time = (0, 253_402_300_799);
        assert_eq!(Interval::Month.buckets(Tz::UTC, all_time, 4_000), None);
    }

    proptest! {
        #[test]
        fn every_second_is_in_one_interval_whose_date_is_its_own(
            zone in proptest::sample::select(&chrono_tz::TZ_VARIANTS[..]),
            from in 1_000_000_000_i64..2_000_000_000,
            length in 1_i64..9_000_000,
            kind in 0..4_usize,
            part in 0.0..1.0_f64,
        ) {
            let interval = [Interval::Hour, Interval::Day, Interval::Week, Interval::Month][kind];
            let until = from + length;
            let buckets = interval.buckets(zone, (from, until), 10_000).unwrap();

            prop_assert!(buckets[0].start.timestamp() <= from);
            prop_assert!(buckets[buckets.len() - 1].end.timestamp() >= until);
            prop_assert!(buckets.iter().all(|bucket| bucket.start < bucket.end));
            prop_assert!(buckets.windows(2).all(|pair| pair[0].end == pair[1].start));

            #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "a second of the span")]
            let second = from + (length as f64 * part) as i64;
            let bucket = buckets.iter().find(|bucket| bucket.end.timestamp() > second).unwrap();
            let date = |moment: DateTime<Utc>| moment.with_timezone(&zone).date_naive();
            let own = date(DateTime::from_timestamp(second, 0).unwrap());
            let begin = date(bucket.start);
            let same = match interval {
                Interval::Hour | Interval::Day => begin == own,
                Interval::Week => begin.iso_week() == own.iso_week(),
                Interval::Month => (begin.year(), begin.month()) == (own.year(), own.month()),
            };
            prop_assert!(same, "{begin} has a second of {own}");
            // The same interval, wherever the span begins.
            let alone = interval.buckets(zone, (second, second + 1), 10).unwrap();
            prop_assert_eq!(&alone[..], &[*bucket][..]);
        }
    }
}
