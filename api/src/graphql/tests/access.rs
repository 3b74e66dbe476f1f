//! Who may ask for what.

use serde_json::json;

use super::world::{World, code, id};
use crate::auth::Scope;

/// A field of every kind at the root, and the scope that it needs.
fn fields(world: &World) -> Vec<(String, Option<Scope>)> {
    let connection = id(world.ours.connection);
    let read = Some(Scope::ConnectionsRead);
    let write = Some(Scope::ConnectionsWrite);
    let payments = Some(Scope::PaymentsRead);
    let tokens = Some(Scope::TokensManage);
    let node = |id: String| format!("{{ node(id: \"{id}\") {{ id }} }}");
    let nodes = |id: String| format!("{{ nodes(ids: [\"{id}\"]) {{ id }} }}");
    let mutation = |field: &str, input: &str| {
        format!("mutation {{ {field}(input: {{ {input} }}) {{ errors {{ message }} }} }}")
    };
    let of_connection = format!("connectionId: \"{connection}\"");
    vec![
        ("{ viewer { scopes } }".to_owned(), None),
        ("{ stripePermissions { resource } }".to_owned(), None),
        (node(id(world.ours.workspace)), None),
        (node(id(world.ours.token)), tokens),
        (node(connection.clone()), read),
        (nodes(id(world.ours.import)), read),
        (node(id(world.ours.payments[0])), payments),
        (nodes(id(world.ours.refund)), payments),
        (nodes(id(world.ours.dispute)), payments),
        (
            format!("{{ connection(id: \"{connection}\") {{ id }} }}"),
            read,
        ),
        ("{ connections { totalCount } }".to_owned(), read),
        ("{ payment(id: \"pay_x\") { id } }".to_owned(), payments),
        ("{ payments { totalCount } }".to_owned(), payments),
        ("{ paymentStats { attempts } }".to_owned(), payments),
        (mutation("startStripeOAuth", "name: \"x\""), write),
        (
            mutation("connectWithApiKey", "name: \"x\", apiKey: \"x\""),
            write,
        ),
        (mutation("checkApiKey", "apiKey: \"x\""), write),
        (mutation("rebuildWebhook", &of_connection), write),
        (
            mutation("renameConnection", &format!("{of_connection}, name: \"x\"")),
            write,
        ),
        (mutation("startImport", &of_connection), write),
        (mutation("cancelImport", "importId: \"x\""), write),
        (mutation("disconnect", "connectionId: \"x\""), write),
        (
            mutation("createApiToken", "name: \"x\", scopes: []"),
            tokens,
        ),
        (mutation("revokeApiToken", "tokenId: \"x\""), tokens),
    ]
}

#[tokio::test]
async fn without_a_token_nothing_answers_but_that_it_is_there() {
    let world = World::new().await;

    for (query, _) in fields(&world) {
        let answer = world.ask_anonymously(&query).await;
        assert_eq!(code(&answer), "UNAUTHENTICATED", "{query}");
        assert_eq!(answer["errors"][0]["extensions"]["requestId"], "req_1");
    }
    let there = world.ask_anonymously("{ __typename }").await;
    assert_eq!(there["errors"], json!(null));
    for query in [
        "{ __schema { queryType { name } } }",
        "{ ...Types } fragment Types on Query { ... { t: __type(name: \"Payment\") { name } } }",
    ] {
        let answer = world.ask_anonymously(query).await;
        assert_eq!(code(&answer), "UNAUTHENTICATED", "{query}");
        assert_eq!(world.ask(query, json!({})).await["errors"], json!(null));
    }
}

#[tokio::test]
async fn every_field_asks_for_its_scope_and_no_other() {
    let world = World::new().await;

    for (query, scope) in fields(&world) {
        for missing in Scope::ALL {
            let others: Vec<_> = Scope::ALL
                .into_iter()
                .filter(|scope| *scope != missing)
                .collect();
            let answer = world.ask_with(&others, &query, json!({})).await;
            let forbidden = code(&answer) == "FORBIDDEN";
            assert_eq!(
                forbidden,
                scope == Some(missing),
                "{query} without {missing}: {answer}"
            );
            let message = answer["errors"][0]["message"].as_str().unwrap_or_default();
            assert!(!forbidden || message.contains(missing.as_str()));
        }
    }
}

#[tokio::test]
async fn what_hangs_on_a_thing_asks_for_its_own_scope() {
    let world = World::new().await;
    let connection = json!({ "id": id(world.ours.connection) });
    let payment = json!({ "id": id(world.ours.payments[0]) });

    let query = "query($id: ID!) { connection(id: $id) { name payments { nodes { id } } } }";
    let answer = world
        .ask_with(&[Scope::ConnectionsRead], query, connection)
        .await;
    assert_eq!(
        (code(&answer), &answer["data"]),
        ("FORBIDDEN", &json!({ "connection": null }))
    );

    let query = "query($id: ID!) { payment(id: $id) { stripeId connection { name } } }";
    let answer = world.ask_with(&[Scope::PaymentsRead], query, payment).await;
    assert_eq!(
        (code(&answer), &answer["data"]),
        ("FORBIDDEN", &json!({ "payment": null }))
    );
}
