//! Objects that the history has none of, as Stripe's own examples show them.

use std::sync::LazyLock;

use serde_json::Value;

use crate::resource::Resource;

static FIXTURES: LazyLock<Value> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../stripe/fixtures.json")).unwrap_or_default()
});

/// A new object of this id, if there is an example of its kind.
pub(super) fn template(resource: Resource, id: &str, now: i64, livemode: bool) -> Option<Value> {
    let name = match resource {
        Resource::Payout => "payout",
        Resource::Transfer => "transfer",
        Resource::Product => "product",
        Resource::Subscription => "subscription",
        Resource::SetupIntent => "setup_intent",
        Resource::CreditNote => "credit_note",
        Resource::PaymentMethod => "payment_method_card",
        Resource::Charge
        | Resource::Refund
        | Resource::Dispute
        | Resource::PaymentIntent
        | Resource::BalanceTransaction => return None,
    };
    let mut object = FIXTURES["resources"][name]["body"].clone();
    object["id"] = id.into();
    object["created"] = now.into();
    object["livemode"] = livemode.into();
    Some(object)
}
