//! What the receiver takes, and what it refuses.

use futures_util::future::join_all;
use reqwest::StatusCode;
use sandbox::{Act, PaymentSpec, Resource};
use serde_json::{Value, json};
use tests::on_every_backend;

use super::support::{Live, assert_like_stripe, event, live, post, settled, states};

/// A body that no signature is for yet.
fn charge_event(world: &tests::World, live: &Live, id: &str) -> Value {
    let charge = world
        .stripe
        .ledger(&live.account)
        .charge_ids
        .into_iter()
        .next()
        .unwrap();
    let charge = world
        .stripe
        .object(&live.account, Resource::Charge, &charge)
        .unwrap();
    let now = world.server.app.gateway.clock().now().timestamp();
    event(id, "charge.updated", &charge, now)
}

on_every_backend! {
    async fn a_payment_at_stripe_is_there_moments_later(world: &World) {
        let live = live(world, "Shop", 20).await;

        world.stripe.act(&live.account, Act::Pay(PaymentSpec::default())).unwrap();
        settled(world).await;

        assert_like_stripe(world, &live).await;
        assert_eq!(states(world).await.get("dead"), None);
        let query = "query($id: ID!) { connection(id: $id) { webhook { status lastEventAt } } }";
        let shown = world.data(query, json!({ "id": live.connection })).await;
        assert_eq!(shown["connection"]["webhook"]["status"], "ACTIVE");
        assert!(shown["connection"]["webhook"]["lastEventAt"].is_string());
    }

    async fn what_stripe_did_not_sign_is_refused(world: &World) {
        let live = live(world, "Shop", 5).await;
        let body = charge_event(world, &live, "evt_forged").to_string();
        let signed = live.signed(world, &body);
        let now = world.server.app.gateway.clock().now().timestamp();
        let at = |offset: i64| sandbox::sign(&live.secret, now + offset, &body);
        let foreign = sandbox::sign("whsec_other", now, &body);
        let many = format!("t={now}{}", ",v1=00".repeat(10_000));

        for signature in [None, Some(""), Some("t=1"), Some(&foreign), Some(&at(-301)), Some(&at(120)), Some(&many)] {
            let status = post(world, &live.path, signature, body.clone()).await;
            assert_eq!(status, StatusCode::BAD_REQUEST, "{signature:.60?}");
        }
        // The same with another space is another body.
        let changed = body.replacen(':', ": ", 1);
        assert_eq!(post(world, &live.path, Some(&signed), changed).await, StatusCode::BAD_REQUEST);
        assert_eq!(states(world).await.len(), 0, "something was stored");
        assert_eq!(post(world, &live.path, Some(&signed), body).await, StatusCode::OK);
    }

    async fn what_is_no_event_or_too_large_is_refused(world: &World) {
        let live = live(world, "Shop", 5).await;

        for body in ["", "{", "[]", "{}", r#"{"id":"evt_1","type":"a","created":1,"livemode":false}"#] {
            assert_eq!(live.deliver(world, body).await, StatusCode::BAD_REQUEST, "{body}");
        }
        let large = "x".repeat(1_048_577);
        assert_eq!(live.deliver(world, &large).await, StatusCode::PAYLOAD_TOO_LARGE);
        let unknown = "/webhooks/stripe/00000000-0000-7000-8000-000000000000";
        let body = charge_event(world, &live, "evt_1").to_string();
        let signed = live.signed(world, &body);
        assert_eq!(post(world, unknown, Some(&signed), body.clone()).await, StatusCode::NOT_FOUND);
        assert_eq!(post(world, "/webhooks/stripe/x", Some(&signed), body).await, StatusCode::NOT_FOUND);
        assert_eq!(states(world).await.len(), 0, "something was stored");
    }

    async fn an_event_that_comes_a_hundred_times_has_one_effect(world: &World) {
        let live = live(world, "Shop", 5).await;
        let body = charge_event(world, &live, "evt_once").to_string();

        let answers = join_all((0..100).map(|_| live.deliver(world, &body))).await;
        settled(world).await;

        assert!(answers.iter().all(|status| *status == StatusCode::OK));
        assert_eq!(states(world).await.values().sum::<usize>(), 1);
        assert_like_stripe(world, &live).await;
    }

    async fn an_event_of_another_account_or_mode_writes_nothing(world: &World) {
        let other = live(world, "Other shop", 5).await;
        let live = live(world, "Shop", 5).await;
        let event = charge_event(world, &live, "evt_foreign");

        // Signed with the other endpoint's secret, for this one.
        let body = event.to_string();
        let by_other = other.signed(world, &body);
        assert_eq!(post(world, &live.path, Some(&by_other), body).await, StatusCode::BAD_REQUEST);
        for (field, value) in [("livemode", json!(true)), ("account", json!("acct_somebody"))] {
            let mut foreign = event.clone();
            foreign[field] = value;
            assert_eq!(live.deliver(world, &foreign.to_string()).await, StatusCode::OK, "{field}");
        }
        // Nobody has authorized anything at the platform's endpoint.
        let body = event.to_string();
        let signed = live.signed(world, &body);
        assert_eq!(post(world, "/webhooks/stripe", Some(&signed), body).await, StatusCode::BAD_REQUEST);

        assert_eq!(states(world).await.len(), 0, "something was stored");
    }

    async fn both_secrets_are_good_while_a_webhook_is_rebuilt(world: &World) {
        let live = live(world, "Shop", 5).await;
        let rebuild = "mutation($id: ID!) { rebuildWebhook(input: { connectionId: $id }) { webhook { stripeId } errors { message } } }";
        let rebuilt = world.data(rebuild, json!({ "id": live.connection })).await;
        let endpoint = rebuilt["rebuildWebhook"]["webhook"]["stripeId"].as_str().unwrap();
        let secret = world.stripe.endpoint_secret(endpoint).unwrap();
        let renewed = Live { secret, account: live.account.clone(), connection: live.connection.clone(), path: live.path.clone() };

        let old = charge_event(world, &live, "evt_old").to_string();
        let new = charge_event(world, &live, "evt_new").to_string();
        assert_eq!(live.deliver(world, &old).await, StatusCode::OK);
        assert_eq!(renewed.deliver(world, &new).await, StatusCode::OK);
    }
}
