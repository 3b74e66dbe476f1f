//! Filters that make no sense are refused, on both databases alike, and name what is wrong.

use serde_json::{Value, json};
use tests::{World, on_every_backend};

use super::{
    ask::{Reply, code, message},
    shop::ask_page,
};

const LISTS: [&str; 8] = [
    "methodTypes",
    "cardBrands",
    "cardFundings",
    "bins",
    "issuers",
    "declineCodes",
    "stripeIds",
    "connectionIds",
];

async fn refused(world: &World, filter: Value) -> String {
    let answer = ask_page(world, json!({ "filter": filter })).await;
    assert_eq!(code(&answer), "BAD_USER_INPUT", "{filter}");
    assert!(answer.get("data").is_none_or(Value::is_null), "{filter}");
    message(&answer).to_owned()
}

/// Sends a body as it is.
async fn raw(world: &World, body: &str) -> Reply {
    let request = world
        .http
        .post(world.url("/graphql"))
        .bearer_auth(&world.token);
    Reply::to(
        request
            .header("content-type", "application/json")
            .body(body.to_owned()),
    )
    .await
}

on_every_backend! {
    async fn dates_that_make_no_sense_are_refused(world: &World) {
        for wrong in [
            "", "2024", "2024-01-01", "2024-01-01T00:00:00", "2024-13-01T00:00:00Z", "2023-02-29T00:00:00Z",
            "2024-01-01T25:00:00Z", "now", "1700000000", "2024-01-01T00:00:00Z'--", "0000-01-01T00:00:00Z",
            "+10000-01-01T00:00:00Z", "2024-01-01T00:00:00Z\u{0}",
        ] {
            for end in ["gte", "lt"] {
                refused(world, json!({ "createdAt": { end: wrong } })).await;
            }
        }
        refused(world, json!({ "createdAt": { "gte": 1_700_000_000 } })).await;
    }

    async fn a_malformed_date_is_named(world: &World) {
        let told = refused(world, json!({ "createdAt": { "gte": "yesterday" } })).await;
        assert!(told.contains("DateTimeRange"), "{told}");
    }

    async fn dates_out_of_range_are_refused_by_the_field_s_name(world: &World) {
        for wrong in [
            json!({ "gte": "1969-12-31T23:59:59Z" }),
            json!({ "lt": "0001-01-01T00:00:00Z" }),
            json!({ "gte": "2024-01-02T00:00:00Z", "lt": "2024-01-01T00:00:00Z" }),
            json!({ "gte": "2024-01-01T00:00:00Z", "lt": "2024-01-01T00:00:00Z" }),
        ] {
            assert!(refused(world, json!({ "createdAt": wrong })).await.contains("createdAt"), "{wrong}");
        }
        let widest = json!({ "createdAt": { "gte": "1970-01-01T00:00:00Z", "lt": "9999-12-31T23:59:59.999999Z" } });
        let answer = ask_page(world, json!({ "filter": widest })).await;
        assert_eq!(answer["data"]["payments"]["totalCount"], "0");
    }

    async fn nul_is_refused_in_every_text(world: &World) {
        for field in LISTS.into_iter().filter(|field| *field != "connectionIds") {
            assert!(refused(world, json!({ field: ["ok", "a\u{0}b"] })).await.contains(field), "{field}");
        }
        for field in ["customerId", "paymentIntentId"] {
            assert!(refused(world, json!({ field: "\u{0}" })).await.contains(field), "{field}");
        }
        for pair in [json!({ "key": "a\u{0}", "value": "b" }), json!({ "key": "a", "value": "\u{0}b" })] {
            assert!(refused(world, json!({ "metadata": [pair] })).await.contains("metadata"), "{pair}");
        }
        refused(world, json!({ "currencies": ["us\u{0}"] })).await;
        refused(world, json!({ "cardCountries": ["D\u{0}"] })).await;
        // An id with NUL is an id of nothing.
        let unknown = ask_page(world, json!({ "filter": { "connectionIds": ["con_\u{0}"] } })).await;
        assert_eq!(unknown["data"]["payments"]["totalCount"], "0");
    }

    async fn half_a_character_is_refused(world: &World) {
        let query = "query($filter: PaymentFilter) { payments(filter: $filter) { totalCount } }";
        for half in [r"\ud800", r"\udc00", r"a\udfffb", r"\ud800\u0041", r"\udc00\ud800"] {
            let filter = format!(r#"{{"customerId":"{half}"}}"#);
            let body = format!(r#"{{"query":{},"variables":{{"filter":{filter}}}}}"#, json!(query));
            let reply = raw(world, &body).await;

            assert_eq!(reply.status, 400, "{half}");
            assert_eq!(reply.code(), "BAD_USER_INPUT", "{half}");
            assert_eq!(reply.json()["errors"][0]["extensions"]["requestId"], reply.header("x-request-id"));

            // The same in the document, where GraphQL's own escapes are.
            let literal = format!(r#"{{ payments(filter: {{ customerId: "{half}" }}) {{ totalCount }} }}"#);
            let reply = raw(world, &json!({ "query": literal }).to_string()).await;
            assert_eq!(reply.code(), "BAD_USER_INPUT", "{half} in the document");
            assert_eq!(reply.json().get("data"), None, "{half} in the document");
        }
        let whole = raw(world, &format!(r#"{{"query":{},"variables":{{"filter":{{"customerId":"\ud83d\ude00"}}}}}}"#, json!(query))).await;
        assert_eq!(whole.json()["data"]["payments"]["totalCount"], "0");
    }

    async fn more_than_a_hundred_values_are_refused(world: &World) {
        let many = |count: usize| (0..count).map(|n| format!("v{n}")).collect::<Vec<_>>();
        let connections = |count: usize| (0..count).map(|n| format!("con_{n:032x}")).collect::<Vec<_>>();
        for field in LISTS {
            let values = |count| if field == "connectionIds" { connections(count) } else { many(count) };
            assert!(refused(world, json!({ field: values(101) })).await.contains(field), "{field}");
            let most = ask_page(world, json!({ "filter": { field: values(100) } })).await;
            assert_eq!(most["data"]["payments"]["totalCount"], "0", "{field}: {most:#}");
        }
        let pairs = |count: usize| many(count).into_iter().map(|key| json!({ "key": key, "value": "" })).collect::<Vec<_>>();
        assert!(refused(world, json!({ "metadata": pairs(101) })).await.contains("metadata"));
        assert!(refused(world, json!({ "currencies": vec!["USD"; 101] })).await.contains("currencies"));
        assert!(refused(world, json!({ "cardCountries": vec!["DE"; 101] })).await.contains("cardCountries"));
        let most = ask_page(world, json!({ "filter": { "metadata": pairs(100) } })).await;
        assert_eq!(most["data"]["payments"]["totalCount"], "0", "{most:#}");
    }

    async fn more_than_a_hundred_statuses_are_refused_too(world: &World) {
        let told = refused(world, json!({ "statuses": vec!["FAILED"; 101] })).await;
        assert!(told.contains("statuses"), "{told}");
    }

    async fn texts_without_end_are_refused(world: &World) {
        let long = "x".repeat(2_001);
        assert!(refused(world, json!({ "issuers": [long] })).await.contains("issuers"));
        assert!(refused(world, json!({ "customerId": long })).await.contains("customerId"));
        assert!(refused(world, json!({ "metadata": [{ "key": "k", "value": long }] })).await.contains("metadata"));
    }

    async fn what_is_not_in_the_schema_is_refused(world: &World) {
        for wrong in [
            json!({ "status": ["FAILED"] }), json!({ "statuses": ["failed"] }), json!({ "statuses": "MAYBE" }),
            json!({ "currencies": ["EURO"] }), json!({ "currencies": [978] }), json!({ "cardCountries": ["DEU"] }),
            json!({ "statuses": [null] }), json!({ "metadata": [{ "key": "a" }] }), json!({ "refunded": "yes" }),
            json!({ "customerId": 7 }), json!({ "customerId": { "like": "%" } }), json!([1]), json!("{}"),
        ] {
            refused(world, wrong).await;
        }
    }
}
