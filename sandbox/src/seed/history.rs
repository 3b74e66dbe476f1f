//! When payments happen.

use serde::Deserialize;

use super::Dice;

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;
const MONTH: i64 = 30 * DAY;

/// How the payments of an account lie in time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum History {
    /// Growth, days and weeks, bursts of many payments in one second, and months with none.
    #[default]
    Realistic,
    /// Evenly over the whole span.
    Uniform,
    /// Nine of ten within one hour in the middle of the span.
    OneHour,
    /// All within the same second.
    OneSecond,
    /// All in the first twentieth of the span.
    OldThenNothing,
    /// One at the very begin, all others in the last twentieth of the span.
    NothingThenAll,
}

impl History {
    /// The begins of so many payments, oldest first.
    pub(super) fn times(self, dice: &mut Dice, count: usize, from: i64, to: i64) -> Vec<i64> {
        let to = to.max(from + 1);
        let middle = from + (to - from) / 2;
        let mut times: Vec<i64> = match self {
            Self::Realistic => realistic(dice, count, from, to),
            Self::Uniform => (0..count).map(|_| dice.between(from..=to - 1)).collect(),
            Self::OneHour => (0..count)
                .map(|_| {
                    if dice.chance(0.9) {
                        middle + dice.between(0..=HOUR - 1)
                    } else {
                        dice.between(from..=to - 1)
                    }
                })
                .collect(),
            Self::OneSecond => vec![middle; count],
            Self::OldThenNothing => {
                let end = from + ((to - from) / 20).max(1);
                (0..count).map(|_| dice.between(from..=end - 1)).collect()
            }
            Self::NothingThenAll => {
                let begin = to - ((to - from) / 20).max(1);
                let late = (1..count).map(|_| dice.between(begin..=to - 1));
                std::iter::once(from).chain(late).take(count).collect()
            }
        };
        times.sort_unstable();
        times
    }

    /// How long after a failed attempt the next one comes.
    pub(super) fn retry_delay(self, dice: &mut Dice) -> i64 {
        match self {
            Self::OneSecond => 0,
            _ => dice.between(15..=900),
        }
    }
}

/// Draws days by their weight, then hours by theirs; some payments meet in a burst.
fn realistic(dice: &mut Dice, count: usize, from: i64, to: i64) -> Vec<i64> {
    let cumulated = cumulated_days(dice, from, to);
    let total = cumulated.last().copied().unwrap_or(1.0);
    let draw = |dice: &mut Dice| {
        let luck = dice.unit() * total;
        let day = cumulated.partition_point(|sum| *sum <= luck);
        let begin = from + i64::try_from(day).unwrap_or_default() * DAY;
        (begin + hour(dice) * HOUR + dice.between(0..=HOUR - 1)).clamp(from, to - 1)
    };
    let mut times = Vec::with_capacity(count);
    while times.len() < count {
        let at = draw(dice);
        // A sale opens, or a billing run starts: many payments in the same second.
        let at_once = if dice.chance(0.0004) {
            dice.index(180) + 20
        } else {
            1
        };
        times.extend(std::iter::repeat_n(at, at_once.min(count - times.len())));
    }
    times
}

fn cumulated_days(dice: &mut Dice, from: i64, to: i64) -> Vec<f64> {
    let days = (to - from).div_euclid(DAY) + 1;
    let months = usize::try_from(days * DAY / MONTH + 1).unwrap_or(1);
    let is_empty: Vec<bool> = (0..months)
        .map(|month| month > 0 && month + 2 < months && dice.chance(0.12))
        .collect();
    let mut sum = 0.0;
    (0..days)
        .map(|day| {
            let month = usize::try_from(day * DAY / MONTH).unwrap_or_default();
            let growth = 1.0 + 3.0 * ratio(day, days);
            // 1 January 1970 was a Thursday.
            let is_weekend = matches!((from / DAY + day + 4).rem_euclid(7), 0 | 6);
            let week = if is_weekend { 1.4 } else { 1.0 };
            let sale = if dice.chance(0.02) { 5.0 } else { 1.0 };
            if !is_empty[month.min(months - 1)] {
                sum += growth * week * sale;
            }
            sum
        })
        .collect()
}

/// An hour of the day: few at night, most in the evening.
fn hour(dice: &mut Dice) -> i64 {
    const WEIGHTS: [(u32, i64); 24] = [
        (2, 0),
        (1, 1),
        (1, 2),
        (1, 3),
        (1, 4),
        (2, 5),
        (3, 6),
        (5, 7),
        (7, 8),
        (8, 9),
        (9, 10),
        (9, 11),
        (10, 12),
        (9, 13),
        (8, 14),
        (8, 15),
        (9, 16),
        (10, 17),
        (12, 18),
        (13, 19),
        (13, 20),
        (11, 21),
        (8, 22),
        (4, 23),
    ];
    dice.weighted(&WEIGHTS)
}

#[expect(clippy::cast_precision_loss, reason = "a weight, not an amount")]
fn ratio(part: i64, whole: i64) -> f64 {
    part as f64 / whole.max(1) as f64
}
