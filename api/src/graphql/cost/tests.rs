use async_graphql::{Name, Value, Variables, parser::parse_query, value};
use serde_json::json;

use super::{Bill, Prices};
use crate::graphql::paging::PageSizes;

const SCHEMA: &str = "
    directive @cost(weight: Int!) on FIELD_DEFINITION
    directive @listSize(assumedSize: Int!) on FIELD_DEFINITION
    type Query {
      payments(first: Int, last: Int): PaymentConnection!
      nodes(ids: [ID!]!): [Payment]!
      rows: [Row!]! @listSize(assumedSize: 20)
    }
    type PaymentConnection { edges: [Edge!]! nodes: [Payment!]! pageInfo: PageInfo! totalCount: Int! @cost(weight: 100) }
    type Edge { node: Payment! }
    type PageInfo { hasNextPage: Boolean! }
    type Payment { id: ID! amount: Money! refunds(first: Int, last: Int): RefundConnection! metadata: String @cost(weight: 10) }
    type Money { minorUnits: Int! }
    type RefundConnection { nodes: [Refund!]! pageInfo: PageInfo! }
    type Refund { id: ID! }
    type Row { id: ID! }";

fn bill(query: &str, variables: serde_json::Value) -> Bill {
    let document = parse_query(query).unwrap();
    let prices = Prices::read(SCHEMA);
    let variables = Variables::from_json(variables);
    let pages = PageSizes {
        usual: 25,
        most: 100,
    };
    Bill::of(&prices, &document, None, &variables, pages).unwrap()
}

fn most(query: &str) -> u64 {
    bill(query, json!({})).most()
}

#[test]
fn a_page_costs_what_its_entries_do_as_often_as_it_has_some() {
    // The list, its nodes, and an id for each of them.
    assert_eq!(most("{ payments(first: 50) { nodes { id } } }"), 2 + 50);
    assert_eq!(most("{ payments(last: 3) { nodes { id } } }"), 2 + 3);
    assert_eq!(most("{ payments { nodes { id } } }"), 2 + 25);
    assert_eq!(
        most("{ payments { edges { node { id amount { minorUnits } } } } }"),
        2 + 25 * 4
    );
    assert_eq!(
        most("{ payments(first: 50) { totalCount pageInfo { hasNextPage } } }"),
        1 + 100 + 2
    );
    assert_eq!(most("{ rows { id } }"), 1 + 20);
}

#[test]
fn lists_within_lists_multiply() {
    let query =
        "{ payments(first: 100) { nodes { metadata refunds(first: 10) { nodes { id } } } } }";

    assert_eq!(most(query), 2 + 100 * (10 + 2 + 10));
}

#[test]
fn variables_and_their_defaults_count() {
    let query = "query($n: Int = 7, $ids: [ID!]!) { payments(first: $n) { nodes { id } } nodes(ids: $ids) { id } }";

    assert_eq!(
        bill(query, json!({ "ids": ["a", "b"] })).most(),
        2 + 7 + 1 + 2
    );
    assert_eq!(
        bill(query, json!({ "ids": "a", "n": 90 })).most(),
        2 + 90 + 1 + 1
    );
}

#[test]
fn fragments_count_wherever_they_are_spread() {
    let query = "
        { payments { nodes { ...A ... on Payment { id } } } }
        fragment A on Payment { id amount { minorUnits } }";

    assert_eq!(most(query), 2 + 25 * 4);
}

#[test]
fn an_answer_costs_what_it_holds() {
    let query =
        "{ payments(first: 100) { list: nodes { id refunds { nodes { id } } } totalCount } }";
    let bill = bill(query, json!({}));
    let refunds =
        |count| value!({ "id": "p", "refunds": { "nodes": vec![value!({ "id": "r" }); count] } });
    let answer = |entries: Vec<Value>| value!({ "payments": { "list": entries, "totalCount": 2 } });

    assert_eq!(bill.of_answer(&answer(vec![])), 102);
    assert_eq!(
        bill.of_answer(&answer(vec![refunds(0), refunds(2)])),
        102 + 2 * 3 + 2
    );
    assert_eq!(
        bill.of_answer(&Value::Null),
        102,
        "what was tried was not free"
    );
    assert!(bill.of_answer(&answer(vec![refunds(25); 100])) <= bill.most());
}

#[test]
fn a_page_that_there_is_not_costs_no_more_than_the_largest() {
    let query = |size: &str| {
        format!(
            "{{ payments(first: {size}) {{ nodes {{ refunds(first: {size}) {{ nodes {{ id }} }} }} }} }}"
        )
    };

    assert_eq!(most(&query("18446744073709551615")), most(&query("100")));
    assert_eq!(most(&query("-5")), most(&query("25")));
}

#[test]
fn every_price_of_the_schema_is_found() {
    let prices = Prices::read(&crate::graphql::sdl());
    let weight = |of: &str, field: &str| {
        prices
            .of(&Name::new(of), &Name::new(field))
            .map(|price| price.weight)
    };

    assert_eq!(weight("PaymentConnection", "totalCount"), Some(500));
    assert_eq!(weight("Mutation", "connectWithApiKey"), Some(2_000));
    assert_eq!(weight("Payment", "id"), Some(1));
    assert_eq!(weight("Payment", "none"), None);
}
