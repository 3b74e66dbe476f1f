//! The schema, as the tools of its users see it.

use std::{fs, path::Path};

use serde_json::json;
use tempfile::TempDir;

use super::run;

/// The schema of the last release: what clients have been built against.
const RELEASED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/released.graphql");
const SCHEMA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../schema.graphql");

fn text(folder: &TempDir, name: &str, text: &str) -> String {
    let path = folder.path().join(name);
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[tokio::test]
async fn nothing_breaks_the_clients_of_the_last_release() {
    if let Some(told) = run("breaking.mjs", &[RELEASED, SCHEMA]).await {
        assert_eq!(told["breaking"], json!([]), "see docs/schema.md");
    }
}

#[tokio::test]
async fn a_change_that_breaks_clients_is_noticed() {
    let folder = TempDir::new().unwrap();
    let released = fs::read_to_string(RELEASED).unwrap();
    let without = released.replace("  stripeReads: ", "  stripeRequests: ");
    assert_ne!(without, released);
    let changed = text(&folder, "changed.graphql", &without);

    if let Some(told) = run("breaking.mjs", &[RELEASED, &changed]).await {
        assert_eq!(
            told["breaking"],
            json!(["Field 'stripeReads' was removed from object type 'DataConnection'"])
        );
    }
}

#[tokio::test]
async fn graphql_codegen_makes_types_that_compile() {
    let folder = TempDir::new().unwrap();

    if let Some(told) = run("codegen.mjs", &[SCHEMA, path(folder.path())]).await {
        assert_eq!(told["operations"], 5);
        let made = fs::read_to_string(folder.path().join("schema.ts")).unwrap();
        assert!(made.contains("export type Payment ="), "{made}");
    }
}

#[tokio::test]
async fn relay_s_compiler_finds_its_conventions() {
    let folder = TempDir::new().unwrap();

    if let Some(told) = run("relay.mjs", &[SCHEMA, path(folder.path())]).await {
        assert_eq!(told["artifacts"], 6);
    }
}

#[tokio::test]
async fn the_subgraph_composes_with_others() {
    let folder = TempDir::new().unwrap();
    let subgraph = text(&folder, "subgraph.graphql", &api::app::federation_schema());

    if let Some(told) = run("federation.mjs", &[&subgraph]).await {
        assert_eq!(told, json!({ "errors": [], "roots": 3 }));
    }
}

fn path(folder: &Path) -> &str {
    folder.to_str().unwrap()
}
