//! Connecting while Stripe has trouble.

use std::time::Duration;

use sandbox::{AccountSpec, Fault, Latency, Rule};
use serde_json::{Value, json};
use tests::{WorldOptions, on_every_backend};

use super::{
    ask::{check, only_error},
    database::stored,
};

fn unavailable(payload: &Value) {
    let error = only_error(payload);
    assert_eq!(error["__typename"], "StripeUnavailableError", "{error}");
    assert_eq!(error["path"], json!(null));
}

on_every_backend! {
    async fn nothing_is_stored_while_stripe_is_away_and_connecting_works_afterwards(world: &World) {
        let (account, key) = world.account(AccountSpec::with_payments(5));
        let before = stored(world).await;
        let faults = world.stripe.faults();

        faults.down(true);
        let (connected, checked) = tokio::join!(world.try_connect("Shop", &key), check(world, &key));
        unavailable(&connected);
        unavailable(&checked);
        faults.down(false);
        faults.inject(Rule::every(1, Fault::rate_limited("global-rate")));
        unavailable(&world.try_connect("Shop", &key).await);
        faults.clear();
        faults.inject(Rule::every(1, Fault::InvalidJson).on("/v1/charges"));
        unavailable(&world.try_connect("Shop", &key).await);
        assert_eq!(stored(world).await, before);

        faults.clear();
        let payload = world.try_connect("Shop", &key).await;
        assert_eq!(payload["errors"], json!([]));
        assert_eq!(payload["connection"]["account"]["stripeId"], account);
    }

    async fn trouble_that_passes_is_not_noticed_nor_taken_for_a_missing_row(world: &World) {
        let (_, key) = world.account(AccountSpec::with_payments(5));
        let faults = world.stripe.faults();
        let trouble = [
            ("/v1/account", Fault::Unavailable),
            ("/v1/balance", Fault::BadGateway),
            ("/v1/transfers", Fault::rate_limited("endpoint-rate")),
            ("/v1/charges", Fault::TruncatedBody),
            ("/v1/events", Fault::ConnectionReset),
            ("/v1/files", Fault::InvalidJson),
            ("/v1/disputes", Fault::LockTimeout),
            ("/v1/payouts", Fault::ServerError),
            ("/v1/webhook_endpoints", Fault::Unavailable),
        ];
        for (path, fault) in trouble.clone() {
            faults.inject(Rule::next(1, fault).on(path));
        }

        let payload = world.try_connect("Shop", &key).await;

        assert_eq!(payload["errors"], json!([]));
        let rows = payload["connection"]["permissions"].as_array().unwrap();
        assert!(rows.iter().all(|row| row["granted"] == true), "{rows:#?}");
        let struck: u64 = faults.counts().values().sum();
        assert_eq!(struck, trouble.len() as u64, "{:?}", faults.counts());
    }

    #[options(WorldOptions {
        variables: vec![("INLET_STRIPE__REQUEST_TIMEOUT_SECONDS", "1".to_owned())],
        ..WorldOptions::default()
    })]
    async fn a_stripe_that_does_not_answer_in_time_is_unavailable(world: &World) {
        let (_, key) = world.account(AccountSpec::with_payments(5));
        let before = stored(world).await;
        let stall = Fault::Stall { duration: Duration::from_secs(20) };
        world.stripe.faults().inject(Rule::every(1, stall).on("/v1/payouts"));

        unavailable(&world.try_connect("Shop", &key).await);

        assert_eq!(stored(world).await, before);
        world.stripe.faults().clear();
        assert_eq!(world.try_connect("Shop", &key).await["errors"], json!([]));
    }

    async fn a_stripe_that_answers_too_slowly_to_be_asked_everything_is_unavailable(world: &World) {
        let (_, key) = world.account(AccountSpec::with_payments(5));
        let before = stored(world).await;
        world.stripe.faults().latency(Latency::fixed(Duration::from_secs(5)));

        unavailable(&world.try_connect("Shop", &key).await);

        assert_eq!(stored(world).await, before);
    }

    async fn a_stripe_that_never_answers_is_unavailable_by_default_too(world: &World) {
        let (_, key) = world.account(AccountSpec::with_payments(5));
        let before = stored(world).await;
        let stall = Fault::Stall { duration: Duration::from_mins(2) };
        world.stripe.faults().inject(Rule::every(1, stall).on("/v1/account"));

        unavailable(&world.try_connect("Shop", &key).await);

        assert_eq!(stored(world).await, before);
    }
}
