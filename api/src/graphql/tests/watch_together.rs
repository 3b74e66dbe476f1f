//! Many who watch the same import.

use futures_util::{StreamExt, stream::BoxStream};
use serde_json::{Value as Json, json};

use super::world::{World, id};
use crate::{
    auth::Scope,
    domain::import::ImportProgress,
    progress::{Bus, ProgressEvent},
    storage::ImportStatus,
};

const SAME: &str = "subscription($id: ID!) { importProgress(connectionId: $id) {
    sequence importedPayments resources { resource importedObjects } } }";

const OTHER: &str = "subscription($id: ID!) { progress: importProgress(connectionId: $id) {
    __typename sequence r: resources { resource note } } }";

const MERGED: &str = "subscription($id: ID!) { importProgress(connectionId: $id) {
    sequence resources { resource } resources { importedObjects } } }";

/// Tells of a later state of our import.
async fn publish(world: &World, progress: &mut ImportProgress) {
    progress.sequence += 1;
    progress.imported_payments += 7;
    let event = ProgressEvent {
        workspace_id: world.ours.workspace,
        connection_id: world.ours.connection,
        import_id: progress.import_id,
        sequence: progress.sequence,
        payload: json!(progress).to_string(),
    };
    world.bus.publish_progress(event).await.unwrap();
}

async fn next(told: &mut BoxStream<'static, Json>, key: &str) -> Json {
    let mut answer = told.next().await.unwrap();
    assert_eq!(answer["errors"], json!(null), "{answer:#}");
    answer["data"][key].take()
}

#[tokio::test]
async fn everyone_is_told_every_state_in_their_own_words() {
    let world = World::new().await;
    let workspace = world.ours.workspace;
    let progress = world
        .gateway
        .import_progress(workspace, world.ours.import)
        .await;
    let mut progress = progress.unwrap().unwrap();
    progress.status = ImportStatus::Running;
    let watch = |query| {
        let variables = json!({ "id": id(world.ours.connection) });
        world.watch(world.caller(&[Scope::ConnectionsRead]), query, variables)
    };
    let (mut one, mut two) = (watch(SAME), watch(SAME));
    let (mut other, mut merged) = (watch(OTHER), watch(MERGED));
    for told in [&mut one, &mut two, &mut other, &mut merged] {
        told.next().await.unwrap();
    }

    for _ in 0..3 {
        publish(&world, &mut progress).await;

        let sequence = json!(progress.sequence.to_string());
        let resources = progress.resources.iter().map(|one| {
            let name = one.resource.name().to_ascii_uppercase();
            json!({ "resource": name, "importedObjects": one.imported_objects.to_string() })
        });
        let resources: Json = resources.collect();
        let payments = progress.imported_payments.to_string();
        let expected =
            json!({ "sequence": sequence, "importedPayments": payments, "resources": resources });
        assert_eq!(next(&mut one, "importProgress").await, expected);
        assert_eq!(next(&mut two, "importProgress").await, expected);
        let other = next(&mut other, "progress").await;
        assert_eq!(
            (&other["__typename"], &other["sequence"]),
            (&json!("ImportProgress"), &sequence)
        );
        assert_eq!(
            other["r"][0],
            json!({ "resource": "CHARGES", "note": null })
        );
        let merged = next(&mut merged, "importProgress").await;
        assert_eq!(
            merged,
            json!({ "sequence": sequence, "resources": resources })
        );
    }
}
