//! Events of accounts that were let in come through the platform's one webhook of each mode.

use reqwest::StatusCode;
use sandbox::{Act, PaymentSpec};
use serde_json::{Value, json};
use tests::{World, on_every_backend};

use super::support::{Live, assert_like_stripe, let_in, live, post, settled, shown, states};
use crate::{
    connecting::{
        ask::{disconnect, mutate_as, token_of, until},
        database::count,
    },
    oauth::{
        app,
        browser::{Browser, input, platforms},
        connect,
    },
};

/// Lives of payments, told as they happen.
async fn payments_live(world: &World, livemode: bool) {
    let live = let_in(world, "Shop", livemode).await;
    let act = |act| world.stripe.act(&live.account, act).unwrap();
    let one = act(Act::Pay(PaymentSpec::default())).id;
    let two = act(Act::Pay(PaymentSpec::default())).id;
    act(Act::SettleFees(one.clone()));
    act(Act::SettleFees(two.clone()));
    let refund = act(Act::Refund {
        charge: one,
        amount: Some(50),
    });
    let dispute = act(Act::Dispute(two)).id;
    settled(world).await;
    assert_like_stripe(world, &live).await;

    act(Act::FailRefund(refund.id));
    act(Act::CloseDispute { dispute, won: true });
    settled(world).await;

    assert_like_stripe(world, &live).await;
    assert_eq!(states(world).await.get("dead"), None);
    let attempts = world.stripe.delivery().attempts();
    // A database that is slow for a moment is a 503, and Stripe comes again.
    assert!(
        attempts
            .iter()
            .all(|attempt| matches!(attempt.status, 200 | 503))
    );
    assert!(
        attempts
            .iter()
            .filter(|attempt| attempt.status == 200)
            .count()
            > 5
    );
}

/// A charge's event of an account, as the platform's endpoint would deliver it.
fn event(world: &World, id: &str, account: Option<&str>, livemode: bool) -> String {
    let now = world.server.app.gateway.clock().now().timestamp();
    let charge = json!({ "id": "ch_1", "object": "charge" });
    let mut event = super::support::event(id, "charge.updated", &charge, now);
    event["livemode"] = json!(livemode);
    if let Some(account) = account {
        event["account"] = json!(account);
    }
    event.to_string()
}

/// A whole way in, by another workspace's token; the token.
async fn let_in_to(world: &World, workspace: &str) -> String {
    let token = token_of(world, workspace).await;
    let mut body = mutate_as(
        world,
        &token,
        "startStripeOAuth",
        "authorizationUrl",
        input("Shop"),
    )
    .await;
    let url = body["data"]["startStripeOAuth"]["authorizationUrl"].take();
    let browser = Browser::new();
    let callback = browser
        .walk(world, &url.as_str().unwrap().parse().unwrap())
        .await;
    browser.at_gateway(world, &callback).await.connection();
    until("everything is imported", async || {
        count(world, "imports WHERE status IN ('queued', 'running')").await == 0
    })
    .await;
    token
}

async fn payments_of(world: &World, token: &str) -> Vec<Value> {
    let query = "{ payments(first: 100) { nodes { stripeId } } }";
    let mut answer = world.ask_as(token, query, json!({})).await.body;
    let nodes = answer["data"]["payments"]["nodes"].as_array_mut().unwrap();
    nodes
        .iter_mut()
        .map(|node| node["stripeId"].take())
        .collect()
}

on_every_backend! {
    #[options(connect())]
    async fn payments_come_through_a_connect_platform(world: &World) {
        payments_live(world, false).await;
    }

    #[options(connect())]
    async fn payments_of_live_mode_come_through_its_own_endpoint(world: &World) {
        payments_live(world, true).await;
    }

    #[options(app())]
    async fn payments_come_through_an_app(world: &World) {
        payments_live(world, false).await;
    }

    #[options(connect())]
    async fn each_workspace_that_an_account_let_in_is_told(world: &World) {
        let live = let_in(world, "Shop", false).await;
        let theirs = let_in_to(world, "theirs").await;

        let paid = world.stripe.act(&live.account, Act::Pay(PaymentSpec::default())).unwrap().id;
        settled(world).await;

        assert_like_stripe(world, &live).await;
        assert_eq!(payments_of(world, &theirs).await.len(), 11);
        assert!(payments_of(world, &theirs).await.contains(&json!(paid)));
        let twice = format!("inbox_events WHERE event_type = 'charge.succeeded' AND object_id = '{paid}'");
        assert_eq!(count(world, &twice).await, 2);

        // Whom one of them leaves is still told of to the other.
        disconnect(world, &live.connection, false).await;
        world.stripe.act(&live.account, Act::Pay(PaymentSpec::default())).unwrap();
        settled(world).await;
        assert_eq!(payments_of(world, &theirs).await.len(), 12);
        assert_eq!(shown(world, &live.connection).await.len(), 11);
    }

    #[options(connect())]
    async fn an_event_that_is_nobodys_is_acknowledged_and_writes_nothing(world: &World) {
        let by_key = live(world, "By key", 5).await;
        let gone = let_in(world, "Gone", false).await;
        disconnect(world, &gone.connection, false).await;
        let live = let_in(world, "Shop", false).await;
        let own = Some(live.account.as_str());
        let in_live_mode = Live { secret: platforms(world).live_webhook_secret.clone(), ..live.clone() };
        settled(world).await;
        let before = states(world).await;

        for (signer, account, livemode, why) in [
            (&live, Some("acct_somebody"), false, "nobody let it in"),
            (&live, Some(by_key.account.as_str()), false, "it is connected by a key"),
            (&live, Some(gone.account.as_str()), false, "it was disconnected"),
            (&live, None, false, "it is the platform's own"),
            (&live, own, true, "another mode than the endpoint's"),
            (&in_live_mode, own, true, "nobody let it in in this mode"),
            (&in_live_mode, own, false, "a live endpoint gets test events, too"),
        ] {
            let body = event(world, "evt_nobodys", account, livemode);
            assert_eq!(signer.deliver(world, &body).await, StatusCode::OK, "{why}");
            assert_eq!(states(world).await, before, "{why}: something was stored");
        }

        let body = event(world, "evt_forged", own, false);
        let foreign = by_key.signed(world, &body);
        for signature in [None, Some(foreign.as_str())] {
            assert_eq!(post(world, &live.path, signature, body.clone()).await, StatusCode::BAD_REQUEST);
        }
        // Nor is a platform's event one for the endpoint of a key.
        let signed = live.signed(world, &body);
        assert_eq!(post(world, &by_key.path, Some(&signed), body.clone()).await, StatusCode::BAD_REQUEST);
        assert_eq!(states(world).await, before, "something was stored");
        assert_eq!(live.deliver(world, &body).await, StatusCode::OK);
        settled(world).await;
        assert_ne!(states(world).await, before);
    }

    #[options(app())]
    async fn access_that_has_run_out_is_renewed_for_events(world: &World) {
        let live = let_in(world, "Shop", false).await;
        let hours = chrono::TimeDelta::hours(2);
        world.clock.advance(hours);
        world.stripe.advance(hours);

        let paid = world.stripe.act(&live.account, Act::Pay(PaymentSpec::default())).unwrap().id;
        world.stripe.act(&live.account, Act::Dispute(paid)).unwrap();
        settled(world).await;

        assert_like_stripe(world, &live).await;
        assert_eq!(world.stripe.oauth_calls().refreshes, 1);
    }

    #[options(app())]
    async fn access_that_ran_out_before_its_time_keeps_events_waiting_for_a_moment_only(world: &World) {
        let live = let_in(world, "Shop", false).await;
        let minutes = chrono::TimeDelta::minutes(30);
        world.clock.advance(minutes);
        world.stripe.advance(minutes);
        // Stripe's clock is ahead of ours.
        world.stripe.expire_app_tokens();

        let paid = world.stripe.act(&live.account, Act::Pay(PaymentSpec::default())).unwrap().id;
        world.stripe.act(&live.account, Act::Dispute(paid)).unwrap();
        settled(world).await;

        assert_like_stripe(world, &live).await;
        assert_eq!(world.stripe.oauth_calls().refreshes, 1);
    }
}
