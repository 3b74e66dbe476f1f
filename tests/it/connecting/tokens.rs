//! API tokens: made, used, ended.

use api::clock::Clock;
use chrono::TimeDelta;
use sandbox::AccountSpec;
use serde_json::{Value, json};
use tests::{Answer, Socket, World, on_every_backend};

use super::ask::{mutate, mutate_as, only_error, start_import, token_of};

const TOKEN: &str = "secret token { id name hint scopes createdAt expiresAt lastUsedAt revokedAt }";

async fn make(world: &World, input: Value) -> (String, Value) {
    let mut payload = mutate(world, "createApiToken", TOKEN, input).await;
    assert_eq!(payload["errors"], json!([]));
    (
        payload["secret"].as_str().unwrap().to_owned(),
        payload["token"].take(),
    )
}

async fn viewer(world: &World, token: &str) -> Answer {
    let query = "{ viewer { scopes token { id hint name } workspace { name } } }";
    world.ask_as(token, query, json!({})).await
}

async fn revoke(world: &World, id: &str) -> Value {
    let selection = "token { id revokedAt }";
    mutate(world, "revokeApiToken", selection, json!({ "tokenId": id })).await
}

fn unauthorized(answer: &Answer, word: &str) {
    assert_eq!(answer.status, 401, "{answer:?}");
    let error = &answer.body["errors"][0];
    assert_eq!(error["extensions"]["code"], "UNAUTHENTICATED");
    assert!(error["message"].as_str().unwrap().contains(word), "{error}");
    assert!(answer.body.get("data").is_none(), "{answer:?}");
}

on_every_backend! {
    async fn a_new_token_works_and_its_secret_is_shown_once(world: &World) {
        let input = json!({ "name": "  Büro ", "scopes": ["PAYMENTS_READ", "CONNECTIONS_READ", "PAYMENTS_READ"] });

        let (secret, token) = make(world, input).await;
        let answer = viewer(world, &secret).await;
        let id = token["id"].as_str().unwrap();
        let query = "query($id: ID!) { node(id: $id) { ... on ApiToken { name hint scopes } } }";
        let again = world.data(query, json!({ "id": id })).await;

        assert!(secret.starts_with("inl_") && secret.len() == 47, "256 bits");
        assert_eq!(token["name"], "Büro");
        assert_eq!(token["hint"], format!("{}…", &secret[..8]));
        assert_eq!(token["scopes"], json!(["CONNECTIONS_READ", "PAYMENTS_READ"]));
        assert_eq!((&token["expiresAt"], &token["revokedAt"]), (&json!(null), &json!(null)));
        assert_eq!(answer.status, 200);
        assert_eq!(answer.body["data"]["viewer"]["token"]["id"], id);
        assert_eq!(answer.body["data"]["viewer"]["scopes"], token["scopes"]);
        assert_eq!(answer.body["data"]["viewer"]["workspace"]["name"], "default");
        assert!(!again.to_string().contains(&secret[8..]), "{again}");
        assert_eq!(again["node"]["hint"], token["hint"]);
    }

    async fn a_revoked_token_is_refused_from_the_next_request_on(world: &World) {
        let (secret, token) = make(world, json!({ "name": "x", "scopes": ["PAYMENTS_READ"] })).await;
        let id = token["id"].as_str().unwrap();
        let good = viewer(world, &secret).await;

        let revoked = revoke(world, id).await;
        let refused = viewer(world, &secret).await;
        let again = revoke(world, id).await;

        assert_eq!(good.status, 200);
        assert_eq!(revoked["errors"], json!([]));
        assert!(revoked["token"]["revokedAt"].is_string());
        unauthorized(&refused, "revoked");
        assert_eq!(again, revoked, "the time of the first revocation stays");
        assert_eq!(viewer(world, &world.token).await.status, 200);
    }

    async fn a_token_may_revoke_itself(world: &World) {
        let (secret, token) = make(world, json!({ "name": "x", "scopes": ["TOKENS_MANAGE"] })).await;

        let input = json!({ "tokenId": token["id"] });
        let body = mutate_as(world, &secret, "revokeApiToken", "token { revokedAt }", input).await;

        assert!(body["data"]["revokeApiToken"]["token"]["revokedAt"].is_string(), "{body:#}");
        unauthorized(&viewer(world, &secret).await, "revoked");
    }

    async fn a_token_ends_at_its_time(world: &World) {
        let end = world.clock.now() + TimeDelta::hours(1);
        let input = json!({ "name": "x", "scopes": ["PAYMENTS_READ"], "expiresAt": end.to_rfc3339() });
        let (secret, token) = make(world, input).await;

        world.clock.advance(TimeDelta::minutes(59));
        let before = viewer(world, &secret).await;
        world.clock.advance(TimeDelta::minutes(2));
        let after = viewer(world, &secret).await;

        assert!(token["expiresAt"].is_string());
        assert_eq!(before.status, 200);
        unauthorized(&after, "expired");
        assert_eq!(viewer(world, &world.token).await.status, 200);
    }

    async fn a_subscription_ends_with_its_token(world: &World) {
        let (_, key) = world.account(AccountSpec::with_payments(5));
        let id = world.connect("Shop", &key).await;
        world.imported(&id).await;
        let end = world.clock.now() + TimeDelta::hours(1);
        let input = json!({ "name": "x", "scopes": ["CONNECTIONS_READ"], "expiresAt": end.to_rfc3339() });
        let (secret, _) = make(world, input).await;
        let mut socket = Socket::open(&world.url("/graphql/ws")).await;
        socket.introduce(&secret).await;
        let query = "subscription($id: ID!) { importProgress(connectionId: $id) { status } }";
        socket.subscribe("1", query, json!({ "id": id })).await;
        let first = socket.next_of("next").await;

        world.clock.advance(TimeDelta::hours(2));
        start_import(world, &id).await;

        assert_eq!(first["data"]["importProgress"]["status"], "SUCCEEDED");
        // Nothing of the new import is told.
        let ended = socket.next().await.unwrap_err().unwrap();
        assert_eq!(u16::from(ended.code), 4403);
        assert!(ended.reason.contains("expired"), "{ended}");
    }

    async fn a_token_of_another_workspace_is_as_unknown_as_none(world: &World) {
        let other = token_of(world, "other").await;
        let theirs = viewer(world, &other).await.body["data"]["viewer"]["token"]["id"].clone();
        let theirs = theirs.as_str().unwrap();

        let mut answers = Vec::new();
        for id in [theirs, "tok_00000000000000000000000000000000", &theirs.to_uppercase(), "tok_", ""] {
            answers.push(revoke(world, id).await);
        }

        for answer in &answers {
            let error = only_error(answer);
            assert_eq!(error["__typename"], "NotFoundError");
            assert_eq!(error["path"], json!(["input", "tokenId"]));
            assert_eq!(answer, &answers[0]);
        }
        assert_eq!(viewer(world, &other).await.status, 200);
        let node = world.data("query($id: ID!) { node(id: $id) { id } }", json!({ "id": theirs })).await;
        assert_eq!(node, json!({ "node": null }));
    }
}
