//! Amounts in a filter are major units of each payment's own currency, exact.

use std::collections::BTreeSet;

use sandbox::AccountSpec;
use serde_json::{Value, json};
use tests::{World, on_every_backend};

use super::{
    ask::{code, message},
    shop::{Shop, ask_page, decimals, found, money},
};

/// An amount in thousandths of the major unit.
fn thousandths(charge: &Value) -> i64 {
    let digits = decimals(charge["currency"].as_str().unwrap());
    charge["amount"].as_i64().unwrap() * 10_i64.pow(3 - digits)
}

/// A decimal of up to three places, in thousandths.
fn exact(text: &str) -> i64 {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    format!("{whole}{fraction:0<3}").parse().unwrap()
}

async fn with_amount(world: &World, range: Value, currency: Option<&str>) -> BTreeSet<String> {
    let mut filter = json!({ "amount": range });
    if let Some(currency) = currency {
        filter["currencies"] = json!([currency]);
    }
    found(world, &filter).await.0
}

on_every_backend! {
    async fn amounts_are_major_units_of_every_currency(world: &World) {
        let shop = Shop::open(world, "Shop", AccountSpec::with_payments(800)).await;
        let charges = shop.charges();
        let within = |currency: Option<&str>, from: i64, to: i64| -> BTreeSet<String> {
            let is_in = |charge: &Value| {
                let own = currency.is_none_or(|currency| charge["currency"] == *currency);
                own && (from..=to).contains(&thousandths(charge))
            };
            charges.iter().filter(|(_, charge)| is_in(charge)).map(|(id, _)| id.clone()).collect()
        };

        let currencies: BTreeSet<&str> = charges.values().map(|charge| charge["currency"].as_str().unwrap()).collect();
        let kinds: BTreeSet<u32> = currencies.iter().map(|currency| decimals(currency)).collect();
        assert_eq!(kinds, BTreeSet::from([0, 2, 3]), "{currencies:?}");
        for currency in currencies {
            let charge = charges.values().find(|charge| charge["currency"] == *currency).unwrap();
            let (minor, own) = (charge["amount"].as_i64().unwrap(), thousandths(charge));
            let decimal = money(minor, currency)["amount"].as_str().unwrap().to_owned();
            assert_eq!(exact(&decimal), own, "{currency}");

            let same = with_amount(world, json!({ "gte": decimal, "lte": decimal }), Some(currency)).await;
            let above = with_amount(world, json!({ "gte": decimal }), Some(currency)).await;
            let below = with_amount(world, json!({ "lte": decimal }), Some(currency)).await;

            assert!(same.contains(charge["id"].as_str().unwrap()), "{currency}");
            assert_eq!(same, within(Some(currency), own, own), "{currency}");
            assert_eq!(above, within(Some(currency), own, i64::MAX), "{currency}");
            assert_eq!(below, within(Some(currency), 0, own), "{currency}");
        }
        for (from, to) in [("10", "20"), ("9.99", "10.01"), ("19.995", "250.5"), ("0", "0.001"), ("1000.000", "100000")] {
            let met = with_amount(world, json!({ "gte": from, "lte": to }), None).await;
            assert_eq!(met, within(None, exact(from), exact(to)), "{from} to {to}");
        }
    }

    async fn more_decimals_than_a_currency_has_are_still_exact(world: &World) {
        let shop = Shop::open(world, "Shop", AccountSpec::with_payments(100)).await;
        let charges = shop.charges();
        let charge = charges.values().find(|charge| charge["currency"] == "usd").unwrap();
        let id = charge["id"].as_str().unwrap();
        let decimal = money(charge["amount"].as_i64().unwrap(), "usd")["amount"].as_str().unwrap().to_owned();
        let finds = async |range: Value| with_amount(world, range, None).await.contains(id);

        assert!(finds(json!({ "gte": format!("{decimal}0000") })).await);
        assert!(finds(json!({ "lte": format!("{decimal}00001") })).await);
        assert!(!finds(json!({ "gte": format!("{decimal}00001") })).await);
        assert!(!finds(json!({ "lte": format!("-{decimal}") })).await);
        assert!(finds(json!({ "gte": "-0.0001" })).await);
        assert!(finds(json!({ "gte": format!("000{decimal}"), "lte": format!("000{decimal}") })).await);
        assert!(finds(json!({ "gte": -5 })).await);
    }

    async fn what_is_no_amount_is_refused(world: &World) {
        for wrong in ["", "-", ".5", "5.", "1,5", "1e3", "+1", " 1", "NaN", "1.2.3", "٣", "1\u{0}", "1; DROP TABLE payments"] {
            for end in ["gte", "lte"] {
                let answer = ask_page(world, json!({ "filter": { "amount": { end: wrong } } })).await;
                assert_eq!(code(&answer), "BAD_USER_INPUT", "{wrong:?}");
                assert!(answer["data"].is_null(), "{wrong:?}");
            }
        }
        for wrong in [json!(10.5), json!(true), json!([]), json!({ "minor": 5 })] {
            let answer = ask_page(world, json!({ "filter": { "amount": { "gte": wrong } } })).await;
            assert_eq!(code(&answer), "BAD_USER_INPUT", "{wrong}");
        }
    }

    async fn amounts_that_do_not_fit_are_refused(world: &World) {
        for wrong in ["9223372036854775808", "99999999999999999", "-99999999999999999", &"9".repeat(39), &"9".repeat(5_000)] {
            let answer = ask_page(world, json!({ "filter": { "amount": { "lte": wrong } } })).await;

            assert_eq!(code(&answer), "BAD_USER_INPUT", "{wrong}");
            assert!(answer["data"].is_null(), "{wrong}");
        }
        let most = ask_page(world, json!({ "filter": { "amount": { "lte": "999999999999999" } } })).await;
        assert_eq!(most["data"]["payments"]["totalCount"], "0");
    }

    async fn a_refused_amount_is_named(world: &World) {
        for wrong in ["99999999999999999", "x", "1e3"] {
            let answer = ask_page(world, json!({ "filter": { "amount": { "lte": wrong } } })).await;
            let told = message(&answer);
            assert!(told.contains("amount") || told.contains("MoneyRange"), "{wrong}: {told}");
        }
    }
}
