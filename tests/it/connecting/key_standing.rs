//! Keys of the right kind that Stripe does not take.

use std::collections::BTreeSet;

use sandbox::{AccountSpec, Grants};
use serde_json::json;
use tests::on_every_backend;

use super::{
    ask::{check, only_error},
    database::stored,
};

on_every_backend! {
    async fn a_key_that_stripe_refuses_is_refused_with_its_own_sentence(world: &World) {
        let (account, _) = world.account(AccountSpec::with_payments(1));
        let key = || world.stripe.create_key(&account, Grants::All);
        let (revoked, expired, elsewhere) = (key(), key(), key());
        world.stripe.revoke_key(&revoked);
        world.stripe.expire_key(&expired);
        world.stripe.restrict_key_to_other_ips(&elsewhere);
        let never_made = format!("rk_test_51{}", "x".repeat(40));
        let before = stored(world).await;
        let mut sentences = BTreeSet::new();

        for (key, sentence) in [
            (&revoked, "deleted or rolled"),
            (&never_made, "deleted or rolled"),
            (&expired, "has expired"),
            (&elsewhere, "IP address"),
        ] {
            for payload in [world.try_connect("Shop", key).await, check(world, key).await] {
                let error = only_error(&payload);
                assert_eq!(error["__typename"], "InvalidApiKeyError", "{error}");
                assert_eq!(error["path"], json!(["input", "apiKey"]));
                let message = error["message"].as_str().unwrap();
                assert!(message.contains(sentence), "{message}");
                assert!(!payload.to_string().contains(&key[8..20]), "{message}");
                sentences.insert(message.to_owned());
            }
        }

        assert_eq!(sentences.len(), 3, "{sentences:#?}");
        assert_eq!(stored(world).await, before);
    }

    async fn a_refused_key_is_not_tried_again(world: &World) {
        let (_, key) = world.account(AccountSpec::default());
        world.stripe.revoke_key(&key);

        let payload = world.try_connect("Shop", &key).await;

        assert_eq!(only_error(&payload)["__typename"], "InvalidApiKeyError");
        let requests = world.asked();
        assert!((1..=6).contains(&requests.len()), "{requests:#?}");
    }

    async fn a_key_that_works_again_connects(world: &World) {
        let (account, key) = world.account(AccountSpec::default());
        world.stripe.restrict_key_to_other_ips(&key);
        let refused = world.try_connect("Shop", &key).await;
        world.stripe.restore_key(&key);

        let connected = world.try_connect("Shop", &key).await;

        assert_eq!(only_error(&refused)["__typename"], "InvalidApiKeyError");
        assert_eq!(connected["errors"], json!([]));
        assert_eq!(connected["connection"]["account"]["stripeId"], account);
    }
}
