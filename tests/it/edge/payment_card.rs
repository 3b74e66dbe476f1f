//! What a payment tells of its card, against Stripe's charge.

use std::collections::BTreeSet;

use sandbox::AccountSpec;
use serde_json::{Value, json};
use tests::on_every_backend;

use super::{
    payment_fields::{assert_same, told},
    shop::Shop,
};

const CARDS: &str = "
    query($ids: [String!]) { payments(first: 100, filter: { stripeIds: $ids }) { nodes { stripeId method { type card {
      brand network last4 bin issuer country funding expMonth expYear fingerprint wallet
      threeDSecure { result version authenticationFlow } checks { addressLine1 postalCode cvc }
    } } } } }";

/// The object where it is one.
fn object(value: &Value, read: impl Fn(&Value) -> Value) -> Value {
    if value.is_object() {
        read(value)
    } else {
        Value::Null
    }
}

fn wanted(card: &Value) -> Value {
    json!({
        "brand": card["brand"], "network": card["network"], "last4": card["last4"], "bin": card["iin"],
        "issuer": card["issuer"], "country": card["country"], "funding": card["funding"],
        "expMonth": card["exp_month"], "expYear": card["exp_year"], "fingerprint": card["fingerprint"],
        "wallet": card["wallet"]["type"],
        "threeDSecure": object(&card["three_d_secure"], |secure| json!({
            "result": secure["result"], "version": secure["version"],
            "authenticationFlow": secure["authentication_flow"],
        })),
        "checks": object(&card["checks"], |checks| json!({
            "addressLine1": checks["address_line1_check"], "postalCode": checks["address_postal_code_check"],
            "cvc": checks["cvc_check"],
        })),
    })
}

on_every_backend! {
    async fn card_details_are_stripe_s(world: &World) {
        let shop = Shop::open(world, "Shop", AccountSpec::with_payments(800)).await;

        let told = told(&shop, CARDS).await;

        let mut seen: BTreeSet<String> = BTreeSet::new();
        for (id, charge) in &shop.charges() {
            let details = &charge["payment_method_details"];
            let kind = details["type"].as_str().unwrap();
            let card = &told[id]["method"]["card"];
            assert_eq!(told[id]["method"]["type"], kind);
            seen.insert(kind.to_owned());
            if kind.starts_with("card") {
                assert_same(id, card, &wanted(&details[kind]));
                for field in ["bin", "issuer", "wallet", "threeDSecure"] {
                    seen.insert(format!("{field} {}", card[field].is_null()));
                }
                seen.insert(format!("brand {}", card["brand"]));
            } else {
                assert_eq!(*card, Value::Null, "{kind} has no card");
            }
        }
        for field in ["bin", "issuer", "wallet", "threeDSecure"] {
            for null in [true, false] {
                assert!(seen.contains(&format!("{field} {null}")), "{field} is not put to the test");
            }
        }
        for kind in ["card", "card_present", "us_bank_account", "sepa_debit", "klarna"] {
            assert!(seen.contains(kind), "no {kind} is put to the test");
        }
        let brands = seen.iter().filter(|kind| kind.starts_with("brand ")).count();
        assert!(brands >= 7, "only {brands} brands are put to the test");
    }

    async fn a_bin_has_no_more_than_eight_digits(world: &World) {
        let (account, key) = world.account(AccountSpec::with_payments(20));
        let charges = world.stripe.ledger(&account).charge_ids;
        let id = charges.into_iter().find(|id| id.starts_with("ch_")).unwrap();
        world.stripe.update_charge(&account, &id, |charge| {
            charge["payment_method_details"] = json!({ "type": "card", "card": { "brand": "visa", "iin": "424242424242", "last4": "4242" } });
        });
        let shop = Shop::open_as(world, "Shop", account, &key).await;

        let card = told(&shop, CARDS).await.remove(&id).unwrap()["method"]["card"].take();

        assert_eq!(card["bin"], "42424242");
        for field in ["network", "issuer", "country", "funding", "expMonth", "expYear", "wallet", "threeDSecure", "checks"] {
            assert_eq!(card[field], Value::Null, "{field}");
        }
    }
}
