//! Checking a key, as a form does while its user is still at it.

use sandbox::{AccountSpec, Grants, Permission};
use serde_json::{Value, json};
use tests::on_every_backend;

use super::{
    ask::{check, only_error},
    database::stored,
};

fn granted(payload: &Value) -> usize {
    let rows = payload["permissions"].as_array().unwrap();
    assert_eq!(rows.len(), 20, "{payload:#}");
    rows.iter().filter(|row| row["granted"] == true).count()
}

on_every_backend! {
    async fn a_checked_key_is_reported_and_nothing_is_stored(world: &World) {
        let (account, key) = world.account(AccountSpec::with_payments(1).display_name("Läden"));
        let (live_account, live_key) = world.account(AccountSpec::with_payments(1).live());
        let before = stored(world).await;

        let test = check(world, &key).await;
        let live = check(world, &live_key).await;

        assert_eq!((&test["errors"], &live["errors"]), (&json!([]), &json!([])));
        assert_eq!((&test["livemode"], &live["livemode"]), (&json!(false), &json!(true)));
        assert_eq!(test["account"], json!({ "stripeId": account, "displayName": "Läden" }));
        assert_eq!(live["account"]["stripeId"], live_account);
        assert_eq!((granted(&test), granted(&live)), (20, 20));
        let unverified = test["permissions"].as_array().unwrap().iter().filter(|row| row["verified"] == false);
        let unverified: Vec<_> = unverified.map(|row| &row["permission"]["resource"]).collect();
        assert_eq!(unverified, ["Terminal SKUs"]);
        assert_eq!(stored(world).await, before);
    }

    async fn missing_rows_are_reported_together_with_all_others(world: &World) {
        let account = world.stripe.add_account(AccountSpec::with_payments(1));
        let lacking = vec![Permission::ChargeRead, Permission::EventRead];
        let key = world.stripe.create_key(&account, Grants::AllBut(lacking));
        let before = stored(world).await;

        let payload = check(world, &key).await;

        assert_eq!(payload["errors"].as_array().unwrap().len(), 1);
        let error = &payload["errors"][0];
        assert_eq!(error["__typename"], "MissingPermissionsError");
        assert_eq!(error["missing"], json!([
            { "resource": "Charges and Refunds", "access": "READ", "required": true },
            { "resource": "Events", "access": "READ", "required": false },
        ]));
        assert_eq!(payload["account"]["stripeId"], account);
        assert_eq!(payload["livemode"], false);
        assert_eq!(granted(&payload), 18);
        assert_eq!(stored(world).await, before);
    }

    async fn a_row_that_is_optional_is_no_error(world: &World) {
        let account = world.stripe.add_account(AccountSpec::with_payments(1));
        let key = world.stripe.create_key(&account, Grants::AllBut(vec![Permission::PayoutRead]));

        let payload = check(world, &key).await;

        assert_eq!(payload["errors"], json!([]));
        assert_eq!(granted(&payload), 19);
    }

    async fn a_key_that_is_not_taken_has_no_rows(world: &World) {
        let (_, key) = world.account(AccountSpec::default());
        world.stripe.expire_key(&key);

        let payload = check(world, &key).await;

        assert_eq!(only_error(&payload)["__typename"], "InvalidApiKeyError");
        assert_eq!(payload["permissions"], json!([]));
        assert_eq!(payload["livemode"], json!(null));
    }
}
