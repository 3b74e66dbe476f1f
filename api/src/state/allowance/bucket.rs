//! One token's bucket as this process knows it.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::{Allowance, Spent};

#[derive(Clone, Debug)]
pub(super) struct Bucket {
    /// What is in it; below zero where several processes took too much together.
    level: f64,
    /// When that was so.
    at: DateTime<Utc>,
    /// What was taken and is not told to other processes yet.
    unsent: f64,
}

impl Bucket {
    pub(super) fn full(allowance: Allowance, now: DateTime<Utc>) -> Self {
        Self {
            level: float(allowance.limit),
            at: now,
            unsent: 0.0,
        }
    }

    pub(super) fn is_full(&self, allowance: Allowance, now: DateTime<Utc>) -> bool {
        let mut bucket = self.clone();
        bucket.fill(allowance, now);
        bucket.level >= float(allowance.limit) && bucket.unsent == 0.0
    }

    pub(super) fn take(
        &mut self,
        allowance: Allowance,
        cost: u64,
        now: DateTime<Utc>,
    ) -> Result<u64, Spent> {
        self.fill(allowance, now);
        let lacking = float(cost) - self.level;
        if lacking > 0.0 {
            let seconds = lacking / float(allowance.restore_rate.max(1));
            let retry_after = Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX);
            return Err(Spent { retry_after });
        }
        self.level -= float(cost);
        self.unsent += float(cost);
        Ok(whole(self.level))
    }

    pub(super) fn give_back(&mut self, allowance: Allowance, cost: u64, now: DateTime<Utc>) -> u64 {
        self.fill(allowance, now);
        self.level = (self.level + float(cost)).min(float(allowance.limit));
        self.unsent -= float(cost);
        whole(self.level)
    }

    /// What other processes are to be told; none where there is nothing.
    pub(super) fn send(&mut self) -> Option<f64> {
        let unsent = std::mem::take(&mut self.unsent);
        (unsent != 0.0).then_some(unsent)
    }

    /// They could not be told.
    pub(super) fn keep(&mut self, sent: f64) {
        self.unsent += sent;
    }

    /// What is left by what all processes took.
    pub(super) fn learn(&mut self, level: f64) {
        self.level = level - self.unsent;
    }

    /// A clock that goes back restores nothing twice.
    fn fill(&mut self, allowance: Allowance, now: DateTime<Utc>) {
        let seconds = (now - self.at).as_seconds_f64().max(0.0);
        let restored = seconds * float(allowance.restore_rate);
        self.level = (self.level + restored).min(float(allowance.limit));
        self.at = self.at.max(now);
    }
}

#[expect(clippy::cast_precision_loss, reason = "costs are far below 2^52")]
fn float(cost: u64) -> f64 {
    cost as f64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "below zero is nothing"
)]
fn whole(level: f64) -> u64 {
    level.max(0.0) as u64
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use proptest::prelude::*;

    use super::*;

    const ALLOWANCE: Allowance = Allowance {
        limit: 1_000,
        restore_rate: 100,
    };

    fn at(millis: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::milliseconds(millis)
    }

    #[test]
    fn what_is_taken_comes_back_in_time() {
        let mut bucket = Bucket::full(ALLOWANCE, at(0));

        assert_eq!(bucket.take(ALLOWANCE, 900, at(0)), Ok(100));
        let spent = bucket.take(ALLOWANCE, 300, at(500)).unwrap_err();
        assert_eq!(spent.retry_after, Duration::from_millis(1_500));
        assert_eq!(bucket.take(ALLOWANCE, 300, at(2_000)), Ok(0));
        assert_eq!(bucket.give_back(ALLOWANCE, 200, at(2_000)), 200);
        assert!(!bucket.is_full(ALLOWANCE, at(60_000)), "others do not know");
    }

    proptest! {
        #[test]
        fn never_is_more_spent_than_was_in_it_and_came_back(
            steps in prop::collection::vec((0..2_000_i64, 1..1_200_u64), 1..60)
        ) {
            let mut bucket = Bucket::full(ALLOWANCE, at(0));
            let (mut now, mut spent) = (0, 0);
            for (pause, cost) in steps {
                now += pause;
                if bucket.take(ALLOWANCE, cost, at(now)).is_ok() {
                    spent += cost;
                }
                let came_back = u64::try_from(now).unwrap() * ALLOWANCE.restore_rate / 1_000;
                prop_assert!(spent <= ALLOWANCE.limit + came_back + 1);
            }
        }
    }
}
