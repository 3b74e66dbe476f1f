//! Renewing an app's access: ahead of time, by one at a time, and what ends it.

use std::time::Duration;

use api::{
    ids::{ConnectionId, WorkspaceId},
    storage::ConnectionRow,
    stripe::Credential,
};
use chrono::TimeDelta;
use futures_util::future::join_all;
use sandbox::{AccountSpec, Fault, Latency, Rule};
use serde_json::json;
use tests::{World, on_every_backend};
use uuid::Uuid;

use super::{
    app,
    browser::{Browser, input, platform, willing},
};
use crate::connecting::{
    ask::{connection, start_import, until},
    database::{count, execute, is_sqlite},
};

/// A connected app with its first import done; the connection.
async fn connected(world: &World) -> String {
    willing(world, AccountSpec::with_payments(20));
    let id = Browser::new()
        .connect(world, input("Shop"))
        .await
        .connection();
    assert_eq!(world.imported(&id).await["status"], "SUCCEEDED");
    id
}

pub(super) async fn row(world: &World, id: &str) -> ConnectionRow {
    let key = ConnectionId(Uuid::parse_str(id.strip_prefix("con_").unwrap()).unwrap());
    let gateway = &world.server.app.gateway;
    let caller = gateway
        .store()
        .find_workspace_by_name("default")
        .await
        .unwrap()
        .unwrap();
    let found = gateway
        .store()
        .find_connection(WorkspaceId(caller.id), key)
        .await;
    found.unwrap().unwrap()
}

/// Lets the database refuse to store an app's tokens.
async fn refuse_new_tokens(world: &World) {
    let statements: &[&str] = if is_sqlite(world) {
        &[
            "CREATE TRIGGER no_tokens BEFORE UPDATE OF credential_sealed ON connections
           BEGIN SELECT RAISE(ABORT, 'refused by the test'); END",
        ]
    } else {
        &[
            "CREATE FUNCTION refuse() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION 'refused by the test'; END $$ LANGUAGE plpgsql",
            "CREATE TRIGGER no_tokens BEFORE UPDATE OF credential_sealed ON connections FOR EACH ROW EXECUTE FUNCTION refuse()",
        ]
    };
    for statement in statements {
        execute(world, statement).await;
    }
}

async fn take_new_tokens(world: &World) {
    let on = if is_sqlite(world) {
        ""
    } else {
        " ON connections"
    };
    execute(world, &format!("DROP TRIGGER no_tokens{on}")).await;
}

async fn works(world: &World, credential: &Credential) -> bool {
    world
        .server
        .app
        .gateway
        .stripe()
        .balance(credential)
        .await
        .is_ok()
}

on_every_backend! {
    #[options(app())]
    async fn access_is_renewed_ahead_of_its_hour(world: &World) {
        let id = connected(world).await;
        let gateway = &world.server.app.gateway;
        let before = row(world, &id).await;
        gateway.refresh_app_tokens().await.unwrap();
        assert_eq!(world.stripe.oauth_calls().refreshes, 0, "too early");

        world.clock.advance(TimeDelta::minutes(46));
        gateway.refresh_app_tokens().await.unwrap();
        gateway.refresh_app_tokens().await.unwrap();

        let after = row(world, &id).await;
        assert_eq!(world.stripe.oauth_calls().refreshes, 1);
        assert_ne!(after.credential_sealed, before.credential_sealed);
        assert!(after.access_expires_at > before.access_expires_at);
        assert_eq!(after.refresh_lease_until, None);
        assert!(works(world, &gateway.credential(&after).unwrap()).await);
    }

    #[options(app())]
    async fn of_many_who_renew_one_does(world: &World) {
        let id = connected(world).await;
        let gateway = &world.server.app.gateway;
        world.clock.advance(TimeDelta::minutes(55));
        let row = row(world, &id).await;

        let fresh = join_all((0..10).map(|_| gateway.fresh_credential(&row))).await;

        assert_eq!(world.stripe.oauth_calls().refreshes, 1);
        for credential in fresh {
            assert!(works(world, &credential.unwrap()).await);
        }
        let passes = join_all((0..10).map(|_| gateway.refresh_app_tokens())).await;
        assert!(passes.iter().all(Result::is_ok));
        assert_eq!(world.stripe.oauth_calls().refreshes, 1);
    }

    #[options(app())]
    async fn an_import_outlives_its_access(world: &World) {
        let id = connected(world).await;
        world.clock.advance(TimeDelta::minutes(30));
        // Stripe's clock is ahead of ours: the token is refused before we thought so.
        world.stripe.expire_app_tokens();

        start_import(world, &id).await;

        assert_eq!(world.imported(&id).await["status"], "SUCCEEDED");
        assert_eq!(world.stripe.oauth_calls().refreshes, 1);
        assert_eq!(connection(world, &id).await["status"], "ACTIVE");
    }

    #[options(app())]
    async fn an_attempt_without_an_answer_is_tried_once_more(world: &World) {
        let id = connected(world).await;
        let gateway = &world.server.app.gateway;
        world.clock.advance(TimeDelta::minutes(55));
        world.stripe.faults().inject(Rule::next(1, Fault::Unavailable).on("/v1/oauth/token"));

        let credential = gateway.fresh_credential(&row(world, &id).await).await.unwrap();

        assert_eq!(world.stripe.oauth_calls().refreshes, 2);
        assert!(works(world, &credential).await);
    }

    #[options(app())]
    async fn while_it_cannot_be_renewed_the_old_access_is_used_and_stripe_left_in_peace(world: &World) {
        let id = connected(world).await;
        let gateway = &world.server.app.gateway;
        world.clock.advance(TimeDelta::minutes(52));
        world.stripe.faults().inject(Rule::every(1, Fault::Unavailable).on("/v1/oauth/token"));
        let row = row(world, &id).await;

        for _ in 0..5 {
            assert!(works(world, &gateway.fresh_credential(&row).await.unwrap()).await);
            gateway.refresh_app_tokens().await.unwrap();
        }

        assert_eq!(world.stripe.oauth_calls().refreshes, 2);
        world.stripe.faults().clear();
        world.clock.advance(TimeDelta::minutes(1));
        gateway.refresh_app_tokens().await.unwrap();
        assert_eq!(world.stripe.oauth_calls().refreshes, 3);
        assert_eq!(connection(world, &id).await["status"], "ACTIVE");
    }

    #[options(app())]
    async fn access_that_cannot_be_renewed_asks_to_connect_again(world: &World) {
        let id = connected(world).await;
        let gateway = &world.server.app.gateway;
        let account = row(world, &id).await.stripe_account_id.unwrap();
        world.stripe.revoke_access(&platform(world).client_id, &account);
        world.clock.advance(TimeDelta::minutes(50));

        gateway.refresh_app_tokens().await.unwrap();
        let refreshes = world.stripe.oauth_calls().refreshes;
        world.clock.advance(TimeDelta::hours(1));
        gateway.refresh_app_tokens().await.unwrap();

        assert_eq!(world.stripe.oauth_calls().refreshes, refreshes, "Stripe is left in peace");
        let now = connection(world, &id).await;
        // The event of the revocation may have been first.
        let reason = now["statusReason"].as_str().unwrap();
        assert!(matches!(reason, "CREDENTIALS_EXPIRED" | "ACCESS_REVOKED"), "{now:#}");
        assert!(gateway.fresh_credential(&row(world, &id).await).await.is_err());
        let mut again = input("Shop");
        again["connectionId"] = json!(id);
        Browser::new().connect(world, again).await.connection();
        assert_eq!(connection(world, &id).await["status"], "ACTIVE");
    }

    #[options(app())]
    async fn a_lease_of_a_process_that_died_runs_out(world: &World) {
        let id = connected(world).await;
        let gateway = &world.server.app.gateway;
        // Early enough that nobody who uses the access renews it.
        world.clock.advance(TimeDelta::minutes(46));
        let before = row(world, &id).await;
        let now = api::clock::Clock::now(&*world.clock);
        assert!(gateway.store().claim_refresh(&before, now, now + TimeDelta::seconds(90)).await.unwrap());

        gateway.refresh_app_tokens().await.unwrap();
        assert_eq!(world.stripe.oauth_calls().refreshes, 0);
        world.clock.advance(TimeDelta::seconds(91));
        gateway.refresh_app_tokens().await.unwrap();

        assert_eq!(world.stripe.oauth_calls().refreshes, 1);
        let late = gateway.store().store_refreshed(&before, now + TimeDelta::seconds(90), vec![1], now).await;
        assert!(!late.unwrap(), "whoever lost the lease writes nothing");
    }

    #[options(app())]
    async fn tokens_that_were_moved_do_not_open(world: &World) {
        let id = connected(world).await;
        willing(world, AccountSpec::default());
        let other = Browser::new().connect(world, input("Other")).await.connection();
        world.imported(&other).await;
        execute(world, "UPDATE connections SET credential_sealed = (SELECT credential_sealed FROM connections WHERE name = 'Other') WHERE name = 'Shop'").await;

        let gateway = &world.server.app.gateway;
        assert!(gateway.credential(&row(world, &id).await).is_err());
        assert!(gateway.credential(&row(world, &other).await).is_ok());
        assert_eq!(count(world, "connections").await, 2);
    }

    #[options(app())]
    async fn a_renewal_goes_on_when_nobody_waits(world: &World) {
        let id = connected(world).await;
        let gateway = &world.server.app.gateway;
        world.clock.advance(TimeDelta::minutes(55));
        let before = row(world, &id).await;
        world.stripe.faults().latency_on("/v1/oauth/token", Latency::fixed(Duration::from_millis(300)));

        let leased = async || row(world, &id).await.refresh_lease_until.is_some();
        tokio::select! {
            _ = gateway.fresh_credential(&before) => panic!("Stripe was not slow"),
            () = until("the lease is taken", leased) => {}
        }
        until("the new pair is stored", async || {
            row(world, &id).await.credential_sealed != before.credential_sealed
        }).await;

        assert_eq!(world.stripe.oauth_calls().refreshes, 1);
        assert!(works(world, &gateway.credential(&row(world, &id).await).unwrap()).await);
    }

    #[options(app())]
    async fn a_new_pair_is_stored_as_soon_as_the_database_takes_it(world: &World) {
        let id = connected(world).await;
        let gateway = world.server.app.gateway.clone();
        world.clock.advance(TimeDelta::minutes(55));
        let before = row(world, &id).await;
        refuse_new_tokens(world).await;

        let waiting = tokio::spawn(async move { gateway.fresh_credential(&before).await });
        until("Stripe has answered", async || world.stripe.oauth_calls().refreshes == 1).await;
        take_new_tokens(world).await;
        let fresh = waiting.await.unwrap();

        assert!(works(world, &fresh.unwrap()).await);
        assert_eq!(world.stripe.oauth_calls().refreshes, 1);
    }

    #[options(app())]
    async fn modes_without_an_app_are_not_in_the_way(world: &World) {
        let id = connected(world).await;
        let due = async |modes: &[bool]| {
            let ends = row(world, &id).await.access_expires_at.unwrap();
            let store = world.server.app.gateway.store();
            let due = store.list_refreshes_due(modes, ends + TimeDelta::seconds(1), ends).await;
            due.unwrap().len()
        };

        assert_eq!((due(&[false, true]).await, due(&[false]).await), (1, 1));
        assert_eq!((due(&[true]).await, due(&[]).await), (0, 0));
    }
}
