//! What a shop offers, who subscribes to it, and what it credits.

use serde_json::{Value, json};

use super::buyer::Buyer;
use super::shop::blank;
use super::world::World;
use crate::resource::Resource;
use crate::template::template;

const DAY: i64 = 86_400;

/// A subscription carries so many of its items; the rest is a list of its own.
const INLINE: usize = 20;

const GOODS: [&str; 8] = [
    "Pro plan",
    "Kaffee-Abo",
    "コーヒー定期便",
    "Wine box",
    "T-Shirt „blau“",
    "Курс русского",
    "Gift card 🎁",
    "Storage, 1 TB",
];

/// Makes products; their ids.
pub(super) fn offer(world: &mut World, count: usize) -> Vec<String> {
    (0..count)
        .map(|number| {
            let (id, created, mut product) = blank(world, Resource::Product);
            let name = *world.dice.pick(&GOODS);
            product["name"] = format!("{name} {number}").into();
            product["active"] = world.dice.chance(0.9).into();
            product["default_price"] = price_of(&id).into();
            product["updated"] = (created + DAY).min(world.now).into();
            world.store(Resource::Product, &id, created, &product);
            id
        })
        .collect()
}

/// Makes subscriptions; some have more items than they carry, and many are canceled.
pub(super) fn subscribe_some(
    world: &mut World,
    buyers: &[Buyer],
    products: &[String],
    count: usize,
) {
    for number in 0..count {
        let (id, created, mut subscription) = blank(world, Resource::Subscription);
        let buyer = world.dice.pick(buyers);
        // The first one always is a large one, so that small accounts have one too.
        let items = if number % 40 == 0 {
            world.dice.index(110) + 25
        } else {
            world.dice.index(3) + 1
        };
        let inline = items_of(world, &id, created, products, items);
        let customer = buyer
            .customer
            .clone()
            .unwrap_or_else(|| format!("cus_{}", world.dice.letters(14)));
        subscription["customer"] = customer.into();
        subscription["currency"] = buyer.currency.code.into();
        subscription["default_payment_method"] = buyer.payment_method.clone().into();
        subscription["latest_invoice"] = world.ids.make(&mut world.dice, "in").into();
        subscription["start_date"] = created.into();
        subscription["billing_cycle_anchor"] = created.into();
        subscription["cancel_at_period_end"] = false.into();
        subscription["items"] = inline;
        end_some(world, created, &mut subscription);
        world.store(Resource::Subscription, &id, created, &subscription);
    }
}

fn end_some(world: &mut World, created: i64, subscription: &mut Value) {
    let status = world.dice.weighted(&[
        (55, "active"),
        (30, "canceled"),
        (5, "past_due"),
        (5, "trialing"),
        (3, "unpaid"),
        (2, "incomplete_expired"),
    ]);
    subscription["status"] = status.into();
    if status == "canceled" {
        let ended = (created + world.dice.between(DAY..=200 * DAY)).min(world.now);
        subscription["canceled_at"] = ended.into();
        subscription["ended_at"] = ended.into();
    }
}

/// Writes the items of a subscription down; as much of their list as the subscription carries.
fn items_of(
    world: &mut World,
    subscription: &str,
    created: i64,
    products: &[String],
    count: usize,
) -> Value {
    let mut items: Vec<(String, Value)> = (0..count)
        .map(|_| {
            let id = world.ids.make(&mut world.dice, "si");
            let product = world.dice.pick(products);
            let mut item = template(Resource::SubscriptionItem, &id, created, world.livemode)
                .unwrap_or_default();
            item["subscription"] = subscription.into();
            item["quantity"] = world.dice.between(1..=9).into();
            for kind in ["price", "plan"] {
                item[kind]["id"] = price_of(product).into();
                item[kind]["product"] = product.as_str().into();
                item[kind]["livemode"] = world.livemode.into();
            }
            world.store(Resource::SubscriptionItem, &id, created, &item);
            (id, item)
        })
        .collect();
    // Lists of one second go by id, and backwards.
    items.sort_unstable_by(|(one, _), (other, _)| other.cmp(one));
    let carried: Vec<_> = items
        .into_iter()
        .take(INLINE)
        .map(|(_, item)| item)
        .collect();
    json!({
        "object": "list", "data": carried, "has_more": count > INLINE,
        "url": format!("/v1/subscription_items?subscription={subscription}")
    })
}

fn price_of(product: &str) -> String {
    product.replacen("prod", "price", 1)
}

/// Credits some refunds on invoices.
pub(super) fn credit_some(world: &mut World, count: usize) {
    for number in 0..count {
        let Some(refund) = world.any(Resource::Refund) else {
            return;
        };
        let (id, _, mut note) = blank(world, Resource::CreditNote);
        let created = refund["created"].as_i64().unwrap_or(world.now);
        let amount = refund["amount"].clone();
        for field in ["amount", "subtotal", "total"] {
            note[field] = amount.clone();
        }
        note["created"] = created.into();
        note["effective_at"] = created.into();
        note["currency"] = refund["currency"].clone();
        note["customer"] = format!("cus_{}", world.dice.letters(14)).into();
        note["invoice"] = world.ids.make(&mut world.dice, "in").into();
        note["number"] = format!("SHOP-{number:04}-CN-01").into();
        note["refunds"] = json!([{
            "amount_refunded": amount, "payment_record_refund": null, "refund": refund["id"], "type": "refund"
        }]);
        note["lines"]["url"] = format!("/v1/credit_notes/{id}/lines").into();
        let void = world.dice.chance(0.1);
        note["status"] = if void { "void" } else { "issued" }.into();
        note["voided_at"] = if void { created.into() } else { Value::Null };
        world.store(Resource::CreditNote, &id, created, &note);
    }
}
