//! What is our fault has the same words on every transport, without its cause, and the gateway lives (FAULTS 57).

use sandbox::AccountSpec;
use serde_json::{Value, json};
use tests::World;

use super::{
    ask::{code, embedded},
    shop::Shop,
    transports::Way,
};
use crate::connecting::database::execute;

const WORDS: &str = "Something went wrong here. It has been logged; try again later.";

/// What stands in causes, and in no answer.
const CAUSES: [&str; 6] = ["canary", "select", "sqlite", "no such", "gone", ".rs"];

fn assert_tells_no_cause(answer: &Value, way: Way) {
    assert_eq!(code(answer), "INTERNAL", "{way:?}: {answer}");
    let errors = answer["errors"].as_array().expect("errors");
    for error in errors {
        assert_eq!(error["message"], WORDS, "{way:?}: {answer}");
    }
    let told = answer["errors"].to_string().to_lowercase();
    for cause in CAUSES {
        assert!(!told.contains(cause), "{way:?}: {told}");
    }
}

async fn assert_lives(world: &World, way: Way) {
    let answer = way
        .query(world, "{ viewer { workspace { name } } }", json!({}))
        .await;
    assert_eq!(
        answer["data"]["viewer"]["workspace"]["name"], "default",
        "{way:?}: {answer}"
    );
}

#[tokio::test]
async fn what_a_database_says_is_kept_from_clients() {
    let world = embedded().await;
    let shop = Shop::open(&world, "Shop", AccountSpec::with_payments(3)).await;
    execute(&world, "ALTER TABLE payments RENAME TO gone").await;

    let query = "query($id: ID!) { connection(id: $id) { payments(first: 1) { nodes { id } } } }";
    for way in Way::ALL {
        let answer = way
            .query(&world, query, json!({ "id": shop.connection }))
            .await;
        assert_tells_no_cause(&answer, way);
        assert_lives(&world, way).await;
    }
    world.end().await;
}

#[tokio::test]
async fn a_panic_in_a_mutation_is_one_error_with_an_id() {
    let world = embedded().await;
    let create = "mutation { createApiToken(input: { name: \"x\", scopes: [PAYMENTS_READ] }) {
        secret errors { message } } }";

    for way in Way::WRITING {
        // The first randomness is for the id of the request or the socket.
        world.entropy.panic_at(2);
        let answer = way.query(&world, create, json!({})).await;
        assert!(!world.entropy.is_to_panic(), "{way:?}: {answer}");
        assert_tells_no_cause(&answer, way);
        assert_eq!(answer["errors"].as_array().map(Vec::len), Some(1));

        assert_lives(&world, way).await;
        let answer = way.query(&world, create, json!({})).await;
        assert_eq!(answer["data"]["createApiToken"]["errors"], json!([]));
    }
    world.end().await;
}
