//! Texts in filters and names are texts on every transport, whatever they look like (FAULTS 55 and 56).

use std::fmt::Write;

use sandbox::AccountSpec;
use serde_json::{Value, json};
use tests::{World, on_every_backend};

use super::{
    ask::token_of,
    filter_injection::{HOSTILE, LISTS},
    shop::Shop,
    transports::Way,
};

/// Names that are refused: nothing to read, signs that move others, more than a name needs.
const BAD_NAMES: [&str; 7] = [
    "",
    " \u{200b}",
    "a\u{0}b",
    "a\nb",
    "a\u{202e}b",
    "\u{1b}[31mred",
    "\u{3164}",
];

/// Names that come back as they were given.
const GOOD_NAMES: [&str; 6] = [
    "Cafe\u{301}",
    "متجر",
    "👩‍💻 shop",
    "%_\\'\";--",
    "<b>&amp;</b>",
    "{{name}}",
];

/// A query that looks for a text by every filter, each under an alias of its own.
fn looking_everywhere() -> String {
    let lists = LISTS.map(|field| format!("{field}: [$text]"));
    let others = [
        "customerId: $text",
        "paymentIntentId: $text",
        "metadata: [{ key: $text, value: $text }]",
        "metadata: [{ key: \"order_id\", value: $text }]",
        "connectionIds: [$id]",
    ];
    let filters = lists.iter().map(String::as_str).chain(others);
    let mut query = "query($text: String!, $id: ID!) { node(id: $id) { id }".to_owned();
    for (number, filter) in filters.enumerate() {
        write!(
            query,
            " f{number}: payments(filter: {{ {filter} }}) {{ totalCount }}"
        )
        .unwrap();
    }
    query + " }"
}

async fn rename(world: &World, way: Way, id: &str, name: &str) -> Value {
    let query = "mutation($input: RenameConnectionInput!) { renameConnection(input: $input) {
        connection { name } errors { __typename message path } } }";
    let input = json!({ "input": { "connectionId": id, "name": name } });
    let mut answer = way.query(world, query, input).await;
    assert_eq!(answer["errors"], Value::Null, "{way:?}: {answer}");
    answer["data"]["renameConnection"].take()
}

on_every_backend! {
    async fn hostile_texts_find_nothing_on_any_transport(world: &World) {
        let _shop = Shop::open(world, "Shop", AccountSpec::with_payments(20).with_card_details()).await;
        let query = looking_everywhere();

        for way in Way::ALL {
            // All of it is more than one token's allowance.
            let token = token_of(world, "default", &["PAYMENTS_READ", "CONNECTIONS_READ"]).await;
            for text in HOSTILE {
                let body = json!({ "query": query, "variables": { "text": text, "id": text } });
                let answer = way.ask(world, Some(&token), &body).await;
                let found = answer["data"].as_object().unwrap_or_else(|| panic!("{way:?}, {text}: {answer}"));
                assert_eq!(found.len(), LISTS.len() + 6);
                for (field, found) in found {
                    let none = found.is_null() || found["totalCount"] == "0";
                    assert!(none, "{way:?}, {field}, {text}: {found}");
                }
            }
            let all = way.query(world, "{ payments { totalCount } }", json!({})).await;
            assert_eq!(all["data"]["payments"]["totalCount"], "20", "{way:?}");
        }
    }

    async fn names_come_back_as_they_were_given_on_every_transport(world: &World) {
        let (_, key) = world.account(AccountSpec::default());
        let id = world.connect("Shop", &key).await;
        let long = "é".repeat(101);

        for name in BAD_NAMES.into_iter().chain([long.as_str()]) {
            let expected = rename(world, Way::Post, &id, name).await;
            assert_eq!(expected["errors"][0]["__typename"], "InvalidInputError", "{name:?}");
            assert_eq!(expected["errors"][0]["path"], json!(["input", "name"]), "{name:?}");
            for way in Way::WRITING {
                assert_eq!(rename(world, way, &id, name).await, expected, "{name:?}, {way:?}");
            }
        }
        let read = "query($id: ID!) { connection(id: $id) { name } }";
        for (writing, name) in Way::WRITING.into_iter().cycle().zip(GOOD_NAMES) {
            let renamed = rename(world, writing, &id, name).await;
            assert_eq!(renamed, json!({ "connection": { "name": name }, "errors": [] }), "{writing:?}");
            for way in Way::ALL {
                let answer = way.query(world, read, json!({ "id": id })).await;
                assert_eq!(answer["data"]["connection"]["name"], name, "{way:?}");
            }
        }
    }

    async fn ids_in_another_case_are_of_nothing_on_any_transport(world: &World) {
        let shop = Shop::open(world, "Shop", AccountSpec::with_payments(3)).await;
        let query = "query($id: ID!) { node(id: $id) { id } connection(id: $id) { id } }";
        let (upper, mixed) = (shop.connection.to_uppercase(), shop.connection.replacen('c', "C", 1));
        let padded = format!("{}\u{0}", shop.connection);

        let own = json!({ "id": shop.connection });
        for way in Way::ALL {
            for id in [&upper, &mixed, &padded] {
                let answer = way.query(world, query, json!({ "id": id })).await;
                let nothing = json!({ "data": { "node": null, "connection": null } });
                assert_eq!(answer, nothing, "{way:?}, {id:?}");
            }
            let answer = way.query(world, query, own.clone()).await;
            assert_eq!(answer, json!({ "data": { "node": own, "connection": own } }), "{way:?}");
        }
    }
}
