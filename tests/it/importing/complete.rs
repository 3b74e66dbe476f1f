//! What an import ends with is what Stripe has, whatever the history looks like.

use std::collections::BTreeSet;

use sandbox::{AccountSpec, History, Ledger};
use tests::{Totals, World, on_every_backend, totals};

use super::support::{assert_exactly_the_ledger, imported_objects, number, payments};

/// The sandbox's ledger in the shape of what the API says.
fn truth(ledger: &Ledger) -> Totals {
    let sums = ledger.totals.iter().map(|((currency, status), total)| {
        let key = (currency.clone(), status.to_string());
        (
            key,
            (
                total.count,
                total.amount,
                total.amount_captured,
                total.amount_refunded,
            ),
        )
    });
    sums.collect()
}

async fn a_history_is_imported_whole(world: &World, shape: History) {
    let (account, key) = world.account(AccountSpec::with_payments(1_500).shape(shape));

    let connection = world.connect("Shop", &key).await;
    let import = world.imported(&connection).await;
    let (sums, ids) = totals(world, &connection).await;

    let ledger = world.stripe.ledger(&account);
    assert_eq!(import["status"], "SUCCEEDED", "{import:#}");
    assert_eq!(payments(&import), 1_500);
    assert_eq!(sums, truth(&ledger));
    assert_eq!(
        ids.iter().cloned().collect::<BTreeSet<_>>(),
        ledger.charge_ids
    );
    assert_eq!(ids.len(), 1_500);
    assert_exactly_the_ledger(&world.database_url(), &ledger).await;
}

on_every_backend! {
    async fn thousands_of_payments_add_up_to_the_ledger(world: &World) {
        let (account, key) = world.account(AccountSpec::with_payments(3_000));

        let connection = world.connect("Shop", &key).await;
        let import = world.imported(&connection).await;
        let (sums, ids) = totals(world, &connection).await;

        let ledger = world.stripe.ledger(&account);
        let objects: usize = imported_objects(&ledger).values().sum();
        assert_eq!(import["status"], "SUCCEEDED", "{import:#}");
        assert_eq!(payments(&import), 3_000);
        assert_eq!(number(&import["progress"]["importedObjects"]), i64::try_from(objects).unwrap());
        assert_eq!(sums, truth(&ledger));
        assert_eq!(ids.iter().cloned().collect::<BTreeSet<_>>(), ledger.charge_ids);
        assert_exactly_the_ledger(&world.database_url(), &ledger).await;
    }

    async fn payments_spread_evenly_are_all_imported(world: &World) {
        a_history_is_imported_whole(world, History::Uniform).await;
    }

    async fn payments_crowded_into_one_hour_are_all_imported(world: &World) {
        a_history_is_imported_whole(world, History::OneHour).await;
    }

    async fn payments_of_one_and_the_same_second_are_all_imported(world: &World) {
        a_history_is_imported_whole(world, History::OneSecond).await;
    }

    async fn old_payments_behind_a_long_silence_are_all_imported(world: &World) {
        a_history_is_imported_whole(world, History::OldThenNothing).await;
    }
}
