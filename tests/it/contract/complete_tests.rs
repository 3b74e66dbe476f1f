//! Proof that missing words and broken Relay shapes are found.

use super::complete::{not_relay, undescribed};
use super::schema::Schema;

const RELAY: &str = "
    interface Node { id: ID! }
    type PageInfo { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }
    type DataConnection implements Node { id: ID! }
    type DataConnectionConnection { edges: [DataConnectionEdge!]! pageInfo: PageInfo! }
    type DataConnectionEdge { cursor: String! node: DataConnection! }
    type Query {
      node(id: ID!): Node
      nodes(ids: [ID!]!): [Node]!
      connection(id: ID!): DataConnection
      connections(first: Int, after: String, last: Int, before: String): DataConnectionConnection!
    }";

fn parse(text: &str) -> Schema {
    Schema::parse(text).unwrap_or_else(|e| panic!("{e}: {text}"))
}

/// What is found when one piece of the valid schema is replaced.
#[track_caller]
fn assert_found(piece: &str, replacement: &str, expected: &[&str]) {
    assert!(RELAY.contains(piece), "{piece}");
    assert_eq!(
        not_relay(&parse(&RELAY.replace(piece, replacement))),
        expected
    );
}

#[test]
fn a_valid_schema_is_relay_valid() {
    assert_found("", "", &[]);
    assert_eq!(
        not_relay(&parse(include_str!("../contract.graphql"))),
        [""; 0]
    );
}

#[test]
fn object_identification_is_checked() {
    assert_found(
        "interface Node { id: ID! }",
        "interface Node { id: ID }",
        &["Node.id: ID, not ID!"],
    );
    assert_found("node(id: ID!): Node\n", "\n", &["Query.node: missing"]);
    assert_found(
        "nodes(ids: [ID!]!): [Node]!",
        "nodes(ids: [ID!]!): [Node!]!",
        &["Query.nodes: [Node!]!, not [Node]!"],
    );
    assert_found(
        "node(id: ID!): Node\n",
        "node(key: ID): Node\n",
        &["node: argument id is missing"],
    );
}

#[test]
fn connections_and_edges_are_checked() {
    assert_found(
        "pageInfo: PageInfo! }",
        "}",
        &["DataConnectionConnection.pageInfo: missing"],
    );
    assert_found(
        "edges: [DataConnectionEdge!]!",
        "",
        &["DataConnectionConnection.edges: missing"],
    );
    assert_found(
        "edges: [DataConnectionEdge!]!",
        "edges: DataConnectionEdge!",
        &["DataConnectionConnection.edges: DataConnectionEdge!, not a list of edges"],
    );
    assert_found(
        "cursor: String! ",
        "",
        &["DataConnectionEdge.cursor: missing"],
    );
    assert_found(
        "cursor: String! node: DataConnection!",
        "cursor: String!",
        &["DataConnectionEdge.node: missing"],
    );
    assert_found(
        "startCursor: String ",
        "startCursor: Int ",
        &["PageInfo.startCursor: Int, not String"],
    );
}

#[test]
fn paging_arguments_are_checked() {
    assert_found(
        "last: Int, before: String",
        "before: ID",
        &[
            "Query.connections: argument last is missing",
            "Query.connections: argument before is ID, not String",
        ],
    );
}

#[test]
fn everything_needs_a_description() {
    let words = r#"
        "A" type A { "x" x("a" a: Int): Int }
        """
        E
        """
        enum E { "X" X }
        "I" input I { "x" x: Int }
        "S" scalar S
        "N" interface N { "x" x: Int }
        "U" union U = A
        scalar ID
        directive @d on FIELD"#;
    assert_eq!(undescribed(&parse(words)), [""; 0]);

    let silent = "type A { x(a: Int): Int } enum E { X } input I { x: Int } scalar S";
    let expected = ["A", "A.x", "A.x(a)", "E", "E.X", "I", "I.x", "S"]
        .map(|place| format!("{place}: no description"));
    assert_eq!(undescribed(&parse(silent)), expected);
    assert_eq!(undescribed(&parse("\" \" scalar S")), ["S: no description"]);
}
