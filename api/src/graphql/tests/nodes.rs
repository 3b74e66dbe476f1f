//! Things by id, ours and those of others.

use serde_json::{Value as Json, json};

use super::world::{Tenant, World, code, id, unknown};
use crate::ids::{ConnectionId, DisputeId, ImportId, PaymentId, RefundId, TokenId, WorkspaceId};

fn ids(tenant: &Tenant) -> Vec<String> {
    vec![
        id(tenant.connection),
        id(tenant.import),
        id(tenant.payments[0]),
        id(tenant.refund),
        id(tenant.dispute),
        id(tenant.workspace),
        id(tenant.token),
    ]
}

const TYPES: [&str; 7] = [
    "DataConnection",
    "Import",
    "Payment",
    "Refund",
    "Dispute",
    "Workspace",
    "ApiToken",
];

const NODES: &str = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }";

#[tokio::test]
async fn everything_is_found_by_its_id_in_the_order_asked_for() {
    let world = World::new().await;
    let ours = ids(&world.ours);

    let answer = world.ask(NODES, json!({ "ids": ours })).await;
    let found = |(id, kind): (&String, &str)| json!({ "__typename": kind, "id": id });
    let expected: Vec<Json> = ours.iter().zip(TYPES).map(found).collect();
    assert_eq!(answer["data"]["nodes"], json!(expected));

    for (id, kind) in ours.iter().zip(TYPES) {
        let query = "query($id: ID!) { node(id: $id) { __typename id } }";
        let answer = world.ask(query, json!({ "id": id })).await;
        assert_eq!(
            answer["data"]["node"],
            json!({ "__typename": kind, "id": id })
        );
    }
}

#[tokio::test]
async fn what_another_workspace_has_is_as_good_as_unknown() {
    let world = World::new().await;
    let foreign = ids(&world.theirs);
    let unknown = vec![
        unknown::<ConnectionId>(),
        unknown::<ImportId>(),
        unknown::<PaymentId>(),
        unknown::<RefundId>(),
        unknown::<DisputeId>(),
        unknown::<WorkspaceId>(),
        unknown::<TokenId>(),
    ];
    let odd = ["", "x", "con_", "\0", "pay_'; --"]
        .map(str::to_owned)
        .to_vec();

    for ids in [&foreign, &unknown, &odd] {
        let nulls: Vec<Json> = ids.iter().map(|_| Json::Null).collect();
        let answer = world.ask(NODES, json!({ "ids": ids })).await;
        assert_eq!(answer, json!({ "data": { "nodes": nulls } }));
        for id in ids {
            let query = "query($id: ID!) { connection(id: $id) { id } payment(id: $id) { id } }";
            let answer = world.ask(query, json!({ "id": id })).await;
            assert_eq!(
                answer,
                json!({ "data": { "connection": null, "payment": null } })
            );
        }
    }
}

#[tokio::test]
async fn mutations_do_not_see_what_another_workspace_has() {
    let world = World::new().await;
    let field = |field: &str, input: &str| {
        format!(
            "mutation($id: ID!) {{ {field}(input: {{ {input}: $id }}) {{ errors {{ __typename message path }} }} }}"
        )
    };
    let rename = "mutation($id: ID!) { renameConnection(input: { connectionId: $id, name: \"n\" })
        { errors { __typename message path } } }";
    let connection = [
        id(world.theirs.connection),
        unknown::<ConnectionId>(),
        "x".to_owned(),
    ];
    let import = [
        id(world.theirs.import),
        unknown::<ImportId>(),
        "x".to_owned(),
    ];
    let token = [id(world.theirs.token), unknown::<TokenId>(), "x".to_owned()];

    for (query, ids) in [
        (rename.to_owned(), &connection),
        (field("startImport", "connectionId"), &connection),
        (field("disconnect", "connectionId"), &connection),
        (field("cancelImport", "importId"), &import),
        (field("revokeApiToken", "tokenId"), &token),
    ] {
        let mut answers = Vec::new();
        for id in ids {
            answers.push(world.ask(&query, json!({ "id": id })).await);
        }
        let payload = answers[0]["data"]
            .as_object()
            .unwrap()
            .values()
            .next()
            .unwrap();
        assert_eq!(
            payload["errors"][0]["__typename"], "NotFoundError",
            "{query}"
        );
        assert!(
            answers.iter().all(|answer| answer == &answers[0]),
            "{answers:?}"
        );
    }
}

#[tokio::test]
async fn at_most_a_hundred_ids_are_taken() {
    let world = World::new().await;
    let ids = |count| json!({ "ids": vec![unknown::<PaymentId>(); count] });

    assert_eq!(world.ask(NODES, ids(100)).await["errors"], json!(null));
    assert_eq!(code(&world.ask(NODES, ids(101)).await), "BAD_USER_INPUT");
}

#[tokio::test]
async fn what_hangs_on_a_payment_leads_back_to_it() {
    let world = World::new().await;
    let payment = id(world.ours.payments[0]);
    let query = "query($id: ID!) { payment(id: $id) {
        amount { amount minorUnits currency } fee { amount currency } net { amount } createdAt
        method { type card { last4 country } } metadata
        connection { id account { country defaultCurrency } latestImport { status progress { sequence } } }
        refunds(first: 2) { nodes { payment { id } } pageInfo { hasNextPage } }
        disputes { payment { id } }
    } }";

    // Of the two newest payments, one has the refunds and the dispute.
    let mut answer = world.ask(query, json!({ "id": payment })).await;
    if answer["data"]["payment"]["disputes"] == json!([]) {
        let other = id(world.ours.payments[1]);
        answer = world.ask(query, json!({ "id": other })).await;
    }
    let found = &answer["data"]["payment"];
    assert_eq!(answer["errors"], json!(null), "{answer}");
    assert_eq!(found["fee"], json!({ "amount": "30", "currency": "JPY" }));
    assert_eq!(found["net"], json!(null));
    assert_eq!(found["createdAt"], "2026-09-21T14:13:20Z");
    assert_eq!(
        found["method"],
        json!({ "type": "card", "card": { "last4": "4242", "country": "US" } })
    );
    assert_eq!(found["metadata"], json!({ "order": "42" }));
    assert_eq!(found["connection"]["id"], id(world.ours.connection));
    assert_eq!(
        found["connection"]["account"],
        json!({ "country": "DE", "defaultCurrency": "EUR" })
    );
    assert_eq!(found["connection"]["latestImport"]["status"], "SUCCEEDED");
    assert_eq!(found["refunds"]["nodes"].as_array().unwrap().len(), 2);
    assert_eq!(found["refunds"]["pageInfo"]["hasNextPage"], true);
    assert_eq!(found["disputes"].as_array().unwrap().len(), 1);
}
