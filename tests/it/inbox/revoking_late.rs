//! A merchant takes the access back, and no event says so: the next call that Stripe refuses does.

use api::domain::connection::UsedCredential;
use chrono::TimeDelta;
use reqwest::StatusCode;
use sandbox::{Act, PaymentSpec};
use serde_json::json;
use tests::{World, WorldOptions, on_every_backend};

use super::{
    revoking::{assert_left_in_peace, ended, let_in_again, revoke},
    support::{Live, let_in, settled, states},
};
use crate::{
    connecting::ask::{connection, start_import},
    oauth::{app, connect},
};

/// The access goes, and no word of it comes.
async fn silently_revoked(world: &World) -> Live {
    let live = let_in(world, "Shop", false).await;
    settled(world).await;
    world.stripe.delivery().pause();
    revoke(world, &live);
    live
}

async fn by_an_import(world: &World) {
    let live = silently_revoked(world).await;

    start_import(world, &live.connection).await;
    ended(world, &live).await;

    let import = world.imported(&live.connection).await;
    assert_eq!(import["status"], "FAILED", "{import:#}");
    assert_eq!(import["failure"]["code"], "REVOKED");
    assert_left_in_peace(world).await;
}

on_every_backend! {
    #[options(connect())]
    async fn an_import_of_a_platforms_account_finds_it_out(world: &World) {
        by_an_import(world).await;
    }

    #[options(app())]
    async fn an_import_of_an_apps_account_finds_it_out(world: &World) {
        by_an_import(world).await;
    }

    #[options(connect())]
    async fn an_event_that_needs_more_finds_it_out(world: &World) {
        let live = let_in(world, "Shop", false).await;
        let paid = world.stripe.act(&live.account, Act::Pay(PaymentSpec::default())).unwrap().id;
        world.stripe.act(&live.account, Act::Dispute(paid)).unwrap();
        settled(world).await;
        world.stripe.delivery().pause();
        revoke(world, &live);

        // The payment of a dispute is fetched, whatever the event's body says.
        let events = world.stripe.events(&live.account);
        let mut event = events.into_iter().rfind(|event| event["type"] == "charge.dispute.created").unwrap();
        let soon = world.server.app.gateway.clock().now() + TimeDelta::seconds(1);
        event["id"] = json!("evt_by_hand");
        event["account"] = json!(live.account);
        event["created"] = json!(soon.timestamp());
        assert_eq!(live.deliver(world, &event.to_string()).await, StatusCode::OK);

        ended(world, &live).await;
        assert_left_in_peace(world).await;
        let left = states(world).await;
        assert!(!left.contains_key("pending") && !left.contains_key("dead"), "{left:?}");
    }

    #[options(WorldOptions {
        variables: vec![("INLET_INBOX__RECOVERY_INTERVAL_SECONDS", "10".to_owned())],
        ..app()
    })]
    async fn the_look_for_missing_events_finds_it_out(world: &World) {
        let live = silently_revoked(world).await;

        world.clock.advance(TimeDelta::seconds(15));
        world.stripe.advance(TimeDelta::seconds(15));

        ended(world, &live).await;
        assert_left_in_peace(world).await;
    }

    #[options(connect())]
    async fn a_refusal_from_before_a_new_grant_does_not_end_it(world: &World) {
        let live = silently_revoked(world).await;
        let gateway = &world.server.app.gateway;
        let workspace = gateway.store().find_workspace_by_name("default").await.unwrap().unwrap();
        let workspace = api::ids::WorkspaceId(workspace.id);
        let id = gateway.store().list_connection_ids(workspace).await.unwrap()[0];
        let row = gateway.store().find_connection(workspace, id).await.unwrap().unwrap();
        let used = UsedCredential::of(&row);
        let refusal = gateway.stripe().balance(&gateway.credential(&row).unwrap()).await.unwrap_err();
        let_in_again(world, &live).await;

        // It was on its way meanwhile.
        let lasting = gateway.note_refusal(workspace, id, &used, &refusal).await.unwrap();

        assert!(!lasting);
        assert_eq!(connection(world, &live.connection).await["status"], "ACTIVE");
    }
}
