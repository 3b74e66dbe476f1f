//! What lists leave out for a moment, or events do not tell of, is there in the end.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use sandbox::{AccountSpec, Act, Fault, Grants, PaymentSpec, Permission, Rule};
use serde_json::json;
use tests::{Tables, World, on_every_backend};

use super::support::{drop_everything, pass, seldom, settled_payment, until};
use crate::inbox::support::{Live, assert_like_stripe, live, shown, truth};

/// Connects an account whose newest payment was made a moment ago, to a Stripe whose lists waver around their edges.
async fn live_in_wavering_lists(world: &World, grants: Grants) -> Live {
    let account = world.stripe.add_account(AccountSpec::with_payments(450));
    let key = world.stripe.create_key(&account, grants);
    for _ in 0..3 {
        settled_payment(world, &account);
    }
    // An import ends where the second does in which it begins.
    pass(world, TimeDelta::seconds(2));
    let faults = world.stripe.faults();
    faults.inject(Rule::every(2, Fault::RepeatedObject).on("/v1/charges"));
    faults.inject(Rule::chance(1.0, Fault::MissingNewest).on("/v1/charges"));
    faults.inject(Rule::chance(1.0, Fault::MissingNewest).on("/v1/payment_intents"));
    faults.inject(Rule::every(2, Fault::RepeatedObject).on("/v1/refunds"));

    let connection = world.connect("Shop", &key).await;
    let import = world.imported(&connection).await;

    assert_eq!(import["status"], "SUCCEEDED", "{import:#}");
    for fault in ["repeated_object", "missing_newest"] {
        assert!(
            faults.counts().get(fault) >= Some(&2),
            "{:?}",
            faults.counts()
        );
    }
    faults.clear();
    // Until lists are as they should be.
    looked(world).await;
    pass(world, TimeDelta::minutes(2));
    Live {
        account,
        connection,
        path: String::new(),
        secret: String::new(),
    }
}

/// Waits until the connection's lists were looked at, or are to be.
async fn looked(world: &World) {
    until("a first look", async || {
        let tables = Tables::open(&world.database_url()).await;
        let tasks = tables
            .texts(
                "SELECT kind FROM connection_tasks WHERE kind = 'relist' AND lease_until IS NULL",
            )
            .await;
        tables.close().await;
        tasks.len() == 1
    })
    .await;
}

async fn until_like_stripe(world: &World, live: &Live) {
    until("Stripe's state", async || {
        shown(world, &live.connection).await == truth(world, &live.account)
    })
    .await;
    let intents = &world.stripe.ledger(&live.account).payment_intent_ids;
    until("Stripe's payment intents", async || {
        let tables = Tables::open(&world.database_url()).await;
        let kept = "SELECT stripe_id FROM stripe_objects WHERE kind = 'payment_intent'";
        let kept: BTreeSet<_> = tables.texts(kept).await.into_iter().collect();
        tables.close().await;
        kept == *intents
    })
    .await;
}

on_every_backend! {
    async fn lists_that_waver_while_objects_are_made_end_right_by_events(world: &World) {
        let live = live_in_wavering_lists(world, Grants::All).await;

        until_like_stripe(world, &live).await;
    }

    async fn without_events_the_newest_minutes_are_listed_again(world: &World) {
        let live = live_in_wavering_lists(world, Grants::AllBut(vec![Permission::EventRead])).await;

        until_like_stripe(world, &live).await;
    }

    #[options(seldom())]
    async fn once_a_day_refunds_and_disputes_are_listed_with_the_payments_that_they_are_of(world: &World) {
        let account = world.stripe.add_account(AccountSpec::with_payments(40));
        let key = world.stripe.create_key(&account, Grants::AllBut(vec![Permission::EventRead]));
        let connection = world.connect("Shop", &key).await;
        world.imported(&connection).await;
        let live = Live { account, connection, path: String::new(), secret: String::new() };
        let act = |act| world.stripe.act(&live.account, act).unwrap();
        let one = act(Act::Pay(PaymentSpec::default())).id;
        let two = act(Act::Pay(PaymentSpec::default())).id;
        act(Act::SettleFees(one.clone()));
        act(Act::SettleFees(two.clone()));
        crate::inbox::support::settled(world).await;
        // Long after, when they are in no list of the last days.
        pass(world, TimeDelta::days(10));
        drop_everything(world);
        act(Act::Refund { charge: one.clone(), amount: Some(20) });
        act(Act::Dispute(two.clone()));
        let paid = act(Act::Pay(PaymentSpec::default())).id;
        act(Act::SettleFees(paid));

        pass(world, TimeDelta::hours(25));

        until_like_stripe(world, &live).await;
        assert_eq!(shown(world, &live.connection).await[&one]["refunded"], json!("20"));
    }

    #[options(seldom())]
    async fn entries_that_belong_to_no_payment_are_found_once_a_day(world: &World) {
        let live = live(world, "Shop", 5).await;
        looked(world).await;
        let entry = json!({
            "id": "txn_fee_of_the_month", "object": "balance_transaction", "amount": -500, "fee": 0, "net": -500,
            "currency": "usd", "type": "stripe_fee", "reporting_category": "fee", "status": "available",
            "created": world.stripe.now().timestamp(), "available_on": world.stripe.now().timestamp(),
            "exchange_rate": null, "fee_details": [], "source": null, "description": "Radar",
        });
        let created = world.stripe.now().timestamp();
        world.stripe.insert_raw(
            &live.account,
            sandbox::Resource::BalanceTransaction,
            "txn_fee_of_the_month",
            created,
            entry.to_string(),
        );

        pass(world, TimeDelta::hours(25));

        until("the entry", async || {
            let tables = Tables::open(&world.database_url()).await;
            let kept = tables.ids("balance_transactions").await;
            tables.close().await;
            kept.contains("txn_fee_of_the_month")
        }).await;
        assert_like_stripe(world, &live).await;
    }
}
