//! Spans of time: joining them, and cutting intervals by them.

use chrono::{DateTime, Utc};

/// The length of what a rollup sums up, in seconds.
pub(super) const HOUR: i64 = 3_600;

/// The last second of the years that payments can be of; beyond them SQLite would not order times alike.
const LAST: i64 = 253_402_300_799;

/// From a second since 1970 until another one, which is not part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// Its first second.
    pub from: i64,
    /// The second after its last one.
    pub until: i64,
}

/// A part of an interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    /// The interval by its place.
    pub(super) interval: usize,
    pub(super) span: Span,
}

impl Span {
    /// The hour that a second is in.
    pub(super) fn hour_of(second: i64) -> Self {
        let from = second.div_euclid(HOUR) * HOUR;
        Self {
            from,
            until: from + HOUR,
        }
    }

    fn within(self, whole: Self) -> Option<Self> {
        let part = Self {
            from: self.from.max(whole.from),
            until: self.until.min(whole.until),
        };
        (part.from < part.until).then_some(part)
    }
}

/// A second as a moment; none is later than the last one that payments can be of.
pub(super) fn time(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(second.clamp(0, LAST), 0).unwrap_or_default()
}

/// The same spans in order, none touching another. Where they are more than `most`, the narrowest gaps between them are
/// taken in.
pub(super) fn joined(mut spans: Vec<Span>, most: usize) -> Vec<Span> {
    spans.sort_unstable();
    let spans = close(&spans, 0);
    if spans.len() <= most {
        return spans;
    }
    let mut gaps: Vec<_> = spans
        .windows(2)
        .map(|pair| pair[1].from - pair[0].until)
        .collect();
    gaps.sort_unstable();
    // So many gaps have to go that `most - 1` are left; those as wide as the last one go with it.
    let widest = gaps[spans.len() - most - 1];
    close(&spans, widest)
}

/// Takes in gaps of at most this width; the spans are in order.
fn close(spans: &[Span], width: i64) -> Vec<Span> {
    let mut closed: Vec<Span> = Vec::new();
    for span in spans {
        match closed.last_mut() {
            Some(last) if span.from - last.until <= width => {
                last.until = last.until.max(span.until);
            }
            _ => closed.push(*span),
        }
    }
    closed
}

/// The parts of these spans that lie within another one.
pub(super) fn clipped(spans: &[Span], whole: Span) -> Vec<Span> {
    spans.iter().filter_map(|span| span.within(whole)).collect()
}

/// What is left of a span without others, which are in order.
pub(super) fn without(whole: Span, spans: &[Span]) -> Vec<Span> {
    let mut left = Vec::new();
    let mut from = whole.from;
    for span in spans {
        let until = span.from.min(whole.until);
        if from < until {
            left.push(Span { from, until });
        }
        from = from.max(span.until);
    }
    if from < whole.until {
        left.push(Span {
            from,
            until: whole.until,
        });
    }
    left
}

/// What intervals and spans have in common. Each interval lasts from one bound to the next; both lists are in order.
pub(super) fn cut(bounds: &[i64], spans: &[Span]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut first = 0;
    for (interval, pair) in bounds.windows(2).enumerate() {
        let whole = Span {
            from: pair[0],
            until: pair[1],
        };
        while spans
            .get(first)
            .is_some_and(|span| span.until <= whole.from)
        {
            first += 1;
        }
        let met = spans.iter().skip(first);
        let met = met.take_while(|span| span.from < whole.until);
        pieces.extend(met.filter_map(|span| {
            let span = span.within(whole)?;
            Some(Piece { interval, span })
        }));
    }
    pieces
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;

    fn span((from, length): (i64, i64)) -> Span {
        Span {
            from,
            until: from + length,
        }
    }

    fn holds(spans: &[Span], second: i64) -> bool {
        let holds = |span: &Span| (span.from..span.until).contains(&second);
        spans.iter().any(holds)
    }

    proptest! {
        #[test]
        fn joined_spans_hold_what_they_held_and_are_few(
            spans in vec((0..300_i64, 1..20_i64).prop_map(span), 0..30), most in 1..10_usize
        ) {
            let all = joined(spans.clone(), usize::MAX);
            let few = joined(spans.clone(), most);

            prop_assert!(few.len() <= most);
            prop_assert!(few.windows(2).all(|pair| pair[0].until < pair[1].from));
            for second in 0..330 {
                prop_assert_eq!(holds(&all, second), holds(&spans, second));
                prop_assert!(holds(&few, second) || !holds(&spans, second));
            }
        }

        #[test]
        fn every_second_is_in_one_piece_of_its_interval(
            spans in vec((0..300_i64, 1..20_i64).prop_map(span), 0..10), bounds in vec(0..320_i64, 2..12)
        ) {
            let mut bounds = bounds;
            bounds.sort_unstable();
            bounds.dedup();
            prop_assume!(bounds.len() > 1);
            let whole = Span { from: bounds[0], until: bounds[bounds.len() - 1] };
            let inside = clipped(&joined(spans, usize::MAX), whole);
            let outside = without(whole, &inside);
            let pieces: Vec<_> = cut(&bounds, &inside).into_iter().chain(cut(&bounds, &outside)).collect();

            for second in whole.from..whole.until {
                let of: Vec<_> = pieces.iter().filter(|piece| holds(&[piece.span], second)).collect();
                prop_assert_eq!(of.len(), 1);
                let interval = bounds.partition_point(|bound| *bound <= second) - 1;
                prop_assert_eq!(of[0].interval, interval);
            }
            prop_assert!(pieces.iter().all(|piece| piece.span.from >= whole.from && piece.span.until <= whole.until));
        }
    }
}
