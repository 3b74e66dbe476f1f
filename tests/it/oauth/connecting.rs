//! The good ways through.

use reqwest::header::SET_COOKIE;
use sandbox::{AccountSpec, AutoAnswer, PlatformKind};
use serde_json::json;
use tests::{World, WorldOptions, on_every_backend, totals};

use super::{
    app,
    browser::{Browser, input, platform, start, willing},
    connect,
};
use crate::connecting::{
    ask::{connection, disconnect, mutate},
    database::{count, execute, texts},
};

/// Connects and imports; the account.
async fn connects(world: &World) -> String {
    let account = willing(world, AccountSpec::with_payments(120));

    let page = Browser::new().connect(world, input("My shop")).await;

    let location = page.location.as_ref().unwrap();
    assert!(
        location.as_str().starts_with(tests::RETURN_URL),
        "{location}"
    );
    assert_eq!(page.headers["referrer-policy"], "no-referrer");
    let id = page.connection();
    let connected = connection(world, &id).await;
    assert_eq!(connected["name"], "My shop");
    assert_eq!(connected["status"], "ACTIVE");
    assert_eq!(connected["account"]["stripeId"], account);
    assert_eq!(connected["livemode"], false);
    assert_eq!(connected["apiKeyHint"], json!(null));
    assert_eq!(world.imported(&id).await["status"], "SUCCEEDED");
    assert_eq!(totals(world, &id).await.1.len(), 120);
    let calls = world.stripe.oauth_calls();
    assert_eq!((calls.exchanges, calls.deauthorizations), (1, 0));
    let entries = texts(
        world,
        ["action", "CAST(detail AS TEXT)"],
        "audit_log ORDER BY id",
    )
    .await;
    let entry = entries
        .iter()
        .find(|[action, _]| action == "connection.connected")
        .unwrap();
    assert!(entry[1].contains("oauth"), "{entry:?}");
    id
}

on_every_backend! {
    #[options(connect())]
    async fn a_connect_platform_connects_and_keeps_no_token(world: &World) {
        connects(world).await;

        assert_eq!(count(world, "connections WHERE oauth_kind = 'connect' AND credential_sealed IS NULL").await, 1);
    }

    #[options(app())]
    async fn an_app_connects_and_seals_its_tokens(world: &World) {
        connects(world).await;

        let sealed = "connections WHERE oauth_kind = 'app' AND credential_sealed IS NOT NULL AND access_expires_at IS NOT NULL";
        assert_eq!(count(world, sealed).await, 1);
    }

    #[options(connect())]
    async fn without_a_return_url_a_page_tells_how_it_ended(world: &World) {
        willing(world, AccountSpec::default());

        let page = Browser::new().connect(world, json!({ "name": "Shop", "livemode": false })).await;

        assert_eq!(page.status, 200);
        assert!(page.body.contains("is connected"), "{}", page.body);
        assert!(page.headers["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'"));
        assert_eq!(page.headers["cache-control"], "no-store");
        assert_eq!(count(world, "connections").await, 1);
    }

    #[options(connect())]
    async fn several_flows_go_on_side_by_side_in_one_browser(world: &World) {
        let browser = Browser::new();
        let one = start(world, input("One")).await;
        let other = start(world, input("Other")).await;
        willing(world, AccountSpec::default());
        let one = browser.walk(world, &one).await;
        willing(world, AccountSpec::default());
        let other = browser.walk(world, &other).await;

        let other = browser.at_gateway(world, &other).await;
        let one = browser.at_gateway(world, &one).await;

        assert_ne!(one.connection(), other.connection());
        assert_eq!(browser.secrets().len(), 2);
    }

    #[options(WorldOptions {
        oauth: Some(PlatformKind::Connect),
        variables: vec![("INLET_SERVER__PUBLIC_URL", "https://inlet.example/base".to_owned())],
        ..WorldOptions::default()
    })]
    async fn over_https_the_cookie_is_for_this_host_only(world: &World) {
        let url = start(world, input("Shop")).await;
        assert!(url.as_str().starts_with("https://inlet.example/base/oauth/stripe/authorize?flow="), "{url}");
        let mut local = url.clone();
        local.set_path("/oauth/stripe/authorize");

        let hop = Browser::new().at_gateway(world, &local).await;

        let cookie = hop.headers[SET_COOKIE].to_str().unwrap();
        assert!(cookie.starts_with("__Host-inlet-oauth-"), "{cookie}");
        for part in ["; Path=/;", "; HttpOnly", "; SameSite=Lax", "; Secure", "; Max-Age=600"] {
            assert!(cookie.contains(part), "{cookie}");
        }
        assert!(!cookie.to_lowercase().contains("domain"));
        let redirect = hop.parameter("redirect_uri").unwrap();
        assert_eq!(redirect, "https://inlet.example/base/oauth/stripe/callback");
        assert_eq!(hop.parameter("client_id").unwrap(), platform(world).client_id);
        assert_eq!(hop.parameter("scope").unwrap(), "read_write");
    }

    #[options(app())]
    async fn a_connection_is_connected_again_and_keeps_its_history(world: &World) {
        willing(world, AccountSpec::with_payments(30));
        let browser = Browser::new();
        let id = browser.connect(world, input("Shop")).await.connection();
        world.imported(&id).await;
        disconnect(world, &id, false).await;

        let mut again = input("Shop renamed");
        again["connectionId"] = json!(id);
        let page = browser.connect(world, again).await;

        assert_eq!(page.connection(), id);
        let connected = connection(world, &id).await;
        assert_eq!((&connected["status"], &connected["name"]), (&json!("ACTIVE"), &json!("Shop renamed")));
        assert_eq!(world.imported(&id).await["status"], "SUCCEEDED");
        assert_eq!(totals(world, &id).await.1.len(), 30);
    }

    #[options(connect())]
    async fn a_connection_changes_its_way_and_keeps_its_history(world: &World) {
        let account = willing(world, AccountSpec::with_payments(20));
        let key = world.stripe.create_key(&account, sandbox::Grants::All);
        let id = world.connect("Shop", &key).await;
        world.imported(&id).await;

        let mut again = input("Shop");
        again["connectionId"] = json!(id);
        let page = Browser::new().connect(world, again).await;
        assert_eq!(page.connection(), id);
        assert_eq!(count(world, "connections WHERE auth_method = 'oauth' AND api_key_hint IS NULL AND credential_sealed IS NULL").await, 1);
        assert_eq!(world.imported(&id).await["status"], "SUCCEEDED");

        assert_eq!(count(world, "webhook_endpoints WHERE state <> 'gone'").await, 0);
        let endpoints = world.stripe.webhook_endpoints(&account);
        assert!(endpoints.is_empty(), "{endpoints:#?}");

        let back = json!({ "name": "Shop", "apiKey": key, "connectionId": id });
        let payload = mutate(world, "connectWithApiKey", "connection { id }", back).await;
        assert_eq!(payload["connection"]["id"], id);
        assert_eq!(count(world, "connections WHERE auth_method = 'api_key' AND oauth_kind IS NULL AND credential_sealed IS NOT NULL").await, 1);
        assert!(!world.stripe.has_access(&platform(world).client_id, &account));
        assert_eq!(world.imported(&id).await["status"], "SUCCEEDED");
        assert_eq!(totals(world, &id).await.1.len(), 20);
    }

    #[options(connect())]
    async fn an_account_that_is_not_known_by_name_is_known_by_its_payments(world: &World) {
        let account = willing(world, AccountSpec::with_payments(5));
        let key = world.stripe.create_key(&account, sandbox::Grants::All);
        let id = world.connect("Shop", &key).await;
        world.imported(&id).await;
        let forget = "UPDATE connections SET stripe_account_id = NULL";
        assert_eq!(execute(world, forget).await, 1);
        let (_, other_key) = world.account(AccountSpec::default());
        let mut again = input("Shop");
        again["connectionId"] = json!(id);

        let by_key = json!({ "name": "Shop", "apiKey": other_key, "connectionId": id });
        let refused = mutate(world, "connectWithApiKey", "connection { id }", by_key).await;
        let other = willing(world, AccountSpec::default());
        let page = Browser::new().connect(world, again.clone()).await;
        assert!(!world.stripe.has_access(&platform(world).client_id, &other));
        let answer = AutoAnswer::Grant(account.clone());
        world.stripe.authorize_automatically(&platform(world).client_id, answer);
        let same = Browser::new().connect(world, again).await;

        assert!(refused["errors"][0]["message"].as_str().unwrap().contains("another Stripe account"), "{refused:#}");
        assert_eq!(page.error(), "OAUTH_OTHER_ACCOUNT");
        assert_eq!(same.connection(), id);
        assert_eq!(connection(world, &id).await["account"]["stripeId"], account);
    }

    #[options(connect())]
    async fn a_key_keeps_its_webhook_where_the_change_of_ways_is_not_stored(world: &World) {
        let account = willing(world, AccountSpec::with_payments(5));
        let key = world.stripe.create_key(&account, sandbox::Grants::All);
        let id = world.connect("Shop", &key).await;
        world.imported(&id).await;
        let before = world.stripe.webhook_endpoints(&account).len();
        let mut again = input("Shop");
        again["connectionId"] = json!(id);
        // The audit entry is the last thing that reconnecting writes.
        execute(world, "ALTER TABLE audit_log RENAME TO audit_away").await;

        let page = Browser::new().connect(world, again).await;
        execute(world, "ALTER TABLE audit_away RENAME TO audit_log").await;

        assert_eq!(page.error(), "INTERNAL");
        assert_eq!((before, world.stripe.webhook_endpoints(&account).len()), (1, 1));
        assert_eq!(count(world, "connections WHERE auth_method = 'api_key' AND credential_sealed IS NOT NULL").await, 1);
    }
}
