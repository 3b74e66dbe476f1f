use std::collections::BTreeSet;

use sandbox::{AccountSpec, History, Ledger, Options, PaymentStatus, Sandbox};
use serde_json::Value;

use crate::support::{world, world_of};

async fn ledger_of(spec: AccountSpec) -> Ledger {
    let sandbox = Sandbox::start(Options::default()).await.unwrap();
    let account = sandbox.add_account(spec);
    sandbox.ledger(&account)
}

fn values(objects: &[Value], pointer: &str) -> BTreeSet<String> {
    objects
        .iter()
        .filter_map(|object| Some(object.pointer(pointer)?.as_str()?.to_owned()))
        .collect()
}

#[tokio::test]
async fn the_same_seed_gives_the_same_history() {
    let first = ledger_of(AccountSpec::with_payments(300)).await;
    assert_eq!(first, ledger_of(AccountSpec::with_payments(300)).await);
    assert_ne!(
        first,
        ledger_of(AccountSpec::with_payments(300).seed(2)).await
    );
}

#[tokio::test]
async fn a_realistic_history_has_everything_in_it() {
    let world = world(6_000).await;
    let ledger = world.sandbox.ledger(&world.account);
    let statuses: BTreeSet<_> = ledger.totals.keys().map(|(_, status)| *status).collect();
    let currencies: BTreeSet<_> = ledger
        .totals
        .keys()
        .map(|(currency, _)| currency.clone())
        .collect();
    assert_eq!(statuses.len(), 5);
    assert_eq!(currencies.len(), 12);
    assert_eq!(
        ledger.totals.values().map(|total| total.count).sum::<u64>(),
        6_000
    );
    assert!(
        ledger
            .totals
            .keys()
            .any(|(_, status)| *status == PaymentStatus::RequiresCapture)
    );

    let charges = world.all("/v1/charges", 100).await;
    assert_eq!(
        values(&charges, "/payment_method_details/card/brand").len(),
        10
    );
    assert!(values(&charges, "/payment_method_details/type").len() >= 12);
    assert!(values(&charges, "/payment_method_details/card/wallet/type").len() >= 3);
    assert!(values(&charges, "/outcome/reason").len() >= 12);
    let with_bin = charges
        .iter()
        .filter(|charge| charge.pointer("/payment_method_details/card/iin").is_some())
        .count();
    assert!(with_bin > 0 && with_bin < 600, "{with_bin}");
    let late = charges
        .iter()
        .filter(|charge| charge["captured"] == true && charge["balance_transaction"].is_null());
    assert!(late.count() > 0);
    assert!(
        charges
            .iter()
            .any(|charge| charge["failure_balance_transaction"].is_string())
    );
    assert!(
        charges
            .iter()
            .any(|charge| charge["payment_intent"].is_null())
    );

    let refunds = world.all("/v1/refunds", 100).await;
    assert_eq!(values(&refunds, "/status").len(), 5);
    assert!(values(&refunds, "/reason").contains("expired_uncaptured_charge"));
    let disputes = world.all("/v1/disputes", 100).await;
    assert!(values(&disputes, "/status").len() >= 5);
    let intents = world.all("/v1/payment_intents", 100).await;
    assert_eq!(values(&intents, "/status").len(), 7);
}

#[tokio::test]
async fn balance_transactions_add_up() {
    let world = world(400).await;
    for transaction in world.all("/v1/balance_transactions", 100).await {
        let number = |field: &str| transaction[field].as_i64().unwrap();
        assert_eq!(
            number("net"),
            number("amount") - number("fee"),
            "{transaction}"
        );
        let details = transaction["fee_details"].as_array().unwrap();
        assert_eq!(
            details
                .iter()
                .map(|fee| fee["amount"].as_i64().unwrap())
                .sum::<i64>(),
            number("fee")
        );
        assert_eq!(transaction["currency"], "usd");
    }
    let charges = world.all("/v1/charges", 100).await;
    for charge in charges {
        let amount = |field: &str| charge[field].as_i64().unwrap();
        assert!(amount("amount_refunded") <= amount("amount"));
        assert!(charge["status"] != "failed" || charge["failure_code"].is_string());
    }
}

#[tokio::test]
async fn shapes_lie_where_they_should() {
    let spec = AccountSpec::with_payments(500);
    let (from, to) = (spec.from.timestamp(), spec.to.timestamp());
    let times = async |shape| {
        let world = world_of(AccountSpec::with_payments(500).shape(shape)).await;
        let charges = world.all("/v1/charges", 100).await;
        charges
            .iter()
            .map(|charge| charge["created"].as_i64().unwrap())
            .collect::<Vec<_>>()
    };
    let old = times(History::OldThenNothing).await;
    assert!(
        old.iter()
            .all(|at| (from..from + (to - from) / 10).contains(at))
    );
    let sudden = times(History::NothingThenAll).await;
    let end = to - (to - from) / 20;
    assert!(sudden.contains(&from));
    // The first one may have taken a few attempts.
    assert!(sudden.iter().filter(|at| **at < end).count() <= 3);
    let hour = times(History::OneHour).await;
    let middle = from + (to - from) / 2;
    assert!(
        hour.iter()
            .filter(|at| (middle..middle + 5_400).contains(at))
            .count()
            > 400
    );
    assert!(
        times(History::Uniform)
            .await
            .iter()
            .all(|at| (from..to).contains(at))
    );
    assert!(
        times(History::Realistic)
            .await
            .iter()
            .all(|at| (from..to).contains(at))
    );
}
