//! What finding out about a key costs Stripe, and what it leaves there.

use std::time::Duration;

use sandbox::{AccountSpec, Grants, Latency, Permission};
use serde_json::json;
use tests::on_every_backend;

use super::ask::check;

on_every_backend! {
    async fn at_most_five_questions_are_under_way_at_once(world: &World) {
        let (_, key) = world.account(AccountSpec::with_payments(1));
        world.stripe.faults().latency(Latency::fixed(Duration::from_millis(30)));

        let payload = check(world, &key).await;

        assert_eq!(payload["errors"], json!([]));
        let requests = world.asked();
        let most = requests.iter().map(|request| request.in_flight).max().unwrap();
        assert!((2..=5).contains(&most), "{most} at once");
    }

    async fn nothing_is_left_behind_at_stripe(world: &World) {
        let (account, key) = world.account(AccountSpec::with_payments(1));
        let lacking = world.stripe.create_key(&account, Grants::AllBut(vec![Permission::WebhookRead]));

        for key in [&key, &lacking] {
            check(world, key).await;
        }
        world.try_connect("Lacking", &lacking).await;

        let writes: Vec<_> =
            world.asked().into_iter().filter(|request| request.method != "GET").collect();
        assert!(!writes.is_empty());
        for write in writes {
            assert!(matches!(write.status, 403 | 404), "{write:#?}");
            assert!(write.path.ends_with("_probe_00000000"), "{write:#?}");
        }
        let secret = world.stripe.create_secret_key(&account);
        let url = format!("{}/v1/webhook_endpoints", world.stripe.url());
        let endpoints = world.send(world.http.get(url).bearer_auth(secret)).await;
        assert_eq!(endpoints.body["data"], json!([]));
    }

    async fn every_question_names_the_same_version(world: &World) {
        let (_, key) = world.account(AccountSpec::default());

        check(world, &key).await;

        let requests = world.asked();
        let versions: std::collections::BTreeSet<_> =
            requests.iter().map(|request| request.version.clone()).collect();
        assert_eq!(versions.len(), 1, "{versions:?}");
        assert!(versions.iter().all(Option::is_some), "{versions:?}");
        // One for the account, and one or two for each row that can be asked for.
        assert!((20..=22).contains(&requests.len()), "{}", requests.len());
    }

    async fn an_account_that_may_not_be_read_is_known_from_the_refusal(world: &World) {
        let one = world.stripe.add_account(AccountSpec::with_payments(3).display_name("Hidden"));
        let without_the_row = world.stripe.create_key(&one, Grants::Guide);
        let (other, refused_anyway) =
            world.account(AccountSpec::with_payments(3).without_account_access());

        for (name, account, key) in [("One", one, without_the_row), ("Other", other, refused_anyway)] {
            let payload = world.try_connect(name, &key).await;

            assert_eq!(payload["errors"], json!([]), "{name}");
            let told = &payload["connection"]["account"];
            assert_eq!(told["stripeId"], account, "{name}");
            assert_eq!(told["displayName"], json!(null), "{name}");
            let id = payload["connection"]["id"].as_str().unwrap();
            assert_eq!(world.imported(id).await["status"], "SUCCEEDED", "{name}");
        }
    }

    async fn an_account_that_cannot_be_known_connects_all_the_same(world: &World) {
        let (_, key) = world.account(AccountSpec::with_payments(3));
        let refuse = sandbox::Rule::every(1, sandbox::Fault::EmptyForbidden).on("/v1/account");
        world.stripe.faults().inject(refuse);

        let payload = world.try_connect("Shop", &key).await;

        assert_eq!(payload["errors"], json!([]));
        assert_eq!(payload["connection"]["account"]["stripeId"], json!(null));
        let id = payload["connection"]["id"].as_str().unwrap();
        assert_eq!(world.imported(id).await["progress"]["importedPayments"], "3");
    }
}
