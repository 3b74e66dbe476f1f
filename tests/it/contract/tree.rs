//! The checks, held against the project's own schema.

use std::fs;
use std::path::Path;

use super::schema::Schema;
use super::{compare, complete};

const CONTRACT: &str = include_str!("../contract.graphql");

fn printed() -> Schema {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schema.graphql");
    let text = fs::read_to_string(&path).unwrap_or_else(|e| {
        panic!("schema.graphql cannot be read ({e}); print it with `inlet schema`")
    });
    Schema::parse(&text).unwrap_or_else(|e| panic!("schema.graphql: {e}"))
}

#[track_caller]
fn assert_none(breaches: &[String]) {
    assert!(
        breaches.is_empty(),
        "{} breaches:\n  {}",
        breaches.len(),
        breaches.join("\n  ")
    );
}

#[test]
fn the_schema_holds_all_of_the_contract() {
    let contract = Schema::parse(CONTRACT).unwrap_or_else(|e| panic!("contract.graphql: {e}"));
    assert_none(&compare::breaches(&contract, &printed()));
}

#[test]
fn everything_in_the_schema_is_described() {
    assert_none(&complete::undescribed(&printed()));
}

#[test]
fn the_schema_is_relay_valid() {
    assert_none(&complete::not_relay(&printed()));
}
