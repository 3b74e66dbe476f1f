use async_graphql::SimpleObject;

use crate::{graphql::scalar::BigInt, storage::PaymentCounts};

/// Whether what Stripe sends of card payments is complete.
#[derive(Clone, Debug, SimpleObject)]
pub(in crate::graphql) struct DataHealth {
    /// Imported payments by card.
    card_payments: BigInt,
    /// Those whose BIN Stripe tells.
    with_bin: BigInt,
    /// Those whose issuing bank Stripe tells.
    with_issuer: BigInt,
    /// The share of card payments with a BIN, 0 to 1; null while no card payment is imported.
    bin_coverage: Option<f64>,
    /// The share of card payments with an issuing bank, 0 to 1; null while no card payment is imported.
    issuer_coverage: Option<f64>,
    /// Captured payments whose fees Stripe has not told yet.
    awaiting_fees: BigInt,
    /// Objects that could not be understood and were set aside.
    quarantined: BigInt,
    /// Null when all is as expected; else what to ask Stripe support to enable.
    advice: Option<&'static str>,
}

/// Stripe tells both of nearly every card once they are enabled; wallets and old payments make up the rest.
const EXPECTED_COVERAGE: f64 = 0.5;

impl DataHealth {
    /// What the counts say.
    pub(in crate::graphql) fn new(counts: PaymentCounts, quarantined: u64) -> Self {
        let bin_coverage = share(counts.with_bin, counts.card_payments);
        let issuer_coverage = share(counts.with_issuer, counts.card_payments);
        Self {
            card_payments: BigInt(counts.card_payments),
            with_bin: BigInt(counts.with_bin),
            with_issuer: BigInt(counts.with_issuer),
            bin_coverage,
            issuer_coverage,
            awaiting_fees: BigInt(counts.awaiting_fees),
            quarantined: BigInt::count(quarantined),
            advice: advice(is_low(bin_coverage), is_low(issuer_coverage)),
        }
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a share of more payments than 2^53 is a share all the same"
)]
fn share(part: i64, whole: i64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

fn is_low(coverage: Option<f64>) -> bool {
    coverage.is_some_and(|coverage| coverage < EXPECTED_COVERAGE)
}

fn advice(bin: bool, issuer: bool) -> Option<&'static str> {
    match (bin, issuer) {
        (false, false) => None,
        (true, true) => Some(
            "Stripe withholds the BIN and the issuing bank of your card payments. Ask Stripe Support to enable the \
             card BIN (`iin`) and issuer details for your account, in API answers and on all webhooks; then import \
             again.",
        ),
        (true, false) => Some(
            "Stripe withholds the BIN of your card payments. Ask Stripe Support to enable the card BIN (`iin`) for \
             your account, in API answers and on all webhooks; then import again.",
        ),
        (false, true) => Some(
            "Stripe withholds the issuing bank of your card payments. Ask Stripe Support to enable issuer details \
             for your account, in API answers and on all webhooks; then import again.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn health(card_payments: i64, with_bin: i64, with_issuer: i64) -> DataHealth {
        DataHealth::new(
            PaymentCounts {
                card_payments,
                with_bin,
                with_issuer,
                awaiting_fees: 0,
            },
            3,
        )
    }

    #[test]
    fn nothing_is_said_of_no_payments() {
        let health = health(0, 0, 0);

        assert_eq!((health.bin_coverage, health.issuer_coverage), (None, None));
        assert_eq!(health.advice, None);
        assert_eq!(health.quarantined, BigInt(3));
    }

    #[test]
    fn what_is_withheld_is_named() {
        let complete = health(4, 4, 3);
        assert_eq!(
            (complete.bin_coverage, complete.issuer_coverage),
            (Some(1.0), Some(0.75))
        );
        assert_eq!(complete.advice, None);

        let has = |health: DataHealth, word| health.advice.is_some_and(|text| text.contains(word));
        assert!(has(health(4, 0, 0), "`iin`) and issuer details"));
        assert!(has(health(4, 0, 4), "`iin`") && !has(health(4, 0, 4), "issuer"));
        assert!(has(health(4, 4, 0), "issuer") && !has(health(4, 4, 0), "`iin`"));
    }
}
