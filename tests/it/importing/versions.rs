//! Of all observations of an object the newest stays, in whatever order they come.

use std::collections::HashMap;

use api::{
    ids::PaymentId,
    storage::{PageRows, PaymentColumns, PaymentRow, WindowRow},
};
use rand::{Rng, SeedableRng, rngs::StdRng, seq::SliceRandom};
use tests::{ids, on_every_backend};

use super::support::{Queue, charge};

/// A window that is held, to write pages through.
async fn writer(queue: &Queue) -> WindowRow {
    queue.take(ids().next(), 0, 1).await.remove(0)
}

async fn write(queue: &Queue, window: &WindowRow, payments: Vec<PaymentRow>) {
    let rows = PageRows {
        payments,
        ..PageRows::default()
    };
    queue
        .store
        .commit_page(window, Queue::more("ch"), rows, Queue::at(1))
        .await
        .unwrap();
}

/// An observation of a charge, told by its amount.
fn seen(queue: &Queue, id: &str, second: i64, amount: i64) -> PaymentRow {
    queue
        .page(&[charge(id, amount)], Queue::at(second))
        .payments
        .remove(0)
}

async fn stored(queue: &Queue, id: &str) -> PaymentRow {
    let id = PaymentId::of(queue.connection, id);
    let found = queue
        .store
        .find_payments(queue.workspace, &[id], PaymentColumns::ALL)
        .await
        .unwrap();
    PaymentRow::clone(&found[0])
}

fn settled(row: PaymentRow, fee: i64) -> PaymentRow {
    PaymentRow {
        balance_transaction_id: Some("txn_1".to_owned()),
        settlement_currency: Some("usd".to_owned()),
        fee_minor: Some(fee),
        net_minor: Some(900),
        exchange_rate: Some("1.1".to_owned()),
        payout_id: Some("po_1".to_owned()),
        ..row
    }
}

on_every_backend! {
    async fn any_order_of_observations_ends_with_the_newest(world: &World) {
        let queue = Queue::of_windows(world, 1).await;
        let window = writer(&queue).await;
        let mut dice = StdRng::seed_from_u64(8);
        let mut newest = HashMap::new();
        let mut pages: Vec<Vec<PaymentRow>> = (0..40).map(|_| Vec::new()).collect();
        for payment in 0..60 {
            let id = format!("ch_{payment}");
            let observations = dice.random_range(2..=8_i64);
            newest.insert(id.clone(), observations);
            for observation in 1..=observations {
                let page = dice.random_range(0..pages.len());
                pages[page].push(seen(&queue, &id, observation, observation));
            }
        }

        for mut page in pages {
            page.shuffle(&mut dice);
            write(&queue, &window, page).await;
        }

        for (id, observation) in newest {
            let row = stored(&queue, &id).await;
            assert_eq!((row.amount_minor, row.observed_at), (observation, Queue::at(observation)), "{id}");
        }
    }

    async fn an_older_observation_changes_nothing(world: &World) {
        let queue = Queue::of_windows(world, 1).await;
        let window = writer(&queue).await;
        write(&queue, &window, vec![seen(&queue, "ch_1", 5, 500)]).await;
        let before = stored(&queue, "ch_1").await;

        write(&queue, &window, vec![settled(seen(&queue, "ch_1", 4, 400), 1)]).await;

        assert_eq!(before.amount_minor, 500);
        assert_eq!(stored(&queue, "ch_1").await, before);
    }

    async fn of_two_observations_at_the_same_moment_the_first_stays(world: &World) {
        let queue = Queue::of_windows(world, 1).await;
        let window = writer(&queue).await;
        let of_one_page = vec![seen(&queue, "ch_2", 5, 1), seen(&queue, "ch_2", 5, 2)];

        write(&queue, &window, vec![seen(&queue, "ch_1", 5, 1)]).await;
        write(&queue, &window, vec![seen(&queue, "ch_1", 5, 2)]).await;
        write(&queue, &window, of_one_page).await;

        assert_eq!(stored(&queue, "ch_1").await.amount_minor, 1);
        assert_eq!(stored(&queue, "ch_2").await.amount_minor, 1);
    }

    async fn what_is_known_of_fees_and_payouts_outlives_a_newer_observation_without_it(world: &World) {
        let queue = Queue::of_windows(world, 1).await;
        let window = writer(&queue).await;
        write(&queue, &window, vec![settled(seen(&queue, "ch_1", 1, 1_000), 100)]).await;

        write(&queue, &window, vec![seen(&queue, "ch_1", 2, 1_001)]).await;

        let row = stored(&queue, "ch_1").await;
        assert_eq!((row.amount_minor, row.observed_at), (1_001, Queue::at(2)));
        assert_eq!(row, settled(seen(&queue, "ch_1", 2, 1_001), 100));
    }

    async fn a_newer_observation_replaces_what_is_known_of_fees(world: &World) {
        let queue = Queue::of_windows(world, 1).await;
        let window = writer(&queue).await;
        write(&queue, &window, vec![settled(seen(&queue, "ch_1", 1, 1_000), 100)]).await;

        write(&queue, &window, vec![settled(seen(&queue, "ch_1", 2, 1_000), 120)]).await;

        assert_eq!(stored(&queue, "ch_1").await.fee_minor, Some(120));
    }

    async fn a_field_that_stripe_emptied_is_emptied(world: &World) {
        let queue = Queue::of_windows(world, 1).await;
        let window = writer(&queue).await;
        let described = PaymentRow {
            description: Some("old".to_owned()),
            customer_id: Some("cus_1".to_owned()),
            ..seen(&queue, "ch_1", 1, 1_000)
        };
        write(&queue, &window, vec![described]).await;

        write(&queue, &window, vec![seen(&queue, "ch_1", 2, 1_000)]).await;

        let row = stored(&queue, "ch_1").await;
        assert_eq!((row.description, row.customer_id), (None, None));
    }
}
