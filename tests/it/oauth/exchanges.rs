//! Exchanges that go wrong: a clear code, nothing half-made, and never a second try.

use std::time::Duration;

use sandbox::{AccountSpec, AutoAnswer, Fault, Grants, Latency, Rule};
use serde_json::json;
use tests::{World, WorldOptions, on_every_backend};

use super::{
    app,
    browser::{Browser, input, platform, start, willing},
    connect,
};
use crate::connecting::{
    ask::{connect_as, connection, mutate_as, rename, token_of},
    database::{count, stored},
};

/// The tables that connecting writes to, but for the audit log, in which failures are.
async fn made(world: &World) -> Vec<(&'static str, i64)> {
    let mut stored = stored(world).await;
    stored.retain(|(table, _)| *table != "audit_log");
    stored
}

async fn fails(world: &World, expected: &str) {
    let before = made(world).await;
    let exchanges = world.stripe.oauth_calls().exchanges;

    let page = Browser::new().connect(world, input("Shop")).await;

    assert_eq!(page.error(), expected);
    assert_eq!(
        world.stripe.oauth_calls().exchanges,
        exchanges + 1,
        "a code is sent once"
    );
    assert_eq!(made(world).await, before);
}

/// Every fault of the token endpoint, one after the other; then all is well.
async fn every_fault(world: &World, token: &str) {
    willing(world, AccountSpec::default());
    for fault in [
        Fault::ServerError,
        Fault::BadGateway,
        Fault::Unavailable,
        Fault::TruncatedBody,
        Fault::InvalidJson,
        Fault::ConnectionReset,
    ] {
        world
            .stripe
            .faults()
            .inject(Rule::every(1, fault).on(token));
        fails(world, "OAUTH_EXCHANGE_TIMED_OUT").await;
        world.stripe.faults().clear();
    }
    for missing in ["stripe_user_id", "livemode", "access_token"] {
        world.stripe.next_exchange_answers(json!({ missing: null }));
        fails(world, "OAUTH_EXCHANGE_TIMED_OUT").await;
    }
    world
        .stripe
        .next_exchange_answers(json!({ "livemode": true }));
    fails(world, "OAUTH_WRONG_MODE").await;

    Browser::new()
        .connect(world, input("Shop"))
        .await
        .connection();
}

on_every_backend! {
    #[options(connect())]
    async fn whatever_connect_answers_nothing_is_half_made(world: &World) {
        every_fault(world, "/oauth/token").await;
    }

    #[options(app())]
    async fn whatever_an_app_is_answered_nothing_is_half_made(world: &World) {
        every_fault(world, "/v1/oauth/token").await;
    }

    #[options(WorldOptions {
        variables: vec![("INLET_STRIPE__REQUEST_TIMEOUT_SECONDS", "1".to_owned())],
        ..connect()
    })]
    async fn an_exchange_that_takes_too_long_is_given_up(world: &World) {
        willing(world, AccountSpec::default());
        let stall = Fault::Stall { duration: Duration::from_secs(25) };
        world.stripe.faults().inject(Rule::every(1, stall).on("/oauth/token"));

        fails(world, "OAUTH_EXCHANGE_TIMED_OUT").await;
    }

    #[options(connect())]
    async fn a_browser_that_hangs_up_does_not_end_what_it_began(world: &World) {
        willing(world, AccountSpec::default());
        let browser = Browser::new();
        let back = browser.walk(world, &start(world, input("Shop")).await).await;
        let slow = Latency::fixed(Duration::from_millis(600));
        world.stripe.faults().latency_on("/oauth/token", slow);

        let answer = tokio::time::timeout(Duration::from_millis(200), browser.at_gateway(world, &back)).await;
        let connected = async {
            while count(world, "connections").await == 0 {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), connected).await.expect("a connection");

        assert!(answer.is_err(), "the browser was answered before it hung up");
        assert_eq!(world.stripe.oauth_calls().exchanges, 1);
    }

    #[options(connect())]
    async fn a_code_that_was_spent_elsewhere_is_refused(world: &World) {
        willing(world, AccountSpec::default());
        let browser = Browser::new();
        let spent = browser.walk(world, &start(world, input("Spent")).await).await;
        let (_, code) = spent.query_pairs().find(|(name, _)| name == "code").unwrap();
        browser.at_gateway(world, &spent).await.connection();
        let fresh = browser.walk(world, &start(world, input("Shop")).await).await;
        let state = fresh.query_pairs().find(|(name, _)| name == "state").unwrap().1;
        let mut replayed = fresh.clone();
        replayed.query_pairs_mut().clear().append_pair("code", &code).append_pair("state", &state);

        let page = browser.at_gateway(world, &replayed).await;

        assert_eq!(page.error(), "OAUTH_EXCHANGE_FAILED");
        assert_eq!(world.stripe.oauth_calls().exchanges, 2);
        assert_eq!(count(world, "connections").await, 1);
    }

    #[options(connect())]
    async fn an_account_is_connected_once_in_a_workspace(world: &World) {
        let account = willing(world, AccountSpec::default());
        let id = Browser::new().connect(world, input("Shop")).await.connection();
        world.imported(&id).await;
        let before = connection(world, &id).await;

        let page = Browser::new().connect(world, input("Again")).await;

        assert_eq!(page.error(), "OAUTH_ACCOUNT_ALREADY_CONNECTED");
        assert_eq!(connection(world, &id).await, before);
        assert!(world.stripe.has_access(&platform(world).client_id, &account), "the other still uses it");
        assert_eq!(world.stripe.oauth_calls().deauthorizations, 0);
    }

    #[options(connect())]
    async fn an_account_that_a_key_connects_is_not_connected_twice(world: &World) {
        let account = willing(world, AccountSpec::default());
        let key = world.stripe.create_key(&account, Grants::All);
        let id = world.connect("By key", &key).await;

        let page = Browser::new().connect(world, input("By OAuth")).await;

        assert_eq!(page.error(), "OAUTH_ACCOUNT_ALREADY_CONNECTED");
        assert_eq!(connection(world, &id).await["status"], "ACTIVE");
        assert!(!world.stripe.has_access(&platform(world).client_id, &account), "the grant was given back");
    }

    #[options(connect())]
    async fn another_workspace_is_left_alone(world: &World) {
        let account = willing(world, AccountSpec::default());
        let theirs = token_of(world, "theirs").await;
        let key = world.stripe.create_key(&account, Grants::All);
        let payload = connect_as(world, &theirs, "Theirs", &key).await;
        let their_id = payload["connection"]["id"].as_str().unwrap();

        let ours = Browser::new().connect(world, input("Theirs")).await.connection();

        assert_ne!(ours, their_id);
        let mut foreign = input("Mine now");
        foreign["connectionId"] = json!(their_id);
        let body = mutate_as(world, &world.token, "startStripeOAuth", "authorizationUrl", foreign).await;
        assert_eq!(body["data"]["startStripeOAuth"]["errors"][0]["__typename"], "NotFoundError");
        assert_eq!(count(world, "connections WHERE auth_method = 'api_key' AND status = 'active'").await, 1);
    }

    #[options(connect())]
    async fn a_reconnection_takes_the_same_account_only(world: &World) {
        let account = willing(world, AccountSpec::default());
        let browser = Browser::new();
        let id = browser.connect(world, input("Shop")).await.connection();
        world.imported(&id).await;
        let before = connection(world, &id).await;
        let other = willing(world, AccountSpec::default());

        let mut again = input("Shop");
        again["connectionId"] = json!(id);
        let page = browser.connect(world, again).await;

        assert_eq!(page.error(), "OAUTH_OTHER_ACCOUNT");
        assert_eq!(connection(world, &id).await, before);
        let client = &platform(world).client_id;
        assert!(world.stripe.has_access(client, &account));
        assert!(!world.stripe.has_access(client, &other), "what was not wanted was given back");
    }

    #[options(connect())]
    async fn a_name_that_was_taken_meanwhile_spends_no_code(world: &World) {
        willing(world, AccountSpec::default());
        let id = Browser::new().connect(world, input("First")).await.connection();
        let other = willing(world, AccountSpec::default());
        world.stripe.authorize_automatically(&platform(world).client_id, AutoAnswer::Grant(other));
        let browser = Browser::new();
        let callback = browser.walk(world, &start(world, input("Second")).await).await;
        rename(world, &id, "sEcond").await;

        let page = browser.at_gateway(world, &callback).await;

        assert_eq!(page.error(), "OAUTH_NAME_TAKEN");
        assert_eq!(world.stripe.oauth_calls().exchanges, 1);
        assert_eq!(count(world, "connections").await, 1);
    }
}
