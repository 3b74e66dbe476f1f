//! What an account has beside its payments: how much of it, and in which order it comes to be.

use serde_json::Value;

use super::buyer::Buyer;
use super::world::World;
use super::{catalog, file, saved, transfer};
use crate::resource::Resource;
use crate::template::template;

/// However large the account, no more than so many objects of a kind.
const MOST: usize = 5_000;

/// Fills the other shelves of an account with payments; one without any has nothing else either.
pub(super) fn furnish(world: &mut World, buyers: &[Buyer], payments: usize) {
    if payments == 0 {
        return;
    }
    let share = |part: usize| payments.div_ceil(part).min(MOST);
    transfer::transfer_some(world, share(40));
    let products = catalog::offer(world, share(20).min(500));
    catalog::subscribe_some(world, buyers, &products, share(30));
    catalog::credit_some(world, share(100));
    saved::keep_methods(world, buyers.iter().take(MOST));
    saved::set_up_some(world, buyers, share(20));
    file::upload_some(world, share(60));
}

/// A blank object of a resource with a new id, created at any time of the history.
pub(super) fn blank(world: &mut World, resource: Resource) -> (String, i64, Value) {
    let created = world.any_time();
    let id = world.ids.make(&mut world.dice, resource.prefix());
    let object = template(resource, &id, created, world.livemode).unwrap_or_default();
    (id, created, object)
}
