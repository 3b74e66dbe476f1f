//! Callbacks that are not what they should be: nothing is exchanged for them, and nothing stored.

use chrono::TimeDelta;
use futures_util::future::join_all;
use reqwest::Url;
use sandbox::{AccountSpec, AutoAnswer};
use serde_json::json;
use tests::{World, on_every_backend};

use super::{
    app,
    browser::{Browser, input, platform, start, willing},
    connect,
};
use crate::connecting::database::{at_rest, count, holds, texts};

fn callback(query: &str) -> Url {
    Url::parse(&format!("http://x/oauth/stripe/callback{query}")).unwrap()
}

async fn nothing_happened(world: &World) {
    assert_eq!(world.stripe.oauth_calls().exchanges, 0);
    assert_eq!(count(world, "connections").await, 0);
    assert_eq!(count(world, "imports").await, 0);
}

on_every_backend! {
    #[options(connect())]
    async fn an_unknown_state_is_refused(world: &World) {
        let unknown = "A".repeat(43);
        for query in [
            String::new(),
            "?code=ac_1".to_owned(),
            "?code=ac_1&state=".to_owned(),
            "?code=ac_1&state=x".to_owned(),
            format!("?code=ac_1&state={unknown}"),
            format!("?error=access_denied&state={unknown}"),
            format!("?code=ac_1&state={}", "A".repeat(2_000)),
            "?code=ac_1&state=%00%ff".to_owned(),
        ] {
            let page = Browser::new().at_gateway(world, &callback(&query)).await;

            assert_eq!((page.status.as_u16(), page.error().as_str()), (400, "OAUTH_STATE_INVALID"), "{query}");
        }
        let hop = Url::parse(&format!("http://x/oauth/stripe/authorize?flow={unknown}")).unwrap();
        assert_eq!(Browser::new().at_gateway(world, &hop).await.error(), "OAUTH_STATE_INVALID");
        nothing_happened(world).await;
    }

    #[options(connect())]
    async fn of_fifty_callbacks_at_once_one_is_exchanged(world: &World) {
        willing(world, AccountSpec::default());
        let browser = Browser::new();
        let callback = browser.walk(world, &start(world, input("Shop")).await).await;

        let pages = join_all((0..50).map(|_| browser.at_gateway(world, &callback))).await;

        let connected = pages.iter().filter(|page| page.parameter("connection").is_some()).count();
        let used = pages.iter().filter(|page| page.parameter("error").as_deref() == Some("OAUTH_STATE_USED")).count();
        assert_eq!((connected, used), (1, 49));
        let calls = world.stripe.oauth_calls();
        assert_eq!((calls.exchanges, calls.deauthorizations), (1, 0));
        assert_eq!(count(world, "connections").await, 1);
    }

    #[options(connect())]
    async fn a_state_ends_after_ten_minutes(world: &World) {
        willing(world, AccountSpec::default());
        let browser = Browser::new();
        let callback = browser.walk(world, &start(world, input("Shop")).await).await;
        let not_opened = start(world, input("Other")).await;
        world.clock.advance(TimeDelta::minutes(10));

        let page = browser.at_gateway(world, &callback).await;

        assert_eq!(page.error(), "OAUTH_STATE_INVALID");
        assert_eq!(page.location.unwrap().path(), "/done", "a late user is told where they came from");
        assert_eq!(browser.at_gateway(world, &not_opened).await.error(), "OAUTH_STATE_INVALID");
        nothing_happened(world).await;
    }

    #[options(connect())]
    async fn another_browser_cannot_finish_a_flow_nor_use_it_up(world: &World) {
        willing(world, AccountSpec::default());
        let (browser, attacker) = (Browser::new(), Browser::new());
        let callback = browser.walk(world, &start(world, input("Shop")).await).await;
        attacker.walk(world, &start(world, input("Other")).await).await;

        let stolen = attacker.at_gateway(world, &callback).await;
        assert_eq!((stolen.status.as_u16(), stolen.error().as_str()), (400, "OAUTH_STATE_INVALID"));
        nothing_happened(world).await;

        browser.at_gateway(world, &callback).await.connection();
        let failed = texts(world, ["CAST(detail AS TEXT)"], "audit_log WHERE action = 'connection.oauth_failed'").await;
        assert_eq!(failed.len(), 1);
        assert!(failed[0][0].contains("OAUTH_STATE_INVALID"));
    }

    #[options(connect())]
    async fn a_refusal_uses_the_state_up(world: &World) {
        world.stripe.authorize_automatically(&platform(world).client_id, AutoAnswer::Deny);
        let browser = Browser::new();
        let callback = browser.walk(world, &start(world, input("Shop")).await).await;

        let page = browser.at_gateway(world, &callback).await;
        let again = browser.walk(world, &start(world, json!({ "name": "Shop", "livemode": false })).await).await;
        let shown = browser.at_gateway(world, &again).await;
        let replayed = browser.at_gateway(world, &again).await;

        assert_eq!(page.error(), "OAUTH_ACCESS_DENIED");
        assert_eq!((shown.status.as_u16(), shown.error().as_str()), (200, "OAUTH_ACCESS_DENIED"));
        assert!(shown.body.contains("did not allow access"), "{}", shown.body);
        assert_eq!(replayed.error(), "OAUTH_STATE_USED");
        nothing_happened(world).await;
    }

    #[options(connect())]
    async fn a_revoked_token_connects_nothing(world: &World) {
        willing(world, AccountSpec::default());
        let browser = Browser::new();
        let callback = browser.walk(world, &start(world, input("Shop")).await).await;
        crate::connecting::database::execute(world, "UPDATE api_tokens SET revoked_at = created_at").await;

        let page = browser.at_gateway(world, &callback).await;

        assert_eq!(page.error(), "OAUTH_STATE_INVALID");
        nothing_happened(world).await;
    }

    #[options(app())]
    async fn neither_codes_nor_states_nor_tokens_are_at_rest(world: &World) {
        willing(world, AccountSpec::default());
        let browser = Browser::new();
        let url = start(world, input("Canary shop")).await;
        let callback = browser.walk(world, &url).await;
        let mut secrets = browser.secrets();
        secrets.extend([&url, &callback].into_iter().flat_map(|url| {
            let secret = |name: &str| matches!(name, "flow" | "state" | "code");
            url.query_pairs().filter(move |(name, _)| secret(name)).map(|(_, value)| value.into_owned())
        }));
        assert_eq!(secrets.len(), 4);

        let page = browser.at_gateway(world, &callback).await;
        page.connection();

        let stored = at_rest(world).await;
        assert!(holds(&stored, "Canary shop"));
        for secret in &secrets {
            assert!(!holds(&stored, secret), "a secret is in the database");
            assert!(!page.location.as_ref().unwrap().as_str().contains(secret.as_str()));
        }
        assert!(!holds(&stored, "access_token"));
    }
}
