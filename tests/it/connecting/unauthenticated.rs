//! Requests without a good token.

use sandbox::AccountSpec;
use serde_json::{Value, json};
use tests::{Socket, on_every_backend};

use super::scopes::{ENTRANCES, errors};

on_every_backend! {
    async fn without_a_token_every_entrance_is_closed(world: &World) {
        let (_, key) = world.account(AccountSpec::default());
        let id = world.connect("Shop", &key).await;

        for (_, operation) in ENTRANCES {
            let operation = operation.replace("ID", &id);
            let errors = errors(world, None, &operation).await;

            assert_eq!(errors.len(), 1, "{operation}: {errors:#?}");
            assert_eq!(errors[0]["extensions"]["code"], "UNAUTHENTICATED", "{operation}: {errors:#?}");
        }
    }

    async fn the_schema_says_its_name_to_everybody(world: &World) {
        let request = world.http.post(world.url("/graphql")).json(&json!({ "query": "{ __typename }" }));

        let answer = world.send(request).await;

        assert_eq!(answer.status, 200);
        assert_eq!(answer.body, json!({ "data": { "__typename": "Query" } }));
    }

    async fn a_token_that_is_none_is_refused_even_for_what_needs_none(world: &World) {
        let unknown = format!("inl_{}", "A".repeat(43));
        let (long, huge) = (format!("Bearer inl_{}", "A".repeat(500)), format!("Bearer {}", "A".repeat(8_000)));

        for value in [
            "", "Bearer", "Bearer ", &format!("Bearer {unknown}"), &unknown, "Bearer inl_", "Bearer x y",
            &format!("Basic {unknown}"), &format!("Bearer {} x", world.token), &format!("Bearer {}", &world.token[1..]),
            &format!("Bearer {}", world.token.to_uppercase()), &format!("Bearer {}é", world.token), &long, &huge,
        ] {
            let request = world.http.post(world.url("/graphql")).header("authorization", value);
            let answer = world.send(request.json(&json!({ "query": "{ __typename }" }))).await;

            assert_eq!(answer.status, 401, "{value:?}: {answer:?}");
            assert_eq!(answer.body["errors"][0]["extensions"]["code"], "UNAUTHENTICATED", "{value:?}");
            assert!(!answer.body.to_string().contains(&world.token[8..]), "{value:?}");
        }
        let twice = world.http.post(world.url("/graphql"));
        let twice = twice.bearer_auth(&world.token).bearer_auth(&world.token);
        let answer = world.send(twice.json(&json!({ "query": "{ __typename }" }))).await;
        assert_eq!(answer.status, 400, "{answer:?}");
    }

    async fn a_socket_with_a_bad_token_is_closed_as_forbidden(world: &World) {
        for value in ["Bearer x", &format!("Bearer inl_{}", "A".repeat(43)), ""] {
            let mut socket = Socket::open(&world.url("/graphql/ws")).await;
            let payload = json!({ "Authorization": value });
            socket.send(json!({ "type": "connection_init", "payload": payload })).await;

            let closed = loop {
                match socket.next().await {
                    Ok(message) => assert_ne!(message["type"], "connection_ack", "{value:?}: {message}"),
                    Err(closed) => break closed,
                }
            };
            assert_eq!(closed.map(|frame| u16::from(frame.code)), Some(4403), "{value:?}");
        }
    }

    async fn the_token_is_read_however_its_scheme_is_written(world: &World) {
        for scheme in ["Bearer", "bearer", "BEARER "] {
            let request = world.http.post(world.url("/graphql"));
            let request = request.header("authorization", format!("{scheme} {}", world.token));
            let answer = world.send(request.json(&json!({ "query": "{ viewer { workspace { name } } }" }))).await;

            assert_eq!(answer.status, 200, "{scheme}");
            assert_ne!(answer.body["data"]["viewer"]["workspace"]["name"], Value::Null, "{scheme}");
        }
    }
}
