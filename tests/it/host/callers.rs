//! What callers with tokens of the host application do, and what is written down of them.

use sandbox::AccountSpec;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use tests::{HostKey, Issuer, World};

use super::support::{claims, claims_with, usual, world_of};
use crate::edge::code;

const CONNECT: &str = "mutation($input: ConnectWithApiKeyInput!) {
    connectWithApiKey(input: $input) { connection { id } errors { message } } }";

const CREATE: &str = "mutation($input: CreateApiTokenInput!) {
    createApiToken(input: $input) { secret errors { message } } }";

/// The last entry of the audit log: action, whether a token did it, detail.
async fn last_entry(world: &World, action: &str) -> (bool, Value) {
    let database = world.database().await;
    let query = format!(
        "SELECT token_id, CAST(detail AS TEXT) AS detail FROM audit_log WHERE action = '{action}' ORDER BY at DESC"
    );
    let statement = Statement::from_string(database.get_database_backend(), query);
    let row = database
        .query_one_raw(statement)
        .await
        .unwrap()
        .expect("an entry");
    let token: Option<uuid::Uuid> = row.try_get("", "token_id").unwrap();
    let detail: String = row.try_get("", "detail").unwrap();
    (token.is_some(), serde_json::from_str(&detail).unwrap())
}

#[tokio::test]
async fn the_audit_log_names_the_user() {
    let (world, issuer, key) = usual(&[]).await;
    let subject = json!({ "sub": "auth0|7\n\u{1b}[31m" });
    let token = key.sign(&claims_with(&world, &issuer, &subject));
    let (_, stripe_key) = world.account(AccountSpec::with_payments(1));

    let input = json!({ "input": { "name": "Shop", "apiKey": stripe_key } });
    let answer = world.ask_as(&token, CONNECT, input).await;

    let payload = &answer.body["data"]["connectWithApiKey"];
    assert_eq!(payload["errors"], json!([]), "{:#}", answer.body);
    let (by_token, detail) = last_entry(&world, "connection.connected").await;
    assert!(!by_token);
    assert_eq!(detail["actor"], "host:auth0|7\\n\\u{1b}[31m", "{detail:#}");
    world.end().await;
}

#[tokio::test]
async fn a_token_that_a_user_makes_ends_with_theirs() {
    let (world, issuer, key) = usual(&[]).await;
    let token = key.sign(&claims(&world, &issuer));
    let end = claims(&world, &issuer)["exp"].as_i64().unwrap();
    let at = |seconds: i64| {
        chrono::DateTime::from_timestamp(seconds, 0)
            .unwrap()
            .to_rfc3339()
    };
    let create = |end: Value| {
        let input = json!({ "name": "Büro", "scopes": ["PAYMENTS_READ"], "expiresAt": end });
        world.ask_as(&token, CREATE, json!({ "input": input }))
    };

    for later in [Value::Null, json!(at(end + 3_600))] {
        let refused = create(later.clone()).await;
        let errors = &refused.body["data"]["createApiToken"]["errors"];
        assert!(
            errors[0]["message"].as_str().unwrap().contains("end"),
            "{later}: {:#}",
            refused.body
        );
    }
    let made = create(json!(at(end - 60))).await;
    let secret = made.body["data"]["createApiToken"]["secret"].as_str();
    assert!(
        secret.is_some_and(|secret| secret.starts_with("inl_")),
        "{:#}",
        made.body
    );
    assert_eq!(
        last_entry(&world, "token.created").await.1["actor"],
        "host:user-1"
    );
    world.end().await;
}

#[tokio::test]
async fn each_user_has_an_allowance_of_their_own() {
    let key = HostKey::p256("one");
    let issuer = Issuer::start(&[&key]).await;
    let small = [
        ("INLET_LIMITS__COST_ALLOWANCE", "1000"),
        ("INLET_LIMITS__QUERY_COMPLEXITY", "1000"),
        ("INLET_LIMITS__COST_RESTORE_PER_SECOND", "1"),
    ];
    let world = world_of(&issuer, &small).await;
    let of = |subject: &str| key.sign(&claims_with(&world, &issuer, &json!({ "sub": subject })));
    let (one, other) = (of("1"), of("2"));
    // It costs 502.
    let query = "{ payments(first: 1) { totalCount } }";

    assert_eq!(code_of(&world, &one, query).await, None);

    assert_eq!(
        code_of(&world, &one, query).await.as_deref(),
        Some("RATE_LIMITED")
    );
    // A new token of the same user has no new allowance.
    assert_eq!(
        code_of(&world, &of("1"), query).await.as_deref(),
        Some("RATE_LIMITED")
    );
    assert_eq!(code_of(&world, &other, query).await, None);
    world.end().await;
}

async fn code_of(world: &World, token: &str, query: &str) -> Option<String> {
    let answer = world.ask_as(token, query, json!({})).await;
    answer
        .body
        .get("errors")
        .map(|_| code(&answer.body).to_owned())
}
