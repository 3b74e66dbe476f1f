//! Tokens that are not made.

use serde_json::{Value, json};
use tests::on_every_backend;

use super::{
    ask::{mutate, mutate_as, only_error, token_with},
    database::stored,
};

const TOKEN: &str = "secret token { id scopes }";

fn refused(payload: &Value, field: &str) {
    let error = only_error(payload);
    assert_eq!(error["__typename"], "InvalidInputError", "{error}");
    assert_eq!(error["path"], json!(["input", field]), "{error}");
}

on_every_backend! {
    async fn a_token_needs_a_name_a_scope_and_an_end_that_is_to_come(world: &World) {
        let before = stored(world).await;
        let (long, huge) = ("é".repeat(101), "x".repeat(200_000));

        for name in ["", "  ", "a\0b", "a\nb", "a\u{7f}b", "\u{1b}[31m", &long, &huge] {
            let input = json!({ "name": name, "scopes": ["PAYMENTS_READ"] });
            refused(&mutate(world, "createApiToken", TOKEN, input).await, "name");
        }
        let input = json!({ "name": "x", "scopes": [] });
        refused(&mutate(world, "createApiToken", TOKEN, input).await, "scopes");
        for end in ["2020-01-01T00:00:00Z", "0001-01-01T00:00:00Z"] {
            let input = json!({ "name": "x", "scopes": ["PAYMENTS_READ"], "expiresAt": end });
            refused(&mutate(world, "createApiToken", TOKEN, input).await, "expiresAt");
        }
        for input in [
            json!({ "name": "x", "scopes": ["EVERYTHING"] }),
            json!({ "name": "x", "scopes": ["payments_read"] }),
            json!({ "name": "x", "scopes": ["PAYMENTS_READ"], "expiresAt": "tomorrow" }),
            json!({ "name": "x", "scopes": ["PAYMENTS_READ"], "expiresAt": "2030-01-01" }),
        ] {
            let body = mutate_as(world, &world.token, "createApiToken", TOKEN, input.clone()).await;
            assert_eq!(body["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{input} answered {body:#}");
        }

        assert_eq!(stored(world).await, before);
    }

    async fn a_token_hands_on_no_more_than_it_may_itself(world: &World) {
        let manager = token_with(world, "default", &["TOKENS_MANAGE", "PAYMENTS_READ"]).await;
        let before = stored(world).await;
        let make = async |scopes: Value| {
            let input = json!({ "name": "x", "scopes": scopes });
            let mut body = mutate_as(world, &manager, "createApiToken", TOKEN, input).await;
            body["data"]["createApiToken"].take()
        };

        for beyond in ["CONNECTIONS_READ", "CONNECTIONS_WRITE"] {
            let payload = make(json!(["PAYMENTS_READ", beyond])).await;
            refused(&payload, "scopes");
            let message = payload["errors"][0]["message"].as_str().unwrap();
            assert!(message.contains(beyond), "{message}");
        }
        assert_eq!(stored(world).await, before);

        let payload = make(json!(["PAYMENTS_READ", "TOKENS_MANAGE"])).await;
        assert_eq!(payload["errors"], json!([]));
        assert_eq!(payload["token"]["scopes"], json!(["PAYMENTS_READ", "TOKENS_MANAGE"]));
    }
}
