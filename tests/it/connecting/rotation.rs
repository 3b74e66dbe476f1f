//! Tokens that are rotated: a new secret, and the old one for a little longer.

use api::clock::Clock;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use tests::{World, on_every_backend};

use super::ask::{mutate, mutate_as, only_error, token_of, token_with};

const TOKEN: &str =
    "id name hint scopes createdAt expiresAt lastUsedAt revokedAt replacedBy { id }";

fn rotated() -> String {
    format!("secret token {{ {TOKEN} }} replaced {{ {TOKEN} }}")
}

async fn make(world: &World, input: Value) -> (String, String) {
    let payload = mutate(world, "createApiToken", "secret token { id }", input).await;
    assert_eq!(payload["errors"], json!([]));
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&payload["secret"]), text(&payload["token"]["id"]))
}

async fn rotate(world: &World, input: Value) -> Value {
    mutate(world, "rotateApiToken", &rotated(), input).await
}

async fn rotate_as(world: &World, token: &str, input: Value) -> Value {
    let mut body = mutate_as(world, token, "rotateApiToken", &rotated(), input).await;
    body["data"]["rotateApiToken"].take()
}

/// The id of a secret's token, or in which word it is refused.
async fn id_of(world: &World, secret: &str) -> Result<String, String> {
    let query = "{ viewer { token { id } } }";
    let answer = world.ask_as(secret, query, json!({})).await;
    if let Some(id) = answer.body["data"]["viewer"]["token"]["id"].as_str() {
        return Ok(id.to_owned());
    }
    assert_eq!(answer.status, 401);
    let message = answer.body["errors"][0]["message"].as_str().unwrap();
    Err(message.to_owned())
}

async fn refused(world: &World, token: &str, input: Value, field: &str, words: &str) {
    let payload = rotate_as(world, token, input).await;
    let error = only_error(&payload);
    assert_eq!(error["path"], json!(["input", field]), "{error}");
    assert!(
        error["message"].as_str().unwrap().contains(words),
        "{error}"
    );
    assert_eq!(
        (&payload["token"], &payload["secret"]),
        (&Value::Null, &Value::Null)
    );
}

fn moment(value: &Value) -> DateTime<Utc> {
    value.as_str().unwrap().parse().unwrap()
}

on_every_backend! {
    async fn both_secrets_are_good_until_the_old_one_ends(world: &World) {
        let input = json!({ "name": "Partner", "scopes": ["PAYMENTS_READ", "CONNECTIONS_READ"] });
        let (old, id) = make(world, input).await;

        let payload = rotate(world, json!({ "tokenId": id, "overlapSeconds": 600 })).await;
        let new = payload["secret"].as_str().unwrap();
        let (token, replaced) = (&payload["token"], &payload["replaced"]);

        assert_eq!(payload["errors"], json!([]));
        assert!(new.starts_with("inl_") && new.len() == 47 && new != old);
        for field in ["name", "scopes", "revokedAt"] {
            assert_eq!(token[field], replaced[field], "{field}");
        }
        assert_eq!((&token["expiresAt"], &token["lastUsedAt"], &token["replacedBy"]), (&json!(null), &json!(null), &json!(null)));
        assert_eq!(token["hint"], format!("{}…", &new[..8]));
        assert_eq!((&replaced["id"], &replaced["replacedBy"]["id"]), (&json!(id), &token["id"]));
        assert_eq!(moment(&replaced["expiresAt"]) - moment(&token["createdAt"]), TimeDelta::minutes(10));
        world.clock.advance(TimeDelta::minutes(9));
        assert_eq!(id_of(world, &old).await.as_deref(), Ok(&*id));
        assert_eq!(id_of(world, new).await.as_deref(), token["id"].as_str().ok_or(&String::new()));
        world.clock.advance(TimeDelta::minutes(2));
        assert!(id_of(world, &old).await.unwrap_err().contains("expired"));
        assert!(id_of(world, new).await.is_ok());
    }

    async fn without_an_overlap_the_old_one_ends_at_once(world: &World) {
        let (old, id) = make(world, json!({ "name": "x", "scopes": ["PAYMENTS_READ"] })).await;

        let payload = rotate(world, json!({ "tokenId": id, "overlapSeconds": 0 })).await;

        assert!(id_of(world, &old).await.unwrap_err().contains("revoked"));
        assert!(id_of(world, payload["secret"].as_str().unwrap()).await.is_ok());
        assert!(payload["replaced"]["revokedAt"].is_string());
    }

    async fn a_rotated_token_keeps_its_end_unless_another_is_given(world: &World) {
        let end = world.clock.now() + TimeDelta::minutes(30);
        let brief = json!({ "name": "x", "scopes": ["PAYMENTS_READ"], "expiresAt": end.to_rfc3339() });
        let (_, one) = make(world, brief.clone()).await;
        let (_, two) = make(world, brief).await;
        let later = world.clock.now() + TimeDelta::days(90);

        let kept = rotate(world, json!({ "tokenId": one })).await;
        let moved = rotate(world, json!({ "tokenId": two, "expiresAt": later.to_rfc3339() })).await;

        let micros = |time: DateTime<Utc>| time.timestamp_micros();
        assert_eq!(micros(moment(&kept["token"]["expiresAt"])), micros(end));
        assert_eq!(micros(moment(&moved["token"]["expiresAt"])), micros(later));
        // An hour more, as usual, would be longer than it had.
        assert_eq!(micros(moment(&kept["replaced"]["expiresAt"])), micros(end));
        assert_eq!(micros(moment(&moved["replaced"]["expiresAt"])), micros(end));
    }

    async fn a_token_is_rotated_once_and_not_after_its_end(world: &World) {
        let root = world.token.clone();
        let (_, id) = make(world, json!({ "name": "x", "scopes": ["PAYMENTS_READ"] })).await;
        let rotated = futures_util::future::join_all((0..6).map(|_| rotate(world, json!({ "tokenId": id })))).await;
        let made: Vec<_> = rotated.iter().filter(|payload| payload["errors"] == json!([])).collect();
        assert_eq!(made.len(), 1);
        refused(world, &root, json!({ "tokenId": id }), "tokenId", "already").await;
        let next = rotate(world, json!({ "tokenId": made[0]["token"]["id"] })).await;
        assert_eq!(next["errors"], json!([]));

        let (_, revoked) = make(world, json!({ "name": "x", "scopes": ["PAYMENTS_READ"] })).await;
        mutate(world, "revokeApiToken", "token { id }", json!({ "tokenId": revoked })).await;
        let end = world.clock.now() + TimeDelta::minutes(5);
        let (_, brief) = make(world, json!({ "name": "x", "scopes": ["PAYMENTS_READ"], "expiresAt": end.to_rfc3339() })).await;
        world.clock.advance(TimeDelta::minutes(6));
        for over in [revoked, brief] {
            refused(world, &root, json!({ "tokenId": over }), "tokenId", "ended").await;
        }
    }

    async fn nobody_gets_more_by_rotating(world: &World) {
        let (_, mighty) = make(world, json!({ "name": "x", "scopes": ["CONNECTIONS_WRITE", "PAYMENTS_READ"] })).await;
        let manager = token_with(world, "default", &["TOKENS_MANAGE", "PAYMENTS_READ"]).await;
        let end = world.clock.now() + TimeDelta::days(3);
        let brief = json!({ "name": "x", "scopes": ["TOKENS_MANAGE", "PAYMENTS_READ"], "expiresAt": end.to_rfc3339() });
        let (brief, own) = make(world, brief).await;
        let (_, lasting) = make(world, json!({ "name": "x", "scopes": ["PAYMENTS_READ"] })).await;
        let later = (end + TimeDelta::days(1)).to_rfc3339();

        refused(world, &manager, json!({ "tokenId": mighty }), "tokenId", "CONNECTIONS_WRITE").await;
        refused(world, &brief, json!({ "tokenId": lasting }), "expiresAt", "earlier").await;
        refused(world, &brief, json!({ "tokenId": own, "expiresAt": later }), "expiresAt", "earlier").await;

        let itself = rotate_as(world, &brief, json!({ "tokenId": own })).await;
        assert_eq!(itself["errors"], json!([]));
        assert!(id_of(world, itself["secret"].as_str().unwrap()).await.is_ok());
    }

    async fn what_cannot_be_is_refused_with_words(world: &World) {
        let root = world.token.clone();
        let (old, id) = make(world, json!({ "name": "x", "scopes": ["PAYMENTS_READ"] })).await;
        let theirs = token_of(world, "elsewhere").await;
        let theirs = id_of(world, &theirs).await.unwrap();

        for overlap in [-1, 604_801, i32::MAX, i32::MIN] {
            refused(world, &root, json!({ "tokenId": id, "overlapSeconds": overlap }), "overlapSeconds", "7 days").await;
        }
        refused(world, &root, json!({ "tokenId": id, "expiresAt": "2020-01-01T00:00:00Z" }), "expiresAt", "future").await;
        for unknown in [theirs.as_str(), "tok_00000000000000000000000000000000", "x", ""] {
            refused(world, &root, json!({ "tokenId": unknown }), "tokenId", "no such").await;
        }
        assert_eq!(id_of(world, &old).await, Ok(id));
    }
}
