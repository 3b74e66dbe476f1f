//! A mutation that is sent again with its idempotency key is answered again, and done once.

use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::{Value, json};
use tests::{Tables, World, on_every_backend};

use super::ask::{Reply, token_of};

const CREATE: &str = "
    mutation Create($name: String!) {
      createApiToken(input: { name: $name, scopes: [PAYMENTS_READ] }) { secret token { id name } errors { message } }
    }";

async fn create(world: &World, token: &str, key: &str, name: &str) -> Reply {
    let request = world.http.post(world.url("/graphql")).bearer_auth(token);
    let request = request.header("idempotency-key", key);
    Reply::to(request.json(&json!({ "query": CREATE, "variables": { "name": name } }))).await
}

fn secret(reply: &Reply) -> Value {
    reply.json()["data"]["createApiToken"]["secret"].clone()
}

async fn tokens(world: &World) -> usize {
    let tables = Tables::open(&world.database_url()).await;
    let count = tables.count("api_tokens").await;
    tables.close().await;
    count
}

on_every_backend! {
    async fn the_same_request_is_done_once_and_answered_the_same(world: &World) {
        let before = tokens(world).await;

        let first = create(world, &world.token, "k1", "a").await;
        let again = create(world, &world.token, "k1", "a").await;
        let other = create(world, &world.token, "k2", "a").await;

        assert!(secret(&first).as_str().unwrap().starts_with("inl_"), "{}", first.text);
        assert_eq!(secret(&first), secret(&again));
        assert_eq!(again.json()["extensions"]["idempotency"]["replayed"], true);
        assert_eq!(first.json()["extensions"].get("idempotency"), None);
        assert_ne!(secret(&first), secret(&other));
        assert_eq!(tokens(world).await, before + 2);
    }

    async fn of_many_at_once_one_is_done(world: &World) {
        let before = tokens(world).await;

        let replies = join_all((0..20).map(|_| create(world, &world.token, "k", "a"))).await;

        assert_eq!(tokens(world).await, before + 1);
        let mut secrets = Vec::new();
        for reply in replies {
            if reply.text.contains("CONFLICT") {
                continue;
            }
            secrets.push(secret(&reply));
        }
        secrets.dedup();
        assert_eq!(secrets.len(), 1, "{secrets:?}");
        let later = create(world, &world.token, "k", "a").await;
        assert_eq!(secret(&later), secrets[0]);
    }

    async fn a_key_stands_for_one_request_of_one_token(world: &World) {
        let stranger = token_of(world, "default", &["TOKENS_MANAGE", "PAYMENTS_READ"]).await;
        let first = create(world, &world.token, "k", "a").await;

        let else_asked = create(world, &world.token, "k", "b").await;
        let from_else = create(world, &stranger, "k", "a").await;
        let malformed = create(world, &world.token, "two words", "a").await;

        assert_eq!(else_asked.code(), "BAD_USER_INPUT", "{}", else_asked.text);
        assert_eq!(malformed.code(), "BAD_USER_INPUT", "{}", malformed.text);
        assert_ne!(secret(&first), secret(&from_else));
    }

    async fn the_answer_is_sealed_and_forgotten_after_a_day(world: &World) {
        let first = create(world, &world.token, "k", "a").await;
        let tables = Tables::open(&world.database_url()).await;
        let everything = tables.everything().await;
        tables.close().await;
        assert!(!everything.contains(secret(&first).as_str().unwrap()), "a secret lies in the open");

        world.clock.advance(TimeDelta::hours(25));
        let next_day = create(world, &world.token, "k", "a").await;

        assert_ne!(secret(&first), secret(&next_day));
    }

    async fn the_directive_does_the_same(world: &World) {
        let query = "
            mutation Create($key: String!) {
              createApiToken(input: { name: \"a\", scopes: [PAYMENTS_READ] }) @idempotent(key: $key) { secret }
            }";
        let mut secrets = Vec::new();
        for key in ["k1", "k1", "k2"] {
            let data = world.data(query, json!({ "key": key })).await;
            secrets.push(data["createApiToken"]["secret"].clone());
        }
        let mut socket = world.socket().await;
        socket.subscribe("1", query, json!({ "key": "k1" })).await;
        let over_socket = socket.next_of("next").await;

        assert_eq!(secrets[0], secrets[1]);
        assert_ne!(secrets[0], secrets[2]);
        assert_eq!(over_socket["data"]["createApiToken"]["secret"], secrets[0]);
    }

    async fn what_failed_on_our_side_may_be_tried_again(world: &World) {
        let refused = "mutation { renameConnection(input: { connectionId: \"x\", name: \"y\" }) @idempotent(key: \"k\") { errors { message } } }";
        let first = world.graphql(refused, json!({})).await;
        let again = world.graphql(refused, json!({})).await;

        // What the user did wrong is an outcome like any other.
        assert_eq!(first["data"], again["data"], "{first:#}");
        assert_eq!(again["extensions"]["idempotency"]["replayed"], true);
    }
}
