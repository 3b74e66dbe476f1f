//! Fees come to their payments whichever way Stripe tells of them, and also where it tells nobody.

use std::time::Duration;

use api::{
    domain::import::{PageOrigin, Resource as Kind},
    ids::{ConnectionId, WorkspaceId},
    storage::{Claim, PageRows, TaskKind},
    stripe::{ListPage, RawObject},
};
use chrono::TimeDelta;
use sandbox::{Act, PaymentSpec, Resource};
use serde_json::{Value, json};
use tests::{World, ids, on_every_backend};
use uuid::Uuid;

use super::support::{
    drop_everything, entry_of, fees, looked_for_events, pass, seldom, settled_payment, until,
};
use crate::inbox::support::{Live, assert_like_stripe, live, settled};

/// How often single charges and pages of charges were asked for.
fn asked_for_charges(world: &World) -> usize {
    let requests = world.stripe.requests();
    let of_charges = |path: &str| path.starts_with("/v1/charges");
    requests
        .iter()
        .filter(|request| of_charges(&request.path))
        .count()
}

/// Payments without fees, the events of which have all arrived; nothing arrives any more.
async fn without_fees(world: &World, live: &Live, count: usize) -> Vec<String> {
    let pay = || {
        world
            .stripe
            .act(&live.account, Act::Pay(PaymentSpec::default()))
            .unwrap()
            .id
    };
    let charges: Vec<_> = (0..count).map(|_| pay()).collect();
    settled(world).await;
    // It would find what is done from now on.
    looked_for_events(world).await;
    drop_everything(world);
    charges
}

/// Writes objects of a list as a page of them would be.
async fn write(world: &World, live: &Live, kind: Kind, objects: &[Value]) {
    let store = world.server.app.gateway.store();
    let workspace = store
        .find_workspace_by_name("default")
        .await
        .unwrap()
        .unwrap();
    let workspace = WorkspaceId(workspace.id);
    let hex = live.connection.strip_prefix("con_").unwrap();
    let connection = ConnectionId(Uuid::try_parse(hex).unwrap());
    let now = world.server.app.gateway.clock().now();
    let read = |object: &Value| RawObject::read(object.to_string().into_bytes()).unwrap();
    let page = ListPage {
        objects: objects.iter().map(read).collect(),
        has_more: false,
        observed_at: now,
        request_id: None,
        took: Duration::ZERO,
    };
    let origin = PageOrigin {
        workspace,
        connection,
        observed_at: now,
    };
    let rows: PageRows = kind.records(origin, &page);
    assert_eq!(rows.quarantined, []);
    let claim = Claim {
        owner: ids().next(),
        now,
        until: now + TimeDelta::minutes(1),
    };
    let claimed = store
        .claim_task(workspace, connection, TaskKind::Fees, claim)
        .await
        .unwrap();
    let task = claimed.expect("nobody else asks for fees");
    store.write_rows(&task, rows).await.unwrap();
    store
        .release_task(&task, now + TimeDelta::days(1), 0)
        .await
        .unwrap();
}

on_every_backend! {
    #[options(seldom())]
    async fn fees_that_no_event_tells_of_are_asked_for(world: &World) {
        let live = live(world, "Shop", 5).await;
        let charges = without_fees(world, &live, 130).await;
        for charge in &charges {
            world.stripe.act(&live.account, Act::SettleFees(charge.clone())).unwrap();
        }
        world.stripe.clear_requests();

        pass(world, TimeDelta::minutes(11));

        until("the fees", async || {
            let fees = fees(world, &live.connection).await;
            charges.iter().all(|charge| fees[charge].is_some())
        }).await;
        assert_like_stripe(world, &live).await;
        let asked = asked_for_charges(world);
        assert!((2..=4).contains(&asked), "{asked} requests for what two pages hold");
    }

    #[options(seldom())]
    async fn a_payment_without_fees_is_asked_for_less_and_less_often(world: &World) {
        let live = live(world, "Shop", 5).await;
        let charges = without_fees(world, &live, 3).await;
        world.stripe.clear_requests();
        let mut asked = 0;
        // At 11, 22, 44 and 88 minutes it is twice as old each time.
        for (minutes, wanted) in [(11, 1), (11, 2), (22, 3), (44, 4)] {
            pass(world, TimeDelta::minutes(minutes));
            until("the next request", async || asked_for_charges(world) >= wanted).await;
            asked = asked_for_charges(world);
        }
        assert_eq!(asked, 4);

        world.stripe.act(&live.account, Act::SettleFees(charges[0].clone())).unwrap();
        pass(world, TimeDelta::minutes(90));
        until("the fee", async || fees(world, &live.connection).await[&charges[0]].is_some()).await;
        assert_like_stripe(world, &live).await;
    }

    #[options(seldom())]
    async fn an_entry_of_the_ledger_fills_the_payment_that_it_settles(world: &World) {
        let live = live(world, "Shop", 5).await;
        let charge = without_fees(world, &live, 1).await.remove(0);
        world.stripe.act(&live.account, Act::SettleFees(charge.clone())).unwrap();
        let entry = entry_of(world, &live.account, &charge).unwrap();
        let object = |resource, id: &str| world.stripe.object(&live.account, resource, id).unwrap();
        let entry = object(Resource::BalanceTransaction, &entry);
        assert_eq!(fees(world, &live.connection).await[&charge], None);

        // What brings the money back is no fee of the payment.
        let mut returned = entry.clone();
        returned["id"] = json!("txn_returned");
        returned["type"] = json!("payment_failure_refund");
        write(world, &live, Kind::BalanceTransactions, &[returned]).await;
        assert_eq!(fees(world, &live.connection).await[&charge], None);

        write(world, &live, Kind::BalanceTransactions, std::slice::from_ref(&entry)).await;
        assert_like_stripe(world, &live).await;
    }

    #[options(seldom())]
    async fn a_payment_that_names_a_stored_entry_is_filled_by_it(world: &World) {
        let live = live(world, "Shop", 5).await;
        drop_everything(world);
        let charge = settled_payment(world, &live.account);
        let object = |resource, id: &str| world.stripe.object(&live.account, resource, id).unwrap();
        let entry = entry_of(world, &live.account, &charge).unwrap();
        let entry = object(Resource::BalanceTransaction, &entry);
        write(world, &live, Kind::BalanceTransactions, &[entry]).await;

        // With the bare id, as where the ledger is not expanded.
        write(world, &live, Kind::Charges, &[object(Resource::Charge, &charge)]).await;

        assert_like_stripe(world, &live).await;
    }
}
