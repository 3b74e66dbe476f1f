//! Objects as Stripe's own examples show them, to be changed.

use std::sync::LazyLock;

use serde_json::Value;

use crate::resource::Resource;

static FIXTURES: LazyLock<Value> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../stripe/fixtures.json")).unwrap_or_default()
});

/// A new object of this id, if there is an example of its kind.
pub(crate) fn template(resource: Resource, id: &str, now: i64, livemode: bool) -> Option<Value> {
    let name = match resource {
        Resource::Payout => "payout",
        Resource::Transfer => "transfer",
        Resource::Product => "product",
        Resource::Subscription | Resource::SubscriptionItem => "subscription",
        Resource::SetupIntent => "setup_intent",
        Resource::CreditNote => "credit_note",
        Resource::PaymentMethod => "payment_method_card",
        Resource::File => "file",
        Resource::Source => "source",
        Resource::Token => "token",
        Resource::Charge
        | Resource::Refund
        | Resource::Dispute
        | Resource::PaymentIntent
        | Resource::BalanceTransaction => return None,
    };
    let example = &FIXTURES["resources"][name]["body"];
    let example = match resource {
        Resource::SubscriptionItem => &example["items"]["data"][0],
        _ => example,
    };
    let mut object = example.clone();
    object["id"] = id.into();
    object["created"] = now.into();
    if object.get("livemode").is_some() {
        object["livemode"] = livemode.into();
    }
    Some(object)
}
