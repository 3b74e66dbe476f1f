use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::stripe::{
    RawObject, Unintelligible,
    object::{
        BalanceTransaction, Charge, Dispute, Expandable, PaymentIntent, PaymentMethodDetails,
        Refund,
    },
};

const SUCCEEDED: &str = include_str!("bodies/charge_card_succeeded.json");
const FAILED: &str = include_str!("bodies/charge_card_failed.json");
const EXPANDED: &str = include_str!("bodies/charge_card_refunded_expanded.json");
const DISPUTED: &str = include_str!("bodies/charge_card_disputed.json");
const BANK_ACCOUNT: &str = include_str!("bodies/charge_us_bank_account.json");
const SEPA_FAILED: &str = include_str!("bodies/charge_sepa_debit_failed.json");

fn read<T: DeserializeOwned>(json: &str) -> Result<T, Unintelligible> {
    RawObject::read(json.as_bytes().to_vec()).unwrap().parse()
}

fn charge(json: &str) -> Charge {
    read(json).unwrap()
}

/// A succeeded charge with other values at the given places.
fn altered(changes: &[(&str, Value)]) -> Result<Charge, Unintelligible> {
    let mut body: Value = serde_json::from_str(SUCCEEDED).unwrap();
    for (pointer, value) in changes {
        let (parent, field) = pointer.rsplit_once('/').unwrap();
        body.pointer_mut(parent).unwrap()[field] = value.clone();
    }
    read(&body.to_string())
}

#[test]
fn a_card_charge_tells_what_analytics_needs() {
    let charge = charge(SUCCEEDED);
    assert_eq!(
        (charge.id.as_str(), charge.created),
        ("ch_EXAMPLEa2", 1_785_500_000)
    );
    assert_eq!(
        (
            charge.amount,
            charge.amount_captured,
            charge.amount_refunded
        ),
        (1099, 1099, 0)
    );
    assert_eq!(
        (charge.status.as_str(), charge.currency.as_str()),
        ("succeeded", "eur")
    );
    assert_eq!(
        charge.balance_transaction.as_ref().map(Expandable::id),
        Some("txn_EXAMPLEa2")
    );
    assert_eq!(charge.network_transaction_id(), Some("976910110049114"));
    assert_eq!(charge.metadata["order_id"], "1001");
    let method = charge.payment_method_details.unwrap();
    let card = method.card.unwrap();
    assert_eq!(
        (card.brand.as_deref(), card.last4.as_deref()),
        (Some("visa"), Some("4242"))
    );
    assert_eq!(
        (card.exp_month, card.exp_year, card.iin),
        (Some(8), Some(2030), None)
    );
    let secure = card.three_d_secure.unwrap();
    assert_eq!(secure.authentication_flow.as_deref(), Some("challenge"));
    assert_eq!(card.checks.unwrap().cvc_check.as_deref(), Some("pass"));
    let address = charge.billing_details.unwrap().address.unwrap();
    assert_eq!(address.postal_code.as_deref(), Some("94103"));
}

#[test]
fn a_failed_charge_tells_why() {
    let charge = charge(FAILED);
    assert_eq!(charge.failure_code.as_deref(), Some("card_declined"));
    assert_eq!(charge.balance_transaction, None);
    let outcome = charge.outcome.unwrap();
    assert_eq!(outcome.reason.as_deref(), Some("insufficient_funds"));
    assert_eq!(outcome.network_decline_code.as_deref(), Some("51"));
    assert_eq!(outcome.risk_score, Some(21));
}

#[test]
fn an_expanded_balance_transaction_comes_with_its_fee() {
    let charge = charge(EXPANDED);
    assert!(charge.refunded);
    let transaction = charge.balance_transaction.unwrap();
    assert_eq!(transaction.id(), "txn_EXAMPLEb1");
    let transaction = transaction.object().unwrap();
    assert_eq!((transaction.fee, transaction.net), (103, 2397));
    assert_eq!(transaction.fee_details[0].kind, "stripe_fee");
}

#[test]
fn other_methods_tell_their_bank() {
    let method = charge(BANK_ACCOUNT).payment_method_details.unwrap();
    assert_eq!(method.kind.as_deref(), Some("us_bank_account"));
    assert_eq!(
        method.bank.unwrap().bank_name.as_deref(),
        Some("STRIPE TEST BANK")
    );
    let failed = charge(SEPA_FAILED);
    assert_eq!(
        failed
            .failure_balance_transaction
            .as_ref()
            .map(super::super::object::expandable::Expandable::id),
        Some("txn_EXAMPLEd2")
    );
    let bank = failed.payment_method_details.unwrap().bank.unwrap();
    assert_eq!(bank.country.as_deref(), Some("DE"));
    let wallet = charge(DISPUTED)
        .payment_method_details
        .unwrap()
        .card
        .unwrap()
        .wallet
        .unwrap();
    assert_eq!(wallet.kind.as_deref(), Some("google_pay"));
}

#[test]
fn personal_data_is_not_even_read() {
    for json in [
        SUCCEEDED,
        FAILED,
        EXPANDED,
        DISPUTED,
        BANK_ACCOUNT,
        SEPA_FAILED,
    ] {
        let printed = format!("{:?}", charge(json));
        for hidden in [
            "jenny",
            "Jenny",
            "Mustermann",
            "Townsend",
            "Musterstr",
            "receipts",
        ] {
            assert!(!printed.contains(hidden), "{hidden} in {printed}");
        }
    }
    let json = include_str!("bodies/payment_intent_failed_attempt.json");
    let printed = format!("{:?}", read::<PaymentIntent>(json).unwrap());
    assert!(
        !printed.contains("_secret_") && !printed.contains("Jenny"),
        "{printed}"
    );
}

#[test]
fn what_stripe_may_change_is_forgiven() {
    let charge = altered(&[
        ("/status", json!("awaiting_the_moon")),
        (
            "/customer",
            json!({"id": "cus_1", "object": "customer", "deleted": true}),
        ),
        (
            "/payment_intent",
            json!({"id": "pi_1", "client_secret": "x"}),
        ),
        (
            "/metadata",
            json!({"a": 1, "b": null, "c": {"d": true}, "e": "text"}),
        ),
        ("/outcome/risk_score", json!("17")),
        ("/payment_method_details/card/exp_month", json!(8.0)),
        ("/payment_method_details/card/checks", Value::Null),
        ("/billing_details/address", Value::Null),
        ("/something_new", json!([1, {"a": []}])),
    ]);
    let charge = charge.unwrap();
    assert_eq!(charge.customer.as_deref(), Some("cus_1"));
    assert_eq!(charge.payment_intent.as_deref(), Some("pi_1"));
    let metadata: Vec<_> = charge.metadata.values().map(String::as_str).collect();
    assert_eq!(metadata, ["1", "null", r#"{"d":true}"#, "text"]);
    assert_eq!(charge.outcome.unwrap().risk_score, Some(17));
    assert_eq!(
        charge
            .payment_method_details
            .unwrap()
            .card
            .unwrap()
            .exp_month,
        Some(8)
    );
}

#[test]
fn metadata_is_never_read_as_json() {
    let name = "$serde_json::private::RawValue";
    for said in ["not JSON", r#"{"a": "b"}"#] {
        let charge = altered(&[("/metadata", json!({ name: said }))]).unwrap();

        let stored = serde_json::to_string(&charge.metadata).unwrap();
        let read: Value = serde_json::from_str(&stored).unwrap();
        assert_eq!(read, json!({ "serde_json::private::RawValue": said }));
    }
}

#[test]
fn what_may_be_null_may_be_null() {
    let nulls = [
        "/customer",
        "/metadata",
        "/outcome",
        "/payment_method_details",
        "/billing_details",
        "/balance_transaction",
        "/payment_intent",
        "/description",
    ];
    let charge = altered(&nulls.map(|pointer| (pointer, Value::Null))).unwrap();
    assert!(charge.metadata.is_empty());
    assert_eq!(
        (charge.outcome, charge.payment_method_details),
        (None, None)
    );
    assert_eq!(
        altered(&[("/metadata", json!([1]))])
            .unwrap()
            .metadata
            .len(),
        0
    );
}

#[test]
fn an_amount_is_a_whole_number_of_64_bits_or_the_object_is_set_aside() {
    let charge = altered(&[("/amount", json!(i64::MAX))]).unwrap();
    assert_eq!(charge.amount, i64::MAX);
    for amount in [
        json!(9_223_372_036_854_775_808_u64),
        json!(1.5),
        json!("1"),
        Value::Null,
    ] {
        let reason = altered(&[("/amount", amount)]).unwrap_err().reason;
        assert!(reason.contains("expected i64"), "{reason}");
    }
}

#[test]
fn a_risk_score_that_is_no_number_is_none() {
    for (score, wanted) in [
        (json!(16.7), Some(17)),
        (json!(" 5 "), Some(5)),
        (json!("high"), None),
        (json!(1e300), None),
        (json!("NaN"), None),
        (json!(-0.2), Some(0)),
        (json!([]), None),
    ] {
        let charge = altered(&[("/outcome/risk_score", score.clone())]).unwrap();
        assert_eq!(charge.outcome.unwrap().risk_score, wanted, "{score}");
    }
}

#[test]
fn the_network_transaction_id_may_be_on_the_charge_itself() {
    let card = "/payment_method_details/card/network_transaction_id";
    let charge = altered(&[
        (card, Value::Null),
        ("/network_transaction_id", json!("n1")),
    ]);
    assert_eq!(charge.unwrap().network_transaction_id(), Some("n1"));
}

#[test]
fn a_method_of_any_shape_is_read() {
    let method = |body: Value| read::<PaymentMethodDetails>(&body.to_string()).unwrap();
    let present = method(json!({"type": "card_present", "card_present":
        {"brand": "visa", "iin": "424242", "issuer": "Bank", "wallet": {"type": "apple_pay"}}}));
    assert_eq!(present.card.unwrap().iin.as_deref(), Some("424242"));
    let ideal = method(json!({"type": "ideal", "ideal": {"bank": "ing", "bic": "INGBNL2A"}}));
    assert_eq!(ideal.bank.unwrap().bank.as_deref(), Some("ing"));
    let new = method(json!({"new": 1, "other": [2], "type": "moon_pay", "moon_pay": "yes"}));
    assert_eq!(
        (new.kind.as_deref(), new.bank, new.card),
        (Some("moon_pay"), None, None)
    );
    assert_eq!(method(json!({"type": "card", "card": null})).card, None);
}

#[test]
fn the_other_objects_are_read() {
    let refund: Refund = read(include_str!("bodies/refund_failed.json")).unwrap();
    assert_eq!(
        refund.failure_reason.as_deref(),
        Some("lost_or_stolen_card")
    );
    assert_eq!(refund.charge.as_deref(), Some("py_EXAMPLEc1"));
    assert_eq!(
        refund.balance_transaction.as_ref().map(Expandable::id),
        Some("txn_EXAMPLEc2")
    );

    let dispute: Dispute = read(include_str!("bodies/dispute_won.json")).unwrap();
    assert_eq!(
        (dispute.reason.as_str(), dispute.status.as_str()),
        ("fraudulent", "won")
    );
    assert_eq!(dispute.evidence_due_by, Some(1_787_000_000));
    let fees: Vec<_> = dispute
        .balance_transactions
        .iter()
        .map(|entry| entry.fee)
        .collect();
    assert_eq!(fees, [1500, -1500]);

    let json = include_str!("bodies/payment_intent_failed_attempt.json");
    let intent: PaymentIntent = read(json).unwrap();
    assert_eq!(intent.latest_charge.as_deref(), Some("ch_EXAMPLEa1"));
    let error = intent.last_payment_error.unwrap();
    assert_eq!(error.decline_code.as_deref(), Some("insufficient_funds"));

    let json = include_str!("bodies/balance_transaction_charge.json");
    let entry: BalanceTransaction = read(json).unwrap();
    assert_eq!(
        (entry.exchange_rate, entry.currency.as_str()),
        (Some(1.09309), "usd")
    );
    assert_eq!(entry.source.as_deref(), Some("ch_EXAMPLEa2"));
}
