//! Giving a connection a new key.

use sandbox::{AccountSpec, Grants, Permission};
use serde_json::json;
use tests::{on_every_backend, totals};

use super::{
    ask::{
        CONNECTION, connect_as, connection, mutate_as, only_error, reconnect, start_import,
        token_of,
    },
    database::stored,
};

on_every_backend! {
    async fn a_new_key_takes_the_old_ones_place_and_the_history_stays(world: &World) {
        let (account, old) = world.account(AccountSpec::with_payments(120));
        let id = world.connect("Shop", &old).await;
        world.imported(&id).await;
        let before = totals(world, &id).await;
        let new = world.stripe.create_key(&account, Grants::AllBut(vec![Permission::PayoutRead]));
        world.stripe.revoke_key(&old);
        world.stripe.clear_requests();

        let payload = reconnect(world, &id, "Shop with a new key", &new).await;
        let after = totals(world, &id).await;
        let import = world.imported(&id).await;

        assert_eq!(payload["errors"], json!([]));
        let connection = &payload["connection"];
        assert_eq!(connection["id"], id);
        assert_eq!(connection["name"], "Shop with a new key");
        assert_eq!(connection["apiKeyHint"], new[new.len() - 4..]);
        assert!(connection["statusMessage"].as_str().unwrap().contains("Payouts"));
        assert_eq!(after, before);
        assert_eq!(import["status"], "SUCCEEDED");
        assert_eq!(totals(world, &id).await, before);
        let hints = world.asked().into_iter().map(|request| request.key_hint.unwrap());
        assert!(hints.into_iter().all(|hint| new.ends_with(&hint)), "the old key is still in use");
    }

    async fn a_new_key_mends_a_connection_whose_key_was_revoked(world: &World) {
        let (account, old) = world.account(AccountSpec::with_payments(10));
        let id = world.connect("Shop", &old).await;
        world.imported(&id).await;
        world.stripe.revoke_key(&old);
        start_import(world, &id).await;
        let failed = world.imported(&id).await;
        let broken = connection(world, &id).await;

        let new = world.stripe.create_key(&account, Grants::All);
        let payload = reconnect(world, &id, "Shop", &new).await;
        let import = world.imported(&id).await;

        assert_eq!((&failed["status"], &failed["failure"]["code"]), (&json!("FAILED"), &json!("CREDENTIALS_INVALID")));
        assert_eq!((&broken["status"], &broken["statusReason"]), (&json!("ACTION_REQUIRED"), &json!("CREDENTIALS_INVALID")));
        assert_eq!(payload["connection"]["status"], "ACTIVE");
        assert_eq!(payload["connection"]["statusReason"], json!(null));
        assert_eq!(import["status"], "SUCCEEDED");
    }

    async fn a_key_of_another_account_or_mode_is_refused(world: &World) {
        let (_, key) = world.account(AccountSpec::default());
        let (_, of_another_account) = world.account(AccountSpec::default());
        let (_, live) = world.account(AccountSpec::default().live());
        let id = world.connect("Shop", &key).await;
        world.imported(&id).await;
        let (before, was) = (stored(world).await, connection(world, &id).await);

        for other in [&of_another_account, &live] {
            let payload = reconnect(world, &id, "Another name", other).await;
            let error = only_error(&payload);
            assert_eq!(error["__typename"], "InvalidInputError", "{error}");
            assert_eq!(error["path"], json!(["input", "apiKey"]));
        }

        assert_eq!(stored(world).await, before);
        assert_eq!(connection(world, &id).await, was);
    }

    async fn a_key_that_lacks_what_is_required_does_not_replace_a_good_one(world: &World) {
        let (account, key) = world.account(AccountSpec::default());
        let lacking = world.stripe.create_key(&account, Grants::AllBut(vec![Permission::ChargeRead]));
        let id = world.connect("Shop", &key).await;
        world.imported(&id).await;
        let (before, was) = (stored(world).await, connection(world, &id).await);

        let payload = reconnect(world, &id, "Another name", &lacking).await;

        assert_eq!(only_error(&payload)["__typename"], "MissingPermissionsError");
        assert_eq!(stored(world).await, before);
        assert_eq!(connection(world, &id).await, was);
    }

    async fn a_connection_of_another_workspace_is_as_unknown_as_none(world: &World) {
        let (_, key) = world.account(AccountSpec::default());
        let other = token_of(world, "other").await;
        let theirs = connect_as(world, &other, "Theirs", &key).await;
        let theirs = theirs["connection"]["id"].as_str().unwrap().to_owned();
        let before = stored(world).await;
        world.stripe.clear_requests();

        let mut answers = Vec::new();
        for id in [
            theirs.as_str(),
            "con_00000000000000000000000000000000",
            &theirs.to_uppercase(),
            &theirs.replace("con_", "imp_"),
            "con_",
            "",
            "con_\0",
            "' OR 1=1 --",
        ] {
            answers.push(reconnect(world, id, "Mine now", &key).await);
            let input = json!({ "connectionId": id, "name": "Mine now" });
            let renamed = mutate_as(world, &world.token, "renameConnection", CONNECTION, input).await;
            answers.push(renamed["data"]["renameConnection"].clone());
            let input = json!({ "connectionId": id, "deleteData": true });
            let ended = mutate_as(world, &world.token, "disconnect", CONNECTION, input).await;
            answers.push(ended["data"]["disconnect"].clone());
        }

        for answer in &answers {
            let error = only_error(answer);
            assert_eq!(error["__typename"], "NotFoundError", "{error}");
            assert_eq!(error["path"], json!(["input", "connectionId"]));
            assert_eq!(answer, &answers[0]);
        }
        assert_eq!(stored(world).await, before);
        let probes = world.asked().into_iter().filter(|request| request.method == "POST");
        assert_eq!(probes.count(), 0, "the key was probed");
    }
}
