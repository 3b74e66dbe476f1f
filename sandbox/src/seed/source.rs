//! The older Sources API: what very old payments were made with.

use serde_json::Value;

use super::buyer::Buyer;
use super::charge::Charge;
use super::world::World;
use crate::resource::Resource;
use crate::template::template;

/// Lets a card payment without an intent be one of an old integration, which half of them are: made with a source,
/// which Stripe shows in the charge. A buyer who comes again uses the same one.
pub(super) fn pay_by_source(world: &mut World, charge: &mut Charge, buyer: &Buyer) {
    if world.aside.chance(0.5) {
        return;
    }
    let source = match world.sources.get(&buyer.payment_method) {
        Some(known) => known.clone(),
        None => create(world, charge.created, buyer),
    };
    charge.payment_method = source["id"].as_str().map(str::to_owned);
    charge.source = Some(source);
}

fn create(world: &mut World, created: i64, buyer: &Buyer) -> Value {
    // A die of its own: the history is the same with sources and without.
    let id = world.ids.make(&mut world.aside, "src");
    let mut source = template(Resource::Source, &id, created, world.livemode).unwrap_or_default();
    if let Some(fields) = source.as_object_mut() {
        for of_another_type in ["ach_credit_transfer", "receiver"] {
            fields.remove(of_another_type);
        }
    }
    source["client_secret"] = format!("src_client_secret_{}", world.aside.letters(24)).into();
    source["currency"] = buyer.currency.code.into();
    source["flow"] = "none".into();
    source["status"] = "chargeable".into();
    source["type"] = "card".into();
    source["owner"]["name"] = buyer.billing.name.clone().into();
    source["owner"]["email"] = buyer.billing.email.clone().into();
    buyer.card.describe(&mut source["card"]);
    world.store(Resource::Source, &id, created, &source);
    world
        .sources
        .insert(buyer.payment_method.clone(), source.clone());
    source
}
