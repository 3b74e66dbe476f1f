//! Connecting by a restricted key.

use sandbox::AccountSpec;
use serde_json::json;
use tests::{on_every_backend, totals};

on_every_backend! {
    async fn a_restricted_key_connects_an_account_and_imports_it(world: &World) {
        let (account, key) = world.account(AccountSpec::with_payments(500));

        let payload = world.try_connect("  Läden Süd ", &key).await;
        let connection = payload["connection"]["id"].as_str().unwrap();
        let import = world.imported(connection).await;
        let (sums, ids) = totals(world, connection).await;

        assert_eq!(payload["errors"], json!([]));
        assert_eq!(payload["connection"]["name"], "Läden Süd");
        assert_eq!(payload["connection"]["account"]["stripeId"], account);
        assert_eq!(payload["connection"]["permissions"].as_array().unwrap().len(), 20);
        assert_eq!(import["status"], "SUCCEEDED");
        let ledger = world.stripe.ledger(&account);
        let truth = ledger.totals.iter().map(|((currency, status), total)| {
            let key = (currency.clone(), status.to_string());
            (key, (total.count, total.amount, total.amount_captured, total.amount_refunded))
        });
        assert_eq!(sums, truth.collect());
        assert_eq!(ids.len(), 500);
    }
}
