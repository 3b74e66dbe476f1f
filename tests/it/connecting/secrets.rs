//! Where keys and tokens must not be.

use sandbox::{AccountSpec, Grants};
use serde_json::json;
use tests::{World, on_every_backend};

use super::{
    ask::{CONNECTION, check, mutate, reconnect, start_import},
    database::{at_rest, holds},
};

/// The part of a secret that no hint shows.
fn middle(secret: &str) -> &str {
    &secret[12..secret.len() - 8]
}

async fn everything(world: &World) -> String {
    let connection = CONNECTION.trim_start_matches("connection");
    let query = format!(
        "{{ viewer {{ scopes workspace {{ id name }} token {{ id name hint scopes }} }}
            connections {{ nodes {connection} }} }}"
    );
    world.data(&query, json!({})).await.to_string()
}

on_every_backend! {
    async fn neither_keys_nor_tokens_are_in_the_database_or_in_answers(world: &World) {
        let (account, key) = world.account(AccountSpec::with_payments(20));
        let new_key = world.stripe.create_key(&account, Grants::All);
        let refused_key = world.stripe.create_key(&account, Grants::Only(Vec::new()));
        let mut answers = Vec::new();

        answers.push(check(world, &key).await.to_string());
        answers.push(world.try_connect("Refused", &refused_key).await.to_string());
        let payload = world.try_connect("Canary shop", &key).await;
        let id = payload["connection"]["id"].as_str().unwrap().to_owned();
        answers.push(payload.to_string());
        answers.push(world.try_connect("Again", &key).await.to_string());
        world.imported(&id).await;
        answers.push(reconnect(world, &id, "Canary shop", &new_key).await.to_string());
        world.imported(&id).await;
        let input = json!({ "name": "Canary token", "scopes": ["PAYMENTS_READ"] });
        let made = mutate(world, "createApiToken", "secret token { id hint }", input).await;
        let secret = made["secret"].as_str().unwrap().to_owned();
        answers.push(made["token"].to_string());
        world.stripe.revoke_key(&new_key);
        start_import(world, &id).await;
        answers.push(world.imported(&id).await.to_string());
        answers.push(everything(world).await);

        let stored = at_rest(world).await;
        for known in ["Canary shop", "Canary token", &account, "connection.connected"] {
            assert!(holds(&stored, known), "{known} must be found, or the search finds nothing");
        }
        for secret in [&key, &new_key, &refused_key, &secret, &world.token] {
            assert!(!holds(&stored, middle(secret)), "a secret is in the database");
            for answer in &answers {
                assert!(!answer.contains(middle(secret)), "a secret is in {answer}");
            }
        }
    }

    async fn malformed_requests_do_not_get_their_key_back(world: &World) {
        let (_, key) = world.account(AccountSpec::default());
        let mutation = "mutation M($input: ConnectWithApiKeyInput!) {
            connectWithApiKey(input: $input) { connection { id } } }";
        let inline = |input: String| format!("mutation {{ connectWithApiKey(input: {input}) {{ errors {{ message }} }} }}");

        let mut told = Vec::new();
        for (query, variables) in [
            (mutation.to_owned(), json!({ "input": { "name": "x", "apiKey": [&key] } })),
            (mutation.to_owned(), json!({ "input": { "name": "x", "apiKey": { "key": &key } } })),
            (mutation.to_owned(), json!({ "input": { "name": "x", "apikey": &key } })),
            (mutation.to_owned(), json!({ "input": { "name": 1, "apiKey": &key } })),
            (mutation.to_owned(), json!({ "input": &key })),
            (mutation.to_owned(), json!({ "input": [{ "name": "x", "apiKey": &key }] })),
            (mutation.to_owned(), json!({ "input": { "name": { "x": 1 }, "apiKey": &key } })),
            (inline(format!("{{ name: \"x\", apiKey: {key} }}")), json!({})),
            (inline(format!("{{ name: \"x\", apiKey: [\"{key}\"] }}")), json!({})),
            (inline(format!("{{ name: 1, apiKey: \"{key}\" }}")), json!({})),
            (inline(format!("{{ name: \"x\", key: \"{key}\" }}")), json!({})),
            (inline(format!("\"{key}\"")), json!({})),
        ] {
            let body = world.graphql(&query, variables).await;

            assert!(body["errors"].is_array(), "{query} answered {body:#}");
            let message = body["errors"][0]["message"].as_str().unwrap().to_owned();
            if body.to_string().contains(middle(&key)) {
                told.push(message);
            }
        }
        assert_eq!(told, Vec::<String>::new());
        assert!(world.asked().is_empty());
    }
}
