//! Requests that cannot be answered.

use serde_json::{Value as Json, json};

use super::world::{World, code};

async fn refused(world: &World, query: &str) -> (String, Json) {
    let answer = world.ask(query, json!({})).await;
    assert_eq!(
        answer["errors"][0]["extensions"]["requestId"], "req_1",
        "{answer}"
    );
    assert!(answer.to_string().len() < 10_000, "{query}");
    (code(&answer).to_owned(), answer["data"].clone())
}

#[tokio::test]
async fn a_request_that_is_wrong_has_a_code_and_no_data() {
    let world = World::new().await;
    let unused = (0..500)
        .map(|index| format!("$v{index}: Int"))
        .collect::<Vec<_>>()
        .join(" ");

    for query in [
        "",
        "{",
        "{ unknown }",
        "{ payments }",
        "{ payments(first: \"1\") { totalCount } }",
        "{ payments(first: 0) { totalCount } }",
        "{ payments(first: 101) { totalCount } }",
        "{ payments(first: 99999999999) { totalCount } }",
        "{ payments(first: 1, last: 1) { totalCount } }",
        "{ payments(filter: { amount: { gte: 1.5 } }) { totalCount } }",
        "{ payments(filter: { createdAt: { gte: \"yesterday\" } }) { totalCount } }",
        "{ payments(filter: { currencies: [\"euro\"] }) { totalCount } }",
        "query A { __typename } query B { __typename }",
        "mutation { disconnect { errors { message } } }",
        &format!("query({unused}) {{ __typename }}"),
        &format!("{{ {} }}", "x".repeat(100_000)),
        &format!("{{ node(id: {}) {{ id }} }}", "[".repeat(100)),
    ] {
        assert_eq!(
            refused(&world, query).await,
            ("BAD_USER_INPUT".to_owned(), Json::Null),
            "{query:.60}"
        );
    }
}

#[tokio::test]
async fn a_syntax_error_does_not_repeat_the_query() {
    let world = World::new().await;
    let answer = world
        .ask(
            "mutation { checkApiKey(input: { apiKey: \"rk_live_secret\" ) }",
            json!({}),
        )
        .await;

    assert!(!answer.to_string().contains("secret"), "{answer}");
    assert!(answer["errors"][0]["locations"][0]["line"] == 1);
}

#[tokio::test]
async fn a_query_that_asks_for_too_much_is_refused() {
    let world = World::new().await;
    let nested = "latestImport { connection { ".repeat(9);
    let aliases: Vec<_> = (0..300)
        .map(|index| format!("a{index}: payments {{ totalCount }}"))
        .collect();
    let deep = format!(
        "{{ connections {{ nodes {{ {nested} id {}",
        " }".repeat(9 * 2 + 3)
    );

    for query in [
        "{ payments(first: 100) { nodes { refunds(first: 100) { nodes { id stripeId status reason createdAt } } } } }",
        "{ connections(first: 100) { nodes { payments(first: 100) { edges { cursor node { id stripeId status createdAt } } } } } }",
        &deep,
        &format!("{{ {} }}", aliases.join(" ")),
        &format!("{{ __typename {} }}", "@include(if: true)".repeat(20)),
    ] {
        assert_eq!(
            refused(&world, query).await,
            ("QUERY_TOO_COMPLEX".to_owned(), Json::Null),
            "{query:.60}"
        );
    }
    let all = "{ payments(first: 100) { edges { cursor node { id amount { amount currency } status createdAt } } } }";
    assert_eq!(world.ask(all, json!({})).await["errors"], json!(null));
}

#[tokio::test]
async fn what_a_caller_can_mend_is_data() {
    let world = World::new().await;
    let errors = "errors { __typename message path }";

    for (query, kind, path) in [
        (
            format!("mutation {{ a: startStripeOAuth(input: {{ name: \"x\" }}) {{ {errors} }} }}"),
            "InvalidInputError",
            "livemode",
        ),
        (
            format!(
                "mutation {{ a: connectWithApiKey(input: {{ name: \" \", apiKey: \"rk_test_x\" }}) {{ {errors} }} }}"
            ),
            "InvalidInputError",
            "name",
        ),
        (
            format!(
                "mutation {{ a: connectWithApiKey(input: {{ name: \"OURS\", apiKey: \"rk_test_0123456789abcdef\" }}) {{ {errors} }} }}"
            ),
            "InvalidInputError",
            "name",
        ),
        (
            format!(
                "mutation {{ a: connectWithApiKey(input: {{ name: \"a\\u0000b\", apiKey: \"rk_test_0123456789abcdef\" }}) {{ {errors} }} }}"
            ),
            "InvalidInputError",
            "name",
        ),
        (
            format!(
                "mutation {{ a: checkApiKey(input: {{ apiKey: \"pk_live_x\" }}) {{ permissions {{ granted }} {errors} }} }}"
            ),
            "InvalidApiKeyError",
            "apiKey",
        ),
        (
            format!(
                "mutation {{ a: createApiToken(input: {{ name: \"x\", scopes: [] }}) {{ secret {errors} }} }}"
            ),
            "InvalidInputError",
            "scopes",
        ),
    ] {
        let answer = world.ask(&query, json!({})).await;
        let error = &answer["data"]["a"]["errors"][0];
        assert_eq!(answer["errors"], json!(null), "{answer}");
        assert_eq!(
            (&error["__typename"], &error["path"]),
            (&json!(kind), &json!(["input", path]))
        );
    }
    // Nothing listens where Stripe should be.
    let query = format!(
        "mutation {{ a: checkApiKey(input: {{ apiKey: \"rk_test_0123456789abcdef\" }}) {{ {errors} }} }}"
    );
    let answer = world.ask(&query, json!({})).await;
    assert_eq!(
        answer["data"]["a"]["errors"][0]["__typename"],
        "StripeUnavailableError"
    );
    assert_eq!(answer["data"]["a"]["errors"][0]["path"], json!(null));
}

#[tokio::test]
async fn a_new_token_shows_its_secret_once() {
    let world = World::new().await;
    let query = "mutation { createApiToken(input: { name: \"x\", scopes: [PAYMENTS_READ] }) {
        secret token { id name hint scopes revokedAt } errors { message } } }";

    let answer = world.ask(query, json!({})).await;
    let made = &answer["data"]["createApiToken"];
    assert!(made["secret"].as_str().unwrap().starts_with("inl_"));
    assert_eq!(made["token"]["scopes"], json!(["PAYMENTS_READ"]));

    let revoke =
        "mutation($id: ID!) { revokeApiToken(input: { tokenId: $id }) { token { id revokedAt } } }";
    let answer = world
        .ask(revoke, json!({ "id": made["token"]["id"] }))
        .await;
    assert!(answer["data"]["revokeApiToken"]["token"]["revokedAt"].is_string());
}
