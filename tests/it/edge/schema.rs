//! The schema that is checked in is the one that is served.

use tokio::process::Command;

use super::program::inlet;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../schema.graphql");

fn file() -> String {
    std::fs::read_to_string(FILE).unwrap()
}

#[test]
fn the_checked_in_schema_is_the_code_s() {
    let same = file() == api::app::schema();

    assert!(
        same,
        "schema.graphql is out of date: run `inlet schema > schema.graphql`"
    );
}

#[tokio::test]
async fn the_program_prints_the_schema_and_nothing_else() {
    let printed = Command::new(inlet())
        .arg("schema")
        .env_clear()
        .output()
        .await
        .unwrap();

    assert!(printed.status.success());
    assert_eq!(String::from_utf8(printed.stdout).unwrap(), file());
    assert_eq!(String::from_utf8(printed.stderr).unwrap(), "");
}

#[tokio::test]
async fn the_program_prints_the_schema_as_a_subgraph_too() {
    let printed = Command::new(inlet())
        .args(["schema", "--federation"])
        .env_clear()
        .output()
        .await
        .unwrap();

    assert!(printed.status.success());
    let text = String::from_utf8(printed.stdout).unwrap();
    // The parser of the tests does not know extensions of the schema itself; that it composes, `clients` shows.
    let (types, link) = text.split_once("extend schema @link(").unwrap();
    assert!(
        link.contains("https://specs.apollo.dev/federation/v2."),
        "{link}"
    );
    assert!(types.contains("type Subscription {"), "{types}");
    graphql_parser::parse_schema::<String>(types).unwrap();
}
