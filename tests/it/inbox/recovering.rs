//! Events that never arrived are found and taken up.

use chrono::{DateTime, TimeDelta, Utc};
use sandbox::{Act, DeliveryFaults, Grants, PaymentSpec, Permission, TrafficSpec};
use serde_json::{Value, json};
use std::time::Duration;
use tests::{World, WorldOptions, on_every_backend};

use super::support::{Live, assert_like_stripe, live, settled, shown, states};

/// Nothing is delivered from now on.
fn drop_everything(world: &World) {
    world.stripe.delivery().mode(DeliveryFaults {
        drop: 1.0,
        ..DeliveryFaults::default()
    });
}

const STANDING: &str = "
    query($id: ID!) {
      connection(id: $id) {
        syncedThrough imports(first: 10) { nodes { trigger status from } }
      }
    }";

async fn standing(world: &World, live: &Live) -> Value {
    world.data(STANDING, json!({ "id": live.connection })).await["connection"].take()
}

fn synced(standing: &Value) -> DateTime<Utc> {
    standing["syncedThrough"].as_str().unwrap().parse().unwrap()
}

/// Lets time go on until the next look, and waits until everything is known that happened before.
async fn look(world: &World, live: &Live, pause: TimeDelta) {
    let before = world.server.app.gateway.clock().now();
    world.clock.advance(pause);
    world.stripe.advance(pause);
    let waiting = async {
        while synced(&standing(world, live).await) < before {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), waiting)
        .await
        .expect("it is never known");
    settled(world).await;
}

fn often() -> WorldOptions {
    WorldOptions {
        variables: vec![("INLET_INBOX__RECOVERY_INTERVAL_SECONDS", "10".to_owned())],
        ..WorldOptions::default()
    }
}

on_every_backend! {
    #[options(often())]
    async fn events_that_never_arrive_are_found_by_the_next_look(world: &World) {
        let live = live(world, "Shop", 30).await;
        drop_everything(world);

        world.stripe.traffic(&live.account, TrafficSpec { events: 250, seed: 7, ..TrafficSpec::default() });
        look(world, &live, TimeDelta::seconds(25)).await;

        assert_like_stripe(world, &live).await;
        assert_eq!(states(world).await.get("dead"), None);
    }

    #[options(often())]
    async fn what_is_older_than_stripes_list_is_imported_again(world: &World) {
        let live = live(world, "Shop", 10).await;
        drop_everything(world);
        world.stripe.act(&live.account, Act::Pay(PaymentSpec::default())).unwrap();

        // Nobody looked for forty days.
        look(world, &live, TimeDelta::days(40)).await;
        world.imported(&live.connection).await;

        let imports = standing(world, &live).await["imports"]["nodes"].take();
        let triggers: Vec<_> = imports.as_array().unwrap().iter().map(|one| one["trigger"].clone()).collect();
        assert!(triggers.contains(&json!("CATCH_UP")), "{imports:#}");
        assert_like_stripe(world, &live).await;
    }

    #[options(often())]
    async fn without_the_permission_a_known_gap_is_imported_again(world: &World) {
        let (account, _) = world.account(sandbox::AccountSpec::with_payments(10));
        let key = world.stripe.create_key(&account, Grants::AllBut(vec![Permission::EventRead]));
        let connection = world.connect("Shop", &key).await;
        world.imported(&connection).await;
        drop_everything(world);
        world.stripe.act(&account, Act::Pay(PaymentSpec::default())).unwrap();

        // An import ends where the second does in which it begins.
        world.clock.advance(TimeDelta::seconds(2));
        world.stripe.advance(TimeDelta::seconds(2));
        let gateway = &world.server.app.gateway;
        let id = gateway_ids(world, &connection).await;
        let since = gateway.clock().now() - TimeDelta::minutes(5);
        gateway.recover_since(id.0, id.1, since).await.unwrap();
        let live = Live { account, connection, path: String::new(), secret: String::new() };
        let waiting = async {
            loop {
                let imports = standing(world, &live).await["imports"]["nodes"].take();
                if imports[0]["trigger"] == "CATCH_UP" && imports[0]["status"] == "SUCCEEDED" {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        tokio::time::timeout(Duration::from_mins(1), waiting).await.expect("no import caught up");

        assert_eq!(shown(world, &live.connection).await.len(), 11);
    }
}

/// The workspace and the connection as the gateway itself knows them.
async fn gateway_ids(
    world: &World,
    connection: &str,
) -> (api::ids::WorkspaceId, api::ids::ConnectionId) {
    let store = world.server.app.gateway.store();
    let workspace = store
        .find_workspace_by_name("default")
        .await
        .unwrap()
        .unwrap();
    let workspace = api::ids::WorkspaceId(workspace.id);
    let all = store.list_connection_ids(workspace).await.unwrap();
    assert_eq!(all.len(), 1, "{connection} is not alone");
    (workspace, all[0])
}
