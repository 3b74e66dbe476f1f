//! Proof that the comparer sees what is missing or weaker, and lets additions pass.

use super::compare::breaches;
use super::schema::Schema;

fn parse(text: &str) -> Schema {
    Schema::parse(text).unwrap_or_else(|e| panic!("{e}: {text}"))
}

#[track_caller]
fn assert_breaches(contract: &str, schema: &str, expected: &[&str]) {
    assert_eq!(
        breaches(&parse(contract), &parse(schema)),
        expected,
        "{contract} / {schema}"
    );
}

#[test]
fn the_contract_holds_itself() {
    let contract = include_str!("../contract.graphql");
    assert_breaches(contract, contract, &[]);
    assert!(parse(contract).types.len() > 80);
}

#[test]
fn what_is_missing_is_named() {
    assert_breaches("scalar A scalar B", "scalar B", &["A: the type is missing"]);
    assert_breaches("scalar A", "enum A { X }", &["A: is of another kind"]);
    assert_breaches(
        "enum A { X Y }",
        "enum A { X Z }",
        &["A: value Y is missing"],
    );
    assert_breaches(
        "type A { x: Int y: Int }",
        "type A { x: Int }",
        &["A.y: the field is missing"],
    );
    assert_breaches(
        "type A { x(a: Int): Int }",
        "type A { x: Int }",
        &["A.x: argument a is missing"],
    );
    assert_breaches(
        "input A { x: Int y: Int }",
        "input A { x: Int }",
        &["A: field y is missing"],
    );
    assert_breaches(
        "interface A { x: Int }",
        "interface A { y: Int }",
        &["A.x: the field is missing"],
    );
    let (contract, schema) = (
        "interface N { x: Int } type A implements N { x: Int }",
        "interface N { x: Int } type A { x: Int }",
    );
    assert_breaches(contract, schema, &["A: interface N is missing"]);
    let (contract, schema) = (
        "type A { x: Int } type B { x: Int } union U = A | B",
        "type A { x: Int } type B { x: Int } union U = A",
    );
    assert_breaches(contract, schema, &["U: member B is missing"]);
}

#[test]
fn additions_are_fine() {
    assert_breaches(
        "type A { x(a: Int): Int } enum E { X } input I { x: Int }",
        "type A implements N { x(a: Int, b: Int, c: Int! = 1): Int y: Int } interface N { y: Int }
         enum E { W X } input I { x: Int y: Int z: Int! = 2 } scalar S",
        &[],
    );
}

#[test]
fn outputs_may_promise_more_and_never_less() {
    let check = |promised: &str, actual: &str, expected: &[&str]| {
        assert_breaches(
            &format!("type A {{ x: {promised} }}"),
            &format!("type A {{ x: {actual} }}"),
            expected,
        );
    };
    check("Int", "Int!", &[]);
    check("[Int]", "[Int!]!", &[]);
    check("[[Int]!]", "[[Int!]!]", &[]);
    check("Int!", "Int", &["A.x: Int, not Int!"]);
    check("[Int!]!", "[Int]!", &["A.x: [Int]!, not [Int!]!"]);
    check("[Int]", "Int", &["A.x: Int, not [Int]"]);
    check("Int", "[Int]", &["A.x: [Int], not Int"]);
    check("Int", "String", &["A.x: String, not Int"]);
}

#[test]
fn inputs_may_ask_for_less_and_never_more() {
    let check = |promised: &str, actual: &str, wrong: Option<&str>| {
        let field = wrong.map(|wrong| format!("A: field x {wrong}"));
        let expected: Vec<&str> = field.as_deref().into_iter().collect();
        assert_breaches(
            &format!("input A {{ x: {promised} }}"),
            &format!("input A {{ x: {actual} }}"),
            &expected,
        );
        let argument = wrong.map(|wrong| format!("T.f: argument x {wrong}"));
        let expected: Vec<&str> = argument.as_deref().into_iter().collect();
        let type_with = |kind: &str| format!("type T {{ f(x: {kind}): Int }}");
        assert_breaches(&type_with(promised), &type_with(actual), &expected);
    };
    check("Int!", "Int", None);
    check("[Int!]!", "[Int]", None);
    check("Int", "Int!", Some("is Int!, not Int"));
    check("[Int]", "[Int!]", Some("is [Int!], not [Int]"));
    check("[Int]", "Int", Some("is Int, not [Int]"));
    check("ID", "String", Some("is String, not ID"));
    check("Int! = 1", "Int! = 1", None);
    check("Int! = 1", "Int! = 2", Some("defaults to 2, not 1"));
    check("Int! = 1", "Int!", Some("defaults to nothing, not 1"));
    check("Int", "Int = 1", Some("defaults to 1, not nothing"));
}

#[test]
fn nothing_new_is_required() {
    assert_breaches(
        "input A { x: Int }",
        "input A { x: Int y: Int! }",
        &["A: field y is new and required"],
    );
    assert_breaches(
        "type A { x: Int }",
        "type A { x(a: Int!): Int }",
        &["A.x: argument a is new and required"],
    );
}

#[test]
fn the_roots_are_compared() {
    let types = "type Query { x: Int } type Q { x: Int }";
    assert_breaches(types, &format!("{types} schema {{ query: Query }}"), &[]);
    let schema = format!("{types} schema {{ query: Q }}");
    assert_breaches(types, &schema, &["schema: query is Q, not Query"]);
    assert_breaches(
        "type Mutation { x: Int }",
        &format!("type Mutation {{ x: Int }} {schema}"),
        &["schema: mutation is nothing, not Mutation"],
    );
}
