use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::world;

fn ids(objects: &[Value]) -> BTreeSet<String> {
    let id = |object: &Value| object["id"].as_str().unwrap().to_owned();
    objects.iter().map(id).collect()
}

#[tokio::test]
async fn every_automatic_payout_is_the_sum_of_what_is_in_it() {
    let world = world(3_000).await;
    let ledger = world.sandbox.ledger(&world.account);
    let payouts = world.all("/v1/payouts", 100).await;
    assert_eq!(ids(&payouts), ledger.payout_ids);
    assert!(payouts.len() > 60, "{}", payouts.len());
    let mut seen = BTreeSet::new();
    for payout in &payouts {
        let id = payout["id"].as_str().unwrap();
        let inside = world
            .all(&format!("/v1/balance_transactions?payout={id}"), 100)
            .await;
        if payout["automatic"] == false {
            assert!(inside.is_empty());
            continue;
        }
        assert_eq!(&ids(&inside), &ledger.transactions_by_payout[id]);
        assert!(inside.iter().all(|one| seen.insert(one["id"].to_string())));
        let (own, paid): (Vec<_>, Vec<_>) = inside.iter().partition(|one| one["type"] == "payout");
        let sum: i64 = paid.iter().map(|one| one["net"].as_i64().unwrap()).sum();
        assert_eq!(payout["amount"], sum);
        assert_eq!(own.len(), 1);
        assert_eq!(
            (&own[0]["id"], &own[0]["net"]),
            (&payout["balance_transaction"], &(-sum).into())
        );
        let created = payout["created"].as_i64().unwrap();
        assert!(
            paid.iter()
                .all(|one| one["available_on"].as_i64().unwrap() <= created)
        );
    }
    let statuses: BTreeSet<_> = payouts
        .iter()
        .map(|one| one["status"].as_str().unwrap())
        .collect();
    assert!(
        statuses.contains("failed") && statuses.contains("paid"),
        "{statuses:?}"
    );
}
