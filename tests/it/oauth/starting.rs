//! Starting: what is wrong is said before the user leaves.

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use sandbox::AccountSpec;
use serde_json::{Value, json};
use tests::{Backend, World, WorldOptions, on_every_backend};

use super::{
    browser::{Browser, input, platforms, start, try_start},
    connect,
};
use crate::connecting::ask::only_error;

async fn refused(world: &World, input: Value) -> Value {
    let payload = try_start(world, input).await;
    assert_eq!(payload["authorizationUrl"], json!(null));
    assert_eq!(payload["expiresAt"], json!(null));
    only_error(&payload).clone()
}

on_every_backend! {
    #[options(connect())]
    async fn a_flow_lasts_ten_minutes(world: &World) {
        let payload = try_start(world, input("Shop")).await;

        let expires: DateTime<Utc> = payload["expiresAt"].as_str().unwrap().parse().unwrap();
        let left = expires - api::clock::Clock::now(&*world.clock);
        assert!(left <= TimeDelta::minutes(10) && left > TimeDelta::minutes(9), "{left}");
        let url = payload["authorizationUrl"].as_str().unwrap();
        assert!(url.contains("/oauth/stripe/authorize?flow="), "{url}");
    }

    #[options(connect())]
    async fn a_return_url_is_allowed_exactly(world: &World) {
        for good in ["https://app.example", "https://app.example/a?b=c", "https://shop.example/after?tab=2"] {
            let mut input = input("Shop");
            input["returnUrl"] = json!(good);
            start(world, input).await;
        }
        for evil in [
            "https://good@evil.example", "https://app.example@evil.example/", "https://user:pw@app.example/",
            "javascript:alert(1)", "data:text/html,x", "ftp://app.example/", "https:\\\\app.example",
            "https://app.example\\@evil.example", "https://app.example/\r\nSet-Cookie: a=b", " https://app.example/",
            "https://sub.app.example/", "https://app.example.evil.example/", "https://app.example:8443/",
            "http://app.example/", "https://app.example/#x", "https://shop.example/", "https://shop.example/after/..",
            "https://аpp.example/", "https://ａpp.example/",
        ] {
            let mut input = input("Shop");
            input["returnUrl"] = json!(evil);
            let error = refused(world, input).await;
            assert_eq!(error["__typename"], "InvalidInputError", "{evil:?}");
            assert_eq!(error["path"], json!(["input", "returnUrl"]), "{evil:?}");
        }
        for no_url in ["//evil.example", "\\\\evil.example", "/done", "", "evil.example"] {
            let mut input = input("Shop");
            input["returnUrl"] = json!(no_url);
            let query = "mutation($input: StartStripeOAuthInput!) { startStripeOAuth(input: $input) { authorizationUrl } }";
            let body = world.graphql(query, json!({ "input": input })).await;
            assert_eq!(body["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{no_url:?}: {body}");
        }
    }

    #[options(connect())]
    async fn names_modes_and_connections_are_checked(world: &World) {
        let (_, key) = world.account(AccountSpec::default());
        let id = world.connect("Taken", &key).await;

        for (changes, kind, field) in [
            (json!({ "name": "" }), "InvalidInputError", "name"),
            (json!({ "name": "tAKEN" }), "InvalidInputError", "name"),
            (json!({ "connectionId": "con_00000000000000000000000000000000" }), "NotFoundError", "connectionId"),
            (json!({ "connectionId": "x" }), "NotFoundError", "connectionId"),
            (json!({ "connectionId": id, "livemode": true }), "InvalidInputError", "livemode"),
        ] {
            let mut input = input("Shop");
            for (name, value) in changes.as_object().unwrap() {
                input[name] = value.clone();
            }
            let error = refused(world, input).await;
            assert_eq!((&error["__typename"], &error["path"]), (&json!(kind), &json!(["input", field])), "{changes}");
        }
    }

    #[options(connect())]
    async fn without_a_wish_the_mode_is_live_or_the_connections_own(world: &World) {
        let (_, key) = world.account(AccountSpec::default());
        let id = world.connect("Shop", &key).await;
        let platforms = platforms(world);

        for (input, expected) in [
            (json!({ "name": "New" }), &platforms.live),
            (json!({ "name": "New", "livemode": false }), &platforms.test),
            (json!({ "name": "Shop", "connectionId": id }), &platforms.test),
        ] {
            let url = start(world, input.clone()).await;
            let hop = Browser::new().at_gateway(world, &url).await;
            assert_eq!(hop.parameter("client_id").as_ref(), Some(&expected.client_id), "{input}");
        }
    }

    async fn without_a_platform_the_error_says_what_to_set(world: &World) {
        for (input, section) in [
            (json!({ "name": "Shop" }), "INLET_STRIPE__OAUTH__LIVE__CLIENT_ID"),
            (json!({ "name": "Shop", "livemode": false }), "INLET_STRIPE__OAUTH__TEST__SECRET_KEY"),
        ] {
            let error = refused(world, input).await;
            assert_eq!(error["__typename"], "InvalidInputError");
            assert!(error["message"].as_str().unwrap().contains(section), "{error}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_redis_only_oauth_is_unavailable() {
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let options = WorldOptions {
        variables: vec![("INLET_REDIS__URL", format!("redis://127.0.0.1:{port}"))],
        ..connect()
    };
    let world = World::start(Backend::embedded(), options).await;
    let query = "mutation { startStripeOAuth(input: { name: \"Shop\", livemode: false }) { authorizationUrl } }";
    let started = Instant::now();

    let body = world.graphql(query, json!({})).await;

    assert_eq!(body["errors"][0]["extensions"]["code"], "OAUTH_UNAVAILABLE");
    assert!(
        started.elapsed() < Duration::from_secs(1),
        "{:?}",
        started.elapsed()
    );
    let (_, key) = world.account(AccountSpec::with_payments(5));
    let id = world.connect("Shop", &key).await;
    assert_eq!(world.imported(&id).await["status"], "SUCCEEDED");
    world.end().await;
}
