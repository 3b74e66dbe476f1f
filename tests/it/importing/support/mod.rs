//! What the tests of importing share.

mod queue;
mod shop;
mod worker;

pub(super) use queue::{Queue, charge};
pub(super) use shop::{Shop, shop};
pub(super) use tests::{Client, Tables, assert_exactly_the_ledger, imported_objects};
pub(super) use worker::Worker;

use std::time::Duration;

use serde_json::{Value, json};
use tests::World;

/// What has not come by now does not come.
const PATIENCE: Duration = Duration::from_mins(1);

/// Settings of a gateway, by variable.
pub(super) fn settings(settings: &[(&'static str, &str)]) -> tests::WorldOptions {
    let variables = settings
        .iter()
        .map(|(name, value)| (*name, (*value).to_owned()));
    tests::WorldOptions {
        variables: variables.collect(),
        ..tests::WorldOptions::default()
    }
}

/// Waits until the latest import of a connection is as wanted; the import.
pub(super) async fn import_when(
    world: &World,
    connection: &str,
    wanted: impl Fn(&Value) -> bool,
) -> Value {
    let waiting = async {
        loop {
            let import = world.latest_import(connection).await;
            if wanted(&import) {
                return import;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let Ok(import) = tokio::time::timeout(PATIENCE, waiting).await else {
        panic!("it never came: {:#}", world.latest_import(connection).await);
    };
    import
}

/// Waits until an import has stored payments and is still under way.
pub(super) async fn some_payments(world: &World, connection: &str) -> Value {
    let import = import_when(world, connection, |import| payments(import) > 0).await;
    assert_eq!(
        import["status"], "RUNNING",
        "the import is too quick for this test"
    );
    import
}

/// How many payments an import has imported.
pub(super) fn payments(import: &Value) -> i64 {
    number(&import["progress"]["importedPayments"])
}

/// A `BigInt` of the API.
pub(super) fn number(value: &Value) -> i64 {
    value
        .as_str()
        .and_then(|text| text.parse().ok())
        .unwrap_or_else(|| panic!("{value} is no BigInt"))
}

/// Starts an import with this input beside the connection; the payload.
pub(super) async fn start_import(world: &World, connection: &str, input: Value) -> Value {
    let mut input = input;
    input["connectionId"] = json!(connection);
    world.data(START, json!({ "input": input })).await["startImport"].take()
}

/// Cancels an import; the payload.
pub(super) async fn cancel_import(world: &World, import: &str) -> Value {
    let input = json!({ "importId": import });
    world.data(CANCEL, json!({ "input": input })).await["cancelImport"].take()
}

/// A connection's standing and what was set aside.
pub(super) async fn standing(world: &World, connection: &str) -> Value {
    world.data(STANDING, json!({ "id": connection })).await["connection"].take()
}

const START: &str = "
    mutation Start($input: StartImportInput!) {
      startImport(input: $input) {
        import { id status trigger from to }
        errors { __typename message path ... on ImportInProgressError { import { id } } }
      }
    }";

const CANCEL: &str = "
    mutation Cancel($input: CancelImportInput!) {
      cancelImport(input: $input) {
        import { id status finishedAt }
        errors { __typename message path }
      }
    }";

const STANDING: &str = "
    query Standing($id: ID!) {
      connection(id: $id) {
        status statusReason statusMessage syncedThrough
        dataHealth { quarantined awaitingFees cardPayments }
      }
    }";
