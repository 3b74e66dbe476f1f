//! The end of access: taken back by the merchant, or given back by us.

use std::time::Duration;

use api::{
    domain::connection::UsedCredential,
    ids::{ConnectionId, WorkspaceId},
    stripe::{Outage, StripeError, StripeErrorKind},
};
use chrono::TimeDelta;
use sandbox::{AccountSpec, Fault, Latency, Rule};
use serde_json::json;
use tests::{World, on_every_backend};

use super::{
    app,
    browser::{Browser, input, platform, willing},
    connect,
    renewing::row,
};
use crate::connecting::{
    ask::{connection, disconnect, mutate_as, start_import, token_of, until},
    database::count,
};

const ALIVE: &str = "connections WHERE status <> 'disconnected'";

/// How many calls Stripe refused.
fn refusals(world: &World) -> usize {
    let requests = world.asked();
    let refused = requests
        .iter()
        .filter(|request| matches!(request.status, 401 | 403));
    refused.count()
}

/// Takes access back in the middle of an import.
async fn taken_back(world: &World) {
    let account = willing(world, AccountSpec::with_payments(20));
    let id = Browser::new()
        .connect(world, input("Shop"))
        .await
        .connection();
    world.imported(&id).await;
    world
        .stripe
        .faults()
        .latency_on("/v1/charges", Latency::fixed(Duration::from_millis(300)));
    start_import(world, &id).await;
    until("the import runs", async || {
        world.latest_import(&id).await["status"] == "RUNNING"
    })
    .await;

    world
        .stripe
        .revoke_access(&platform(world).client_id, &account);
    let import = world.imported(&id).await;
    world.stripe.faults().clear();

    assert_eq!(import["status"], "FAILED", "{import:#}");
    assert_eq!(import["failure"]["code"], "REVOKED");
    assert_eq!(import["failure"]["retryable"], false);
    let ended = connection(world, &id).await;
    assert_eq!(ended["status"], "DISCONNECTED");
    assert_eq!(ended["statusReason"], "ACCESS_REVOKED");
    assert!(
        ended["statusMessage"]
            .as_str()
            .unwrap()
            .contains("Connect again"),
        "{ended:#}"
    );
    assert_eq!(
        count(world, "connections WHERE credential_sealed IS NULL").await,
        1
    );
    assert_eq!(
        count(world, "audit_log WHERE action = 'connection.revoked'").await,
        1
    );
    // What was under way is refused, too.
    tokio::time::sleep(Duration::from_millis(500)).await;
    let asked = refusals(world);
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert_eq!(refusals(world), asked, "Stripe is still asked");

    let mut again = input("Shop");
    again["connectionId"] = json!(id);
    assert_eq!(Browser::new().connect(world, again).await.connection(), id);
    assert_eq!(world.imported(&id).await["status"], "SUCCEEDED");
    assert_eq!(connection(world, &id).await["status"], "ACTIVE");
}

/// Disconnects; access is given back.
async fn given_back(world: &World) {
    let account = willing(world, AccountSpec::default());
    let id = Browser::new()
        .connect(world, input("Shop"))
        .await
        .connection();
    world.imported(&id).await;

    let payload = disconnect(world, &id, false).await;
    let again = disconnect(world, &id, false).await;

    assert_eq!(
        payload["connection"]["statusReason"],
        "DISCONNECTED_BY_USER"
    );
    let words = payload["connection"]["statusMessage"].as_str().unwrap();
    assert!(!words.contains("did not confirm"), "{words}");
    assert_eq!(again["errors"], json!([]));
    assert!(
        !world
            .stripe
            .has_access(&platform(world).client_id, &account)
    );
    assert_eq!(world.stripe.oauth_calls().deauthorizations, 1);
}

on_every_backend! {
    #[options(connect())]
    async fn access_that_a_merchant_takes_from_a_platform_ends_the_connection(world: &World) {
        taken_back(world).await;
    }

    #[options(app())]
    async fn access_that_a_merchant_takes_from_an_app_ends_the_connection(world: &World) {
        taken_back(world).await;
    }

    #[options(connect())]
    async fn a_platform_gives_access_back(world: &World) {
        given_back(world).await;
    }

    #[options(app())]
    async fn an_app_gives_access_back(world: &World) {
        given_back(world).await;
    }

    #[options(connect())]
    async fn access_that_is_gone_already_is_fine(world: &World) {
        let account = willing(world, AccountSpec::default());
        let id = Browser::new().connect(world, input("Shop")).await.connection();
        world.imported(&id).await;
        world.stripe.disconnect(&platform(world).account, &account);

        let payload = disconnect(world, &id, false).await;

        let words = payload["connection"]["statusMessage"].as_str().unwrap();
        assert!(!words.contains("did not confirm"), "{words}");
    }

    #[options(connect())]
    async fn where_stripe_does_not_let_go_the_connection_ends_and_says_so(world: &World) {
        willing(world, AccountSpec::default());
        let id = Browser::new().connect(world, input("Shop")).await.connection();
        world.imported(&id).await;
        world.stripe.faults().inject(Rule::every(1, Fault::ServerError).on("/oauth/deauthorize"));

        let payload = disconnect(world, &id, false).await;

        assert_eq!(payload["connection"]["status"], "DISCONNECTED");
        let words = payload["connection"]["statusMessage"].as_str().unwrap();
        assert!(words.contains("did not confirm") && words.contains("Stripe dashboard"), "{words}");
        assert_eq!(count(world, ALIVE).await, 0);
    }

    #[options(connect())]
    async fn what_another_workspace_uses_is_not_given_back(world: &World) {
        let account = willing(world, AccountSpec::default());
        let ours = Browser::new().connect(world, input("Shop")).await.connection();
        let theirs = token_of(world, "theirs").await;
        let mut body = mutate_as(world, &theirs, "startStripeOAuth", "authorizationUrl", input("Shop")).await;
        let url = body["data"]["startStripeOAuth"]["authorizationUrl"].take();
        let browser = Browser::new();
        let callback = browser.walk(world, &url.as_str().unwrap().parse().unwrap()).await;
        browser.at_gateway(world, &callback).await.connection();

        disconnect(world, &ours, false).await;

        assert!(world.stripe.has_access(&platform(world).client_id, &account));
        assert_eq!(world.stripe.oauth_calls().deauthorizations, 0);
        assert_eq!(count(world, ALIVE).await, 1);
    }

    #[options(connect())]
    async fn what_is_refused_late_does_not_end_what_was_granted_since(world: &World) {
        willing(world, AccountSpec::with_payments(3));
        let browser = Browser::new();
        let id = browser.connect(world, input("Shop")).await.connection();
        world.imported(&id).await;
        let before = row(world, &id).await;
        world.clock.advance(TimeDelta::seconds(1));
        let mut again = input("Shop");
        again["connectionId"] = json!(id);
        browser.connect(world, again).await.connection();
        let gateway = &world.server.app.gateway;
        let (workspace, key) = (WorkspaceId(before.workspace_id), ConnectionId(before.id));
        let mut late = StripeError::unavailable(Outage::Reset);
        late.kind = StripeErrorKind::AccountInvalid;

        let used = UsedCredential::of(&before);
        let is_current = gateway.note_refusal(workspace, key, &used, &late).await.unwrap();
        let ended = gateway.access_revoked(&before).await.unwrap();

        assert_eq!((is_current, ended), (false, false));
        assert_eq!(connection(world, &id).await["status"], "ACTIVE");
        assert!(gateway.access_revoked(&row(world, &id).await).await.unwrap());
        assert_eq!(connection(world, &id).await["statusReason"], "ACCESS_REVOKED");
    }
}
