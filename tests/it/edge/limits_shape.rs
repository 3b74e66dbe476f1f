//! Operations of a hostile shape: fragments, directives and errors without end.

use std::fmt::Write;

use super::{
    ask::embedded,
    limits::{ask, assert_too_complex},
};

/// Fragments that spread the one before twice: 2 to the power of so many fields.
fn doubling(levels: usize) -> String {
    let mut query = "{ ...F0 } fragment F0 on Query { ".to_owned();
    for level in 1..levels {
        write!(
            query,
            "a: __typename ...F{level} ...F{level} }} fragment F{level} on Query {{ "
        )
        .unwrap();
    }
    query + "viewer { scopes } }"
}

#[tokio::test]
async fn fragments_that_double_are_refused_at_once() {
    let world = embedded().await;

    for levels in [15, 20, 25, 30] {
        let started = std::time::Instant::now();
        let reply = ask(&world, &doubling(levels)).await;

        assert_too_complex(&reply, "doubling fragments");
        assert!(
            started.elapsed().as_secs() < 2,
            "{levels} levels took {:?}",
            started.elapsed()
        );
    }
    world.end().await;
}

#[tokio::test]
async fn directives_and_errors_are_capped() {
    let world = embedded().await;
    let directives = format!(
        "{{ viewer {{ scopes {} }} }}",
        "@include(if: true) ".repeat(1_000)
    );
    let mut unknown = "{ ".to_owned();
    let mut unused = "query(".to_owned();
    for n in 0..5_000 {
        write!(unknown, "f{n} ").unwrap();
        write!(unused, "$v{n}: Int ").unwrap();
    }

    let directives = ask(&world, &directives).await;
    let unknown = ask(&world, &(unknown + "}")).await;
    let unused = ask(&world, &(unused + ") { viewer { scopes } }")).await;

    assert_eq!(
        (directives.status, directives.code().as_str()),
        (400, "QUERY_TOO_COMPLEX"),
        "{}",
        directives.text
    );
    for reply in [&unknown, &unused, &directives] {
        assert_eq!(reply.status, 400);
        assert!((1..=10).contains(&reply.json()["errors"].as_array().unwrap().len()));
        assert!(reply.text.len() < 10_000, "{} bytes", reply.text.len());
    }
    world.end().await;
}

#[tokio::test]
async fn errors_during_execution_are_capped_too() {
    let world = embedded().await;
    let mut query = "{ viewer { scopes } ".to_owned();
    for n in 0..50 {
        write!(query, "a{n}: connection(id: \"x\") {{ payments(first: 0) {{ totalCount }} }} b{n}: nodes(ids: [{}]) {{ id }} ", "\"x\" ".repeat(101)).unwrap();
    }

    let reply = ask(&world, &(query + "}")).await;

    assert!(
        (1..=10).contains(&reply.json()["errors"].as_array().unwrap().len()),
        "{}",
        reply.text
    );
    world.end().await;
}
