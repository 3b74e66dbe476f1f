//! What people paste in place of a restricted key.

use std::collections::{BTreeMap, BTreeSet};

use sandbox::AccountSpec;
use serde_json::json;
use tests::{WorldOptions, on_every_backend};

use super::{
    ask::{check, only_error},
    database::stored,
};

/// What is pasted, and what its own sentence says.
const REFUSED: [(&str, &str); 35] = [
    ("", "is empty"),
    (" \t\n ", "is empty"),
    ("rk_test_", "ends after its prefix"),
    ("rk_live_", "ends after its prefix"),
    ("rk_test_51CANARY CANARY", "a space, a line break"),
    ("rk_test_51CANARY\tCANARY", "a space, a line break"),
    ("rk_test_51CANARY\nCANARY", "a space, a line break"),
    ("rk_test_51CANARY\u{a0}CANARY", "a space, a line break"),
    ("rk_test_51CANARY\0CANARY", "a space, a line break"),
    ("\0rk_test_51CANARY", "a space, a line break"),
    ("rk_test_51CANARYä", "a space, a line break"),
    ("rk_test_51CANARY\u{200b}", "a space, a line break"),
    ("rk_test_51CANARY\u{202e}", "a space, a line break"),
    ("rk_test_********CANARY", "hidden behind asterisks"),
    ("rk_test_••••CANARY", "hidden behind asterisks"),
    ("rk_test_51CANARY…", "hidden behind asterisks"),
    ("pk_live_51CANARY", "a publishable key"),
    ("pk_test_51CANARY", "a publishable key"),
    ("sk_live_51CANARY", "a secret key, which allows everything"),
    ("sk_test_51CANARY", "a secret key, which allows everything"),
    ("sk_org_live_51CANARY", "an organization key"),
    ("sk_org_test_51CANARY", "an organization key"),
    ("mk_1CANARY", "a managed key"),
    ("ek_test_CANARY", "an ephemeral key"),
    ("whsec_CANARY", "the signing secret of a webhook"),
    ("ca_CANARY", "the client id of a Connect platform"),
    ("ac_CANARY", "an OAuth code"),
    ("acct_1CANARY", "the id of a Stripe account"),
    ("CANARY", "not a Stripe API key"),
    ("rk_prod_51CANARY", "not a Stripe API key"),
    ("rk_51CANARY", "not a Stripe API key"),
    ("RK_TEST_51CANARY", "not a Stripe API key"),
    ("\"rk_test_51CANARY\"", "not a Stripe API key"),
    ("Bearer_rk_test_51CANARY", "not a Stripe API key"),
    ("inl_CANARY", "not a Stripe API key"),
];

on_every_backend! {
    async fn what_is_no_restricted_key_is_told_apart_and_never_shown_to_stripe(world: &World) {
        let before = stored(world).await;
        let too_long = format!("rk_test_51{}", "CANARY".repeat(2_000));
        let all = REFUSED.into_iter().chain([(too_long.as_str(), "too long")]);
        let mut sentences: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();

        for (key, sentence) in all {
            let connected = world.try_connect("Shop", key).await;
            let checked = check(world, key).await;

            for payload in [&connected, &checked] {
                let error = only_error(payload);
                assert_eq!(error["__typename"], "InvalidApiKeyError", "{key:?}: {error}");
                assert_eq!(error["path"], json!(["input", "apiKey"]), "{key:?}");
                let message = error["message"].as_str().unwrap();
                assert!(message.contains(sentence), "{key:?}: {message}");
                assert!(!payload.to_string().contains("CANARY"), "{key:?}: {message}");
                sentences.entry(sentence).or_default().insert(message.to_owned());
            }
        }

        let different: BTreeSet<_> = sentences.values().flatten().collect();
        assert_eq!(different.len(), sentences.len(), "{sentences:#?}");
        assert!(world.asked().is_empty(), "{:#?}", world.asked());
        assert_eq!(stored(world).await, before);
    }

    #[options(WorldOptions {
        variables: vec![("INLET_STRIPE__ALLOW_SECRET_KEYS", "true".to_owned())],
        ..WorldOptions::default()
    })]
    async fn a_secret_key_is_taken_where_the_operator_allows_it(world: &World) {
        let account = world.stripe.add_account(AccountSpec::with_payments(5));
        let key = world.stripe.create_secret_key(&account);

        let payload = world.try_connect("Shop", &key).await;
        let organization = world.try_connect("Another", "sk_org_test_51abc").await;

        assert_eq!(payload["errors"], json!([]));
        assert_eq!(payload["connection"]["account"]["stripeId"], account);
        assert_eq!(payload["connection"]["apiKeyHint"], key[key.len() - 4..]);
        assert_eq!(only_error(&organization)["__typename"], "InvalidApiKeyError");
        let id = payload["connection"]["id"].as_str().unwrap();
        assert_eq!(world.imported(id).await["status"], "SUCCEEDED");
    }

    async fn blanks_around_a_key_do_not_matter(world: &World) {
        let (account, key) = world.account(AccountSpec::default());

        let payload = world.try_connect("Shop", &format!(" \r\n\t{key}\u{a0}\n")).await;

        assert_eq!(payload["errors"], json!([]));
        assert_eq!(payload["connection"]["account"]["stripeId"], account);
        assert_eq!(payload["connection"]["apiKeyHint"], key[key.len() - 4..]);
    }
}
