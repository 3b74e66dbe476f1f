//! Proof that each rule catches its breach, and nothing beside it.

use super::rules::{breaches, forbidden_dependencies};
use super::source::SourceFile;

fn check(files: &[(&str, &str)]) -> Vec<String> {
    let files: Vec<SourceFile> = files
        .iter()
        .map(|(path, text)| SourceFile::read(path, text).unwrap_or_else(|e| panic!("{path}: {e}")))
        .collect();
    breaches(&files)
}

#[track_caller]
fn assert_breaches(path: &str, text: &str, expected: &[&str]) {
    assert_eq!(check(&[(path, text)]), expected, "{text}");
}

#[track_caller]
fn assert_fine(path: &str, text: &str) {
    assert_breaches(path, text, &[]);
}

#[test]
fn imports_go_down_only() {
    assert_fine("api/src/main.rs", "fn main() { api::cli::run() }");
    assert_fine(
        "api/src/http/mod.rs",
        "use crate::{clock::Clock, domain::Connect, storage};",
    );
    assert_fine(
        "api/src/lib.rs",
        "pub mod http; pub use crate::http::router;",
    );

    let path = "api/src/storage/mod.rs";
    assert_breaches(
        path,
        "use crate::domain;",
        &["api/src/storage/mod.rs:1: `storage` imports `domain`"],
    );
    let path = "api/src/main.rs";
    assert_breaches(
        path,
        "use api::app;",
        &["api/src/main.rs:1: `main` imports `app`"],
    );
    let path = "api/src/clock.rs";
    assert_breaches(
        path,
        "use crate::ids::New;",
        &["api/src/clock.rs:1: `clock` imports `ids`"],
    );
    let path = "api/src/domain/x.rs";
    assert_breaches(
        path,
        "use crate::config::C;",
        &["api/src/domain/x.rs:1: `domain` imports `config`"],
    );
}

#[test]
fn edges_and_engines_never_import_each_other() {
    for from in ["http", "graphql", "import", "inbox", "notify"] {
        for to in ["http", "graphql", "import", "inbox", "notify"]
            .into_iter()
            .filter(|to| *to != from)
        {
            let path = format!("api/src/{from}/mod.rs");
            let expected = format!("{path}:2: `{from}` imports `{to}`");
            let text = format!("use crate::{{domain::X,\n{to}::Y}};");
            assert_breaches(&path, &text, &[&expected]);
        }
    }
}

#[test]
fn an_import_is_seen_however_it_is_written() {
    let path = "api/src/graphql/query/page.rs";
    let expected = ["api/src/graphql/query/page.rs:1: `graphql` imports `http`"];
    for text in [
        "use crate::http as h;",
        "use crate::{domain, http::{self, x}};",
        "use super::super::super::http::x;",
        "fn f() -> crate::http::X { todo() }",
        "fn f() { crate::http::x(); crate::http::y(); }",
        "fn f() { println!(\"{}\", [crate::http::x()]); }",
        "#[derive(crate::http::X)] struct S;",
        "mod inner { use super::super::super::super::http; }",
        "pub use crate::http::*;",
    ] {
        assert_breaches(path, text, &expected);
    }
    for text in [
        "// crate::http::x\n/// crate::http::x\nfn f() -> &'static str { \"crate::http::x\" }",
        "use http::StatusCode;",
        "use super::http;",
        "use self::*;",
        "use *;",
    ] {
        assert_fine(path, text);
    }
}

#[test]
fn an_unknown_top_module_must_be_given_a_place() {
    let expected = ["api/src/utils.rs: module `utils` has no place in the architecture's table"];
    assert_breaches("api/src/utils.rs", "", &expected);
}

#[test]
fn libraries_stay_in_their_modules() {
    for (library, place, elsewhere) in [
        ("sea_orm", "storage", "domain"),
        ("entity", "storage", "graphql"),
        ("axum", "http", "app"),
        ("tower_http", "http", "app"),
        ("async_graphql", "http/graphql", "domain"),
        ("tungstenite", "http", "graphql"),
        ("reqwest", "stripe", "import"),
        ("reqwest", "host", "auth"),
        ("reqwest", "outbound", "notify"),
        ("oauth2", "stripe", "host"),
        ("oauth2", "stripe", "outbound"),
        ("ring", "auth/host", "secrets"),
        ("redis", "state", "storage"),
        ("redis", "progress", "auth"),
    ] {
        let text = format!("use {library}::X;");
        assert_fine(&format!("api/src/{place}/mod.rs"), &text);
        let path = format!("api/src/{elsewhere}/x.rs");
        let found = check(&[(&path, &text)]);
        assert!(
            found.len() == 1 && found[0].contains(&format!("`{library}` outside")),
            "{found:?}"
        );
    }
    assert_eq!(
        check(&[("api/src/http/mod.rs", "use async_graphql::X;")]).len(),
        1
    );
    assert_eq!(
        check(&[("api/src/http/x.rs", "#[derive(sea_orm::FromRow)] struct S;")]).len(),
        1
    );
    assert_fine("sandbox/src/serve.rs", "use axum::Router;");
    assert_fine(
        "api/src/config/mod.rs",
        "mod redis; pub use redis::Redis; fn f() -> redis::X {}",
    );
    assert_fine("api/src/config/mod.rs", "use self::redis::Redis;");
    assert_fine("entity/src/payment.rs", "use sea_orm::entity::prelude::*;");
}

#[test]
fn only_config_reads_the_environment() {
    for text in [
        "use std::env;",
        "use std::{env, fs};",
        "fn f() { std::env::var(\"X\"); }",
    ] {
        assert_breaches(
            "api/src/cli/x.rs",
            text,
            &["api/src/cli/x.rs:1: `std::env` outside config"],
        );
        assert_fine("api/src/config/mod.rs", text);
    }
    assert_fine(
        "api/src/cli/x.rs",
        "const V: &str = env!(\"CARGO_PKG_VERSION\");",
    );
}

#[test]
fn only_the_clock_reads_the_wall_clock() {
    let expected = ["api/src/domain/x.rs:2: `chrono::Utc::now` outside clock.rs"];
    assert_breaches(
        "api/src/domain/x.rs",
        "use chrono::Utc;\nfn f() { Utc::now(); }",
        &expected,
    );
    assert_breaches(
        "api/src/domain/x.rs",
        "use chrono::Utc as U;\nfn f() { g(U::now); }",
        &expected,
    );
    assert_fine("api/src/clock.rs", "fn f() { chrono::Utc::now(); }");
    assert_fine("sandbox/src/x.rs", "fn f() { chrono::Utc::now(); }");
    assert_eq!(
        check(&[(
            "entity/src/x.rs",
            "fn f() { std::time::SystemTime::now(); }"
        )])
        .len(),
        1
    );
    assert_fine(
        "api/src/domain/x.rs",
        "fn f(clock: &dyn Clock) { clock.now(); Instant::now(); }",
    );
}

#[test]
fn files_and_functions_stay_small() {
    let long = "\n".repeat(501);
    assert_breaches(
        "migration/src/x.rs",
        &long,
        &["migration/src/x.rs: 501 lines, more than 500"],
    );

    let body = "// }\n".repeat(79);
    let expected = ["sandbox/src/x.rs:2: `f` has 81 lines, more than 80"];
    assert_breaches(
        "sandbox/src/x.rs",
        &format!("/// A doc.\nfn f() {{\n{body}}}\n"),
        &expected,
    );
    assert_breaches(
        "sandbox/src/x.rs",
        &format!("impl S {{\nfn f() {{\n{body}}} }}\n"),
        &expected,
    );
    assert_breaches(
        "sandbox/src/x.rs",
        &format!("trait T {{\nfn f() {{\n{body}}} }}\n"),
        &expected,
    );
    let body = "let s = \"{{{\";\n".repeat(78);
    assert_fine("sandbox/src/x.rs", &format!("fn f() {{\n{body}}}\n"));
}

#[test]
fn the_median_file_is_small() {
    let (small, large) = ("\n".repeat(10), "\n".repeat(141));
    let (a, b, c) = (
        "api/src/http/a.rs",
        "api/src/http/b.rs",
        "api/src/http/c.rs",
    );
    assert_eq!(check(&[(a, &small), (b, &small), (c, &large)]), [""; 0]);
    let expected = ["api/src: the median file has 141 lines, more than 140"];
    assert_eq!(check(&[(a, &small), (b, &large), (c, &large)]), expected);
}

#[test]
fn allow_and_unwrap_are_not_used() {
    let hidden = "`allow` hides for good: use `expect` with a reason";
    for text in [
        "#[allow(dead_code)] fn f() {}",
        "#![allow(dead_code)]",
        "#[cfg_attr(test, allow(x))] fn f() {}",
    ] {
        assert_breaches(
            "api/src/domain/x.rs",
            text,
            &[&format!("api/src/domain/x.rs:1: {hidden}")],
        );
    }
    assert_fine(
        "api/src/domain/x.rs",
        "#[expect(dead_code, reason = \"x\")] fn allow() {}",
    );

    let expected = ["api/src/domain/x.rs:2: `unwrap()` outside tests"];
    assert_breaches("api/src/domain/x.rs", "fn f() {\ng().unwrap() }", &expected);
    assert_breaches(
        "api/src/domain/x.rs",
        "fn f() {\nprintln!(\"{}\", g().unwrap()) }",
        &expected,
    );
    assert_fine(
        "api/src/domain/x.rs",
        "fn f() { g().unwrap_or_default(); \".unwrap()\"; }",
    );
}

#[test]
fn tests_may_do_as_they_like_within_a_file() {
    let text =
        "use crate::http::x; fn f() { g().unwrap(); chrono::Utc::now(); std::env::var(\"X\"); }";
    assert_fine(
        "api/src/domain/x.rs",
        &format!("#[cfg(test)] mod tests {{ {text} }}"),
    );
    assert_fine(
        "api/src/domain/x.rs",
        &format!("#[cfg(all(test, unix))] mod tests {{ {text} }}"),
    );
    assert_fine(
        "api/src/domain/x.rs",
        "#[tokio::test] async fn f() { g().unwrap(); }",
    );
    assert_eq!(
        check(&[(
            "api/src/domain/x.rs",
            &format!("#[cfg(not(test))] mod m {{ {text} }}")
        )])
        .len(),
        4
    );

    let parent = ("api/src/domain/mod.rs", "#[cfg(test)] mod tests;");
    assert_eq!(
        check(&[parent, ("api/src/domain/tests/a.rs", text)]),
        [""; 0]
    );
    assert_eq!(check(&[("api/src/domain/tests/a.rs", text)]).len(), 4);
}

#[test]
fn the_gateway_does_not_depend_on_the_sandbox() {
    for manifest in [
        "[dependencies]\nsandbox.workspace = true",
        "[dev-dependencies]\nsandbox = { path = \"../sandbox\" }",
        "[build-dependencies.sandbox]\npath = \"../sandbox\"",
        "[target.'cfg(unix)'.dependencies]\n\"sandbox\" = \"1\"",
        "[dependencies]\ndouble = { package = \"sandbox\", path = \"../sandbox\" }",
    ] {
        assert_eq!(
            forbidden_dependencies("api/Cargo.toml", manifest).len(),
            1,
            "{manifest}"
        );
    }
    for manifest in [
        "[package]\nname = \"sandbox\"",
        "[dependencies]\n# sandbox = \"1\"\nsandboxes = \"1\"",
    ] {
        assert_eq!(
            forbidden_dependencies("api/Cargo.toml", manifest),
            [""; 0],
            "{manifest}"
        );
    }
}
