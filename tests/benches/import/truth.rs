//! What is stored, compared with what there is at Stripe.

use sandbox::{Ledger, PaymentStatus, Total};
use tests::Tables;

use crate::case::{Case, Kind};

/// Fails unless every object is stored once and every sum is Stripe's.
pub(crate) async fn assert_exact(case: &Case, url: &str, ledgers: &[Ledger]) {
    let tables = Tables::open(url).await;
    for kind in &case.resources {
        let truth: usize = ledgers.iter().map(|ledger| count(*kind, ledger)).sum();
        let sql = match kind {
            Kind::Charges => "payments",
            Kind::Refunds => "refunds",
            Kind::Disputes => "disputes",
            Kind::PaymentIntents => "stripe_objects WHERE kind = 'payment_intent'",
        };
        assert_eq!(tables.count(sql).await, truth, "{sql}");
    }
    if case.resources.contains(&Kind::Charges) {
        assert_eq!(stored_totals(&tables).await, true_totals(ledgers));
        // As many as name a transaction of the ledger have its fee.
        let named = tables
            .count("payments WHERE balance_transaction_id IS NOT NULL")
            .await;
        assert!(named > 0, "no payment has a fee");
        assert_eq!(
            tables.count("payments WHERE fee_minor IS NOT NULL").await,
            named
        );
    }
    tables.close().await;
}

/// How many objects of a kind there are.
pub(crate) fn count(kind: Kind, ledger: &Ledger) -> usize {
    match kind {
        Kind::Charges => ledger.charge_ids.len(),
        Kind::Refunds => ledger.refund_ids.len(),
        Kind::Disputes => ledger.dispute_ids.len(),
        Kind::PaymentIntents => ledger.payment_intent_ids.len(),
    }
}

async fn stored_totals(tables: &Tables) -> Vec<String> {
    let sql =
        "SELECT currency || ' ' || status || ' ' || count(*) || ' ' || sum(amount_minor) || ' '
                      || sum(amount_captured_minor) || ' ' || sum(amount_refunded_minor)
               FROM payments GROUP BY currency, status";
    let mut totals = tables.texts(sql).await;
    totals.sort();
    totals
}

fn true_totals(ledgers: &[Ledger]) -> Vec<String> {
    let mut sums = std::collections::BTreeMap::<(String, PaymentStatus), Total>::new();
    for ledger in ledgers {
        for (key, total) in &ledger.totals {
            let sum = sums.entry(key.clone()).or_default();
            sum.count += total.count;
            sum.amount += total.amount;
            sum.amount_captured += total.amount_captured;
            sum.amount_refunded += total.amount_refunded;
        }
    }
    let text = |((currency, status), total): (&(String, PaymentStatus), &Total)| {
        let status = status.to_string().to_lowercase();
        let (count, amount) = (total.count, total.amount);
        let (captured, refunded) = (total.amount_captured, total.amount_refunded);
        format!("{currency} {status} {count} {amount} {captured} {refunded}")
    };
    let mut totals: Vec<_> = sums.iter().map(text).collect();
    totals.sort();
    totals
}
