//! Stored ways to pay, and the attempts to store them.

use serde_json::{Value, json};

use super::buyer::Buyer;
use super::shop::blank;
use super::world::World;
use crate::resource::Resource;
use crate::template::template;

/// The payment methods that are attached to a customer: those of guests are not listed.
pub(super) fn keep_methods<'a>(world: &mut World, buyers: impl Iterator<Item = &'a Buyer>) {
    for buyer in buyers {
        let Some(customer) = &buyer.customer else {
            continue;
        };
        let id = &buyer.payment_method;
        let created = world.any_time();
        let mut method =
            template(Resource::PaymentMethod, id, created, world.livemode).unwrap_or_default();
        method["customer"] = customer.as_str().into();
        method["billing_details"] = serde_json::to_value(&buyer.billing).unwrap_or_default();
        buyer.card.describe(&mut method["card"]);
        world.store(Resource::PaymentMethod, id, created, &method);
    }
}

/// Attempts to store a payment method, some in vain.
pub(super) fn set_up_some(world: &mut World, buyers: &[Buyer], count: usize) {
    for _ in 0..count {
        let (id, created, mut setup) = blank(world, Resource::SetupIntent);
        let buyer = world.dice.pick(buyers);
        let status = world.dice.weighted(&[
            (75, "succeeded"),
            (15, "requires_payment_method"),
            (5, "requires_action"),
            (5, "canceled"),
        ]);
        setup["client_secret"] = format!("{id}_secret_{}", world.dice.letters(16)).into();
        setup["customer"] = buyer.customer.clone().into();
        setup["latest_attempt"] = world.ids.make(&mut world.dice, "setatt").into();
        setup["status"] = status.into();
        setup["payment_method"] = match status {
            "succeeded" => buyer.payment_method.clone().into(),
            _ => Value::Null,
        };
        match status {
            "canceled" => setup["cancellation_reason"] = "abandoned".into(),
            "requires_payment_method" => {
                setup["last_setup_error"] = json!({
                    "code": "card_declined", "decline_code": "generic_decline", "type": "card_error",
                    "message": "Your card was declined."
                });
            }
            _ => {}
        }
        world.store(Resource::SetupIntent, &id, created, &setup);
    }
}
