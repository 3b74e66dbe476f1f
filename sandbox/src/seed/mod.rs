//! The history that an account starts with: the same for the same seed.

mod balance;
mod buyer;
mod card;
mod catalog;
mod charge;
mod currency;
mod dice;
mod dispute;
mod file;
mod history;
mod ids;
mod intent;
mod maker;
mod method;
mod outcome;
mod payout;
mod refund;
mod saved;
mod shop;
mod source;
mod story;
mod text;
mod transfer;
mod world;

use crate::account::{AccountSpec, Books};
use buyer::Buyer;
use currency::Currency;
pub(crate) use currency::settlement_currency;
pub(crate) use dice::Dice;
pub use history::History;
pub(crate) use maker::{Attempted, Ending, Maker, Order};
use world::World;

/// How many intents of a hundred are never tried.
const ABANDONED: usize = 12;

/// Seeds the books of an account.
pub(crate) fn books(spec: &AccountSpec, account: &str) -> Books {
    let settlement = Currency::of(settlement_currency(&spec.country));
    let mut world = World::new(spec, account, settlement);
    let attempts = attempts(&mut world.dice, spec.payments);
    let (from, to) = (spec.from.timestamp(), spec.to.timestamp());
    let begins = spec.shape.times(&mut world.dice, attempts.len(), from, to);
    let buyers = buyers(&mut world, spec.payments / 4 + 1);
    for (begin, attempts) in begins.iter().zip(&attempts) {
        let buyer = world.dice.pick(&buyers);
        story::tell(&mut world, buyer, *begin, *attempts);
    }
    for _ in 0..attempts.len() * ABANDONED / 100 {
        let (buyer, begin) = (world.dice.pick(&buyers), world.dice.pick(&begins));
        story::tell_abandoned(&mut world, buyer, *begin);
    }
    shop::furnish(&mut world, &buyers, spec.payments);
    payout::pay_out(&mut world, spec.payments);
    world.into_books()
}

/// How many attempts each payment takes; together exactly so many.
fn attempts(dice: &mut Dice, charges: usize) -> Vec<usize> {
    let mut attempts = Vec::with_capacity(charges);
    let mut left = charges;
    while left > 0 {
        let tries = dice.weighted(&[(88, 1), (9, 2), (3, 3)]).min(left);
        attempts.push(tries);
        left -= tries;
    }
    attempts
}

fn buyers(world: &mut World, count: usize) -> Vec<Buyer> {
    (0..count)
        .map(|_| Buyer::new(&mut world.dice, &world.ids, world.has_bank_names))
        .collect()
}
