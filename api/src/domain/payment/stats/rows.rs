//! Adding groups up to rows.

use std::collections::BTreeMap;

use super::Bucket;
use crate::storage::{PaymentSums, StatsGroup, StatsKey};

/// A row of a chart: what the payments of an interval, a currency and a group come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentStatsRow {
    /// The interval; none where all time is one.
    pub interval: Option<Bucket>,
    /// The payments' currency: ISO 4217, lower case.
    pub currency: String,
    /// What they have in common, in the order asked for.
    pub keys: Vec<StatsKey>,
    /// What they come to; the fee is left out.
    pub sums: PaymentSums,
    /// Fees, each in its settlement currency, in the order of these.
    pub fees: BTreeMap<String, i64>,
}

impl PaymentStatsRow {
    /// The share of payments that succeeded of those that succeeded or failed: pending ones and verifications are neither.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        reason = "a share of more payments than 2^53 is a share all the same"
    )]
    pub fn approval_rate(&self) -> Option<f64> {
        let decided = self.sums.succeeded.saturating_add(self.sums.failed);
        (decided > 0).then(|| self.sums.succeeded as f64 / decided as f64)
    }
}

/// The rows that groups come to, in order. Groups name intervals by their places; all time is one where there is none.
pub(super) fn of(groups: &[StatsGroup], buckets: &[Bucket]) -> Vec<PaymentStatsRow> {
    let mut rows: BTreeMap<(usize, String, Vec<StatsKey>), PaymentStatsRow> = BTreeMap::new();
    for group in groups {
        let place = (group.interval, group.currency.clone(), group.keys.clone());
        let row = rows.entry(place).or_insert_with(|| PaymentStatsRow {
            interval: buckets.get(group.interval).copied(),
            currency: group.currency.clone(),
            keys: group.keys.clone(),
            sums: PaymentSums::default(),
            fees: BTreeMap::new(),
        });
        if let Some(currency) = &group.settlement_currency {
            let fee = row.fees.entry(currency.clone()).or_default();
            *fee = fee.saturating_add(group.sums.fee);
        }
        row.sums += PaymentSums {
            fee: 0,
            ..group.sums
        };
    }
    rows.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(currency: &str, settlement: Option<&str>, fee: i64, attempts: i64) -> StatsGroup {
        StatsGroup {
            interval: 0,
            currency: currency.to_owned(),
            settlement_currency: settlement.map(str::to_owned),
            keys: vec![StatsKey::Missing],
            sums: PaymentSums {
                attempts,
                fee,
                ..PaymentSums::default()
            },
        }
    }

    #[test]
    fn fees_are_kept_apart_by_their_currency() {
        let groups = vec![
            group("usd", Some("eur"), 5, 1),
            group("eur", Some("eur"), 7, 1),
            group("usd", Some("usd"), 2, 2),
            group("usd", Some("eur"), i64::MAX, 3),
            group("usd", None, 0, 4),
        ];

        let rows = of(&groups, &[]);

        let told: Vec<_> = rows
            .iter()
            .map(|row| (&*row.currency, row.sums.attempts, row.fees.clone()))
            .collect();
        let fees = |fees: &[(&str, i64)]| {
            let fees = fees.iter();
            fees.map(|(currency, fee)| ((*currency).to_owned(), *fee))
                .collect()
        };
        assert_eq!(
            told,
            [
                ("eur", 1, fees(&[("eur", 7)])),
                ("usd", 10, fees(&[("eur", i64::MAX), ("usd", 2)])),
            ]
        );
        assert!(
            rows.iter()
                .all(|row| row.sums.fee == 0 && row.interval.is_none())
        );
    }

    #[test]
    fn a_rate_is_of_what_is_decided() {
        let row = |succeeded, failed| PaymentStatsRow {
            interval: None,
            currency: "eur".to_owned(),
            keys: Vec::new(),
            sums: PaymentSums {
                attempts: 10,
                succeeded,
                failed,
                ..PaymentSums::default()
            },
            fees: BTreeMap::new(),
        };

        assert_eq!(row(3, 1).approval_rate(), Some(0.75));
        assert_eq!(row(0, 2).approval_rate(), Some(0.0));
        assert_eq!(row(0, 0).approval_rate(), None);
    }
}
