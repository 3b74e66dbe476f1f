//! Payments are read by the columns of what is selected, and no others: each field alone must tell what it tells of a
//! payment of which everything is selected.

use sandbox::AccountSpec;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use tests::{World, on_every_backend};

use super::Shop;
use crate::connecting::database::execute;

/// The columns that may be empty and are no text.
const NUMBERS: [&str; 5] = [
    "fee_minor",
    "net_minor",
    "card_exp_month",
    "card_exp_year",
    "risk_score",
];

/// Fills whatever may be empty of all payments.
async fn fill(world: &World) {
    let database = world.database().await;
    let all = Statement::from_string(
        database.get_database_backend(),
        "SELECT * FROM payments LIMIT 1",
    );
    let row = database.query_one_raw(all).await.unwrap().unwrap();
    for column in row.column_names() {
        let value = match column.as_str() {
            number if NUMBERS.contains(&number) => "7".to_owned(),
            text => format!("'{}'", &text[text.len() - 2..]),
        };
        let sql = format!("UPDATE payments SET {column} = {value} WHERE {column} IS NULL");
        let filled = database.execute_unprepared(&sql).await;
        assert!(
            filled.is_ok() || !is_empty(world, &column).await,
            "{filled:?}"
        );
    }
    let sql = "UPDATE payments SET metadata = '{\"a\": \"b\"}', livemode = true, disputed = true, status = 'failed'";
    database.execute_unprepared(sql).await.unwrap();
}

async fn is_empty(world: &World, column: &str) -> bool {
    let database = world.database().await;
    let sql = format!("SELECT 1 FROM payments WHERE {column} IS NULL");
    let empty = Statement::from_string(database.get_database_backend(), sql);
    !database.query_all_raw(empty).await.unwrap().is_empty()
}

/// The selections of each field of a type that has no fields itself, alone; without those that need arguments or loaders.
async fn paths(world: &World, ty: &str) -> Vec<String> {
    let query = "query($ty: String!) { __type(name: $ty) { fields {
        name args { name } type { kind name ofType { kind name } } } } }";
    let told = world.data(query, json!({ "ty": ty })).await;
    let mut all = Vec::new();
    for field in told["__type"]["fields"].as_array().unwrap() {
        let name = field["name"].as_str().unwrap();
        let named = [&field["type"], &field["type"]["ofType"]];
        let named = named
            .into_iter()
            .rfind(|ty| ty["name"].is_string())
            .unwrap_or(&Value::Null);
        match (named["kind"].as_str(), named["name"].as_str()) {
            (Some("OBJECT"), Some("DataConnection")) | (None, _) => {}
            (Some("OBJECT"), _) if field["args"] != json!([]) => {}
            (Some("OBJECT"), Some(part)) => {
                let below = Box::pin(paths(world, part)).await;
                all.extend(below.iter().map(|path| format!("{name} {{ {path} }}")));
            }
            _ => all.push(name.to_owned()),
        }
    }
    all
}

/// Whether nothing of it is null.
fn is_whole(value: &Value) -> bool {
    match value {
        Value::Object(fields) => fields.values().all(is_whole),
        value => !value.is_null(),
    }
}

/// What is told of a part where it alone was asked for, of the whole.
fn part_of(whole: &Value, part: &Value) -> Value {
    match part {
        Value::Object(fields) => fields
            .iter()
            .map(|(name, part)| (name.clone(), part_of(&whole[name], part)))
            .collect(),
        _ => whole.clone(),
    }
}

/// The columns that tell of an outcome.
const OUTCOME: [&str; 11] = [
    "outcome_network_status",
    "outcome_type",
    "outcome_reason",
    "outcome_seller_message",
    "risk_level",
    "risk_score",
    "failure_code",
    "failure_message",
    "decline_code",
    "network_decline_code",
    "network_advice_code",
];

/// Whether an outcome is told, in a list, of one payment, and where other columns are read as well.
async fn has_outcome(world: &World, id: &Value) -> [bool; 3] {
    let query = "query($id: ID!) { payments { nodes { outcome { __typename } } } one: payment(id: $id) { outcome { __typename } }
        more: payment(id: $id) { description outcome { type declineCode } } }";
    let told = world.data(query, json!({ "id": id })).await;
    let all = [&told["payments"]["nodes"][0], &told["one"], &told["more"]];
    all.map(|payment| payment["outcome"].is_object())
}

on_every_backend! {
    async fn an_outcome_is_told_where_any_of_it_is_known(world: &World) {
        let shop = Shop::open(world, "Shop", AccountSpec::with_payments(1)).await;
        fill(world).await;
        let payments = world.data("{ payments { nodes { id } } }", json!({})).await;
        let id = &payments["payments"]["nodes"][0]["id"];
        let nothing = OUTCOME.map(|column| format!("{column} = NULL")).join(", ");

        execute(world, &format!("UPDATE payments SET {nothing}")).await;
        assert_eq!(has_outcome(world, id).await, [false; 3]);

        for column in OUTCOME {
            let value = if NUMBERS.contains(&column) { "0" } else { "'x'" };
            execute(world, &format!("UPDATE payments SET {nothing}")).await;
            execute(world, &format!("UPDATE payments SET {column} = {value}")).await;
            assert_eq!(has_outcome(world, id).await, [true; 3], "{column}");
        }
        drop(shop);
    }

    async fn every_field_alone_is_told_as_it_is_of_the_whole(world: &World) {
        let shop = Shop::open(world, "Shop", AccountSpec::with_payments(1)).await;
        fill(world).await;
        let payments = world.data("{ payments { nodes { id } } }", json!({})).await;
        let id = &payments["payments"]["nodes"][0]["id"];

        let paths = paths(world, "Payment").await;

        assert!(paths.len() > 50, "{paths:?}");
        let all = format!("query($id: ID!) {{ payment(id: $id) {{ {} }} }}", paths.join(" "));
        let whole = world.data(&all, json!({ "id": id })).await["payment"].take();
        for path in paths {
            for order in ["CREATED_AT", "AMOUNT"] {
                let query = format!(
                    "query($id: ID!) {{ one: payment(id: $id) {{ {path} }}
                       all: payments(orderBy: {{ field: {order} }}) {{ nodes {{ {path} }} }}
                       edges: payments(orderBy: {{ field: {order} }}) {{ edges {{ cursor node {{ {path} }} }} }} }}"
                );
                let told = world.data(&query, json!({ "id": id })).await;
                assert!(is_whole(&told["one"]), "{path}: {told:#}");
                assert_eq!(told["one"], part_of(&whole, &told["one"]), "{path}");
                assert_eq!(told["all"]["nodes"][0], told["one"], "{path}");
                assert_eq!(told["edges"]["edges"][0]["node"], told["one"], "{path}");
            }
        }
        drop(shop);
    }
}
