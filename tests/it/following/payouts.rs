//! A payment knows its payout, whichever of the two arrives first.

use std::{collections::BTreeMap, time::Duration};

use sandbox::{Act, Fault, PaymentSpec, Rule};
use serde_json::json;
use tests::{Tables, World, on_every_backend};

use super::support::{
    deliver_everything, drop_everything, entry_of, linked, lists_of, pass, payout_event, payout_of,
    payouts, pending, reconciled, seldom, settled_charges, settled_payment,
};
use crate::inbox::support::{Live, live, settled};

/// So many settled charges of an account.
fn some(world: &World, live: &Live, count: usize) -> Vec<String> {
    let charges: Vec<_> = settled_charges(world, &live.account)
        .into_keys()
        .take(count)
        .collect();
    assert_eq!(charges.len(), count, "the account has too few charges");
    charges
}

fn in_payout(charges: &[String], payout: &str) -> BTreeMap<String, String> {
    charges
        .iter()
        .map(|charge| (charge.clone(), payout.to_owned()))
        .collect()
}

const IMPORT: &str = "
    mutation($id: ID!) {
      startImport(input: { connectionId: $id, resources: [CHARGES] }) { import { id } errors { message } }
    }";

/// Imports the charges again.
async fn import_again(world: &World, live: &Live) {
    // An import ends where the second does in which it begins.
    pass(world, chrono::TimeDelta::seconds(2));
    let started = world.data(IMPORT, json!({ "id": live.connection })).await;
    assert_eq!(started["startImport"]["errors"], json!([]));
    let import = world.imported(&live.connection).await;
    assert_eq!(import["status"], "SUCCEEDED", "{import:#}");
}

on_every_backend! {
    async fn a_payout_of_250_links_all_its_payments_and_is_read_once(world: &World) {
        let live = live(world, "Shop", 400).await;
        let charges = some(world, &live, 250);
        let payout = payout_of(world, &live, &charges, pending());
        settled(world).await;
        assert_eq!(lists_of(world, &payout), 0, "there is nothing to read yet");

        payout_event(world, &live, &payout, "payout.paid", reconciled());
        let wanted = in_payout(&charges, &payout);
        linked(world, &live, &wanted).await;
        payout_event(world, &live, &payout, "payout.updated", json!({ "metadata": { "seen": "again" } }));
        payout_event(world, &live, &payout, "payout.failed", json!({ "status": "failed" }));
        settled(world).await;

        world.payouts_read().await;
        assert_eq!(lists_of(world, &payout), 3, "250 entries are three pages, each read once");
        assert_eq!(payouts(world, &live, &charges).await, wanted);
    }

    async fn each_state_of_a_payout_is_read_once_until_it_is_complete(world: &World) {
        let live = live(world, "Shop", 60).await;
        let charges = some(world, &live, 20);
        let in_transit = json!({ "status": "in_transit", "reconciliation_status": "in_progress" });
        let payout = payout_of(world, &live, &charges[..10], in_transit);
        linked(world, &live, &in_payout(&charges[..10], &payout)).await;

        let late: Vec<_> = charges[10..].iter()
            .map(|charge| entry_of(world, &live.account, charge).unwrap())
            .collect();
        world.stripe.put_into_payout(&live.account, &payout, &late);
        payout_event(world, &live, &payout, "payout.reconciliation_completed", reconciled());
        linked(world, &live, &in_payout(&charges, &payout)).await;

        assert_eq!(lists_of(world, &payout), 2);
    }

    async fn of_a_manual_payout_nothing_is_asked(world: &World) {
        let live = live(world, "Shop", 20).await;
        let charges = some(world, &live, 5);
        let payout = payout_of(world, &live, &charges, pending());
        let manual = json!({ "automatic": false, "status": "paid", "reconciliation_status": "not_applicable" });
        payout_event(world, &live, &payout, "payout.paid", manual);
        settled(world).await;
        // Another one comes after it, and is read.
        let other = payout_of(world, &live, &charges[..1], reconciled());
        linked(world, &live, &in_payout(&charges[..1], &other)).await;

        assert_eq!(lists_of(world, &payout), 0);
    }

    #[options(seldom())]
    async fn a_payout_that_arrives_before_its_payments_links_them_when_they_come(world: &World) {
        let live = live(world, "Shop", 20).await;
        drop_everything(world);
        let charges: Vec<_> = (0..3).map(|_| settled_payment(world, &live.account)).collect();
        deliver_everything(world);
        let payout = payout_of(world, &live, &charges, reconciled());
        settled(world).await;
        world.payouts_read().await;
        assert_eq!(lists_of(world, &payout), 1);

        import_again(world, &live).await;

        assert_eq!(payouts(world, &live, &charges).await, in_payout(&charges, &payout));
    }

    async fn a_newer_page_of_the_charges_keeps_the_link(world: &World) {
        let live = live(world, "Shop", 50).await;
        let charges = some(world, &live, 12);
        let payout = payout_of(world, &live, &charges, reconciled());
        let wanted = in_payout(&charges, &payout);
        linked(world, &live, &wanted).await;

        for charge in &charges {
            world.stripe.update_charge(&live.account, charge, |charge| charge["description"] = json!("seen again"));
        }
        import_again(world, &live).await;

        assert_eq!(payouts(world, &live, &charges).await, wanted);
        let tables = Tables::open(&world.database_url()).await;
        let seen = "SELECT stripe_id FROM payments WHERE description = 'seen again'";
        assert_eq!(tables.texts(seen).await.len(), 12);
        tables.close().await;
    }

    async fn a_stripe_that_fails_now_and_then_only_makes_it_slower(world: &World) {
        let live = live(world, "Shop", 400).await;
        let charges = some(world, &live, 230);
        let faults = world.stripe.faults();
        faults.inject(Rule::every(2, Fault::Unavailable).on("/v1/balance_transactions"));
        let one = payout_of(world, &live, &charges[..210], reconciled());
        let two = payout_of(world, &live, &charges[210..], reconciled());

        let mut wanted = in_payout(&charges[..210], &one);
        wanted.extend(in_payout(&charges[210..], &two));
        linked(world, &live, &wanted).await;

        faults.clear();
    }

    async fn watchers_are_told_of_payments_that_a_payout_links(world: &World) {
        let live = live(world, "Shop", 20).await;
        let charges = some(world, &live, 2);
        let mut socket = world.socket().await;
        let changes = "subscription { paymentsChanged { stripeId payoutId } }";
        socket.subscribe("1", changes, json!({})).await;
        // A subscription has no acknowledgement: something changes until it is heard.
        loop {
            world.stripe.act(&live.account, Act::Pay(PaymentSpec::default())).unwrap();
            if tokio::time::timeout(Duration::from_millis(300), socket.next()).await.is_ok() {
                break;
            }
        }

        let payout = payout_of(world, &live, &charges, reconciled());

        let expected = in_payout(&charges, &payout);
        let mut told = BTreeMap::new();
        while told.len() < 2 {
            let next = socket.next_of("next").await;
            for payment in next["data"]["paymentsChanged"].as_array().unwrap() {
                let id = payment["stripeId"].as_str().unwrap();
                if let Some(payout) = payment["payoutId"].as_str().filter(|_| expected.contains_key(id)) {
                    told.insert(id.to_owned(), payout.to_owned());
                }
            }
        }
        assert_eq!(told, expected);
    }
}
