//! `inlet token`, on the database of a running gateway.

use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use tests::World;
use tests::on_every_backend;

use super::program::{Ran, run};

/// Runs a command on the world's database.
async fn on(world: &World, arguments: &[&str]) -> Ran {
    let folder = TempDir::new().unwrap();
    run(folder.path(), &world.variables(), arguments).await
}

/// Makes a token and returns its secret.
async fn created(world: &World, more: &[&str]) -> String {
    let ran = on(
        world,
        &[
            &[
                "token",
                "create",
                "--workspace",
                "default",
                "--name",
                "partner",
            ],
            more,
        ]
        .concat(),
    )
    .await;
    assert!(ran.ok, "{ran:?}");
    assert!(
        ran.out.starts_with("inl_") && ran.out.ends_with('\n') && ran.out.lines().count() == 1,
        "{ran:?}"
    );
    assert!(
        !ran.err.contains(ran.out.trim()),
        "the secret is in the log"
    );
    ran.out.trim().to_owned()
}

async fn viewer(world: &World, token: &str) -> Value {
    let query = "{ viewer { workspace { name } scopes token { name expiresAt } } }";
    world.ask_as(token, query, json!({})).await.body
}

/// What a token is told once another process has ended it: a process takes a token that it knows for a second longer.
async fn refused(world: &World, token: &str) -> Value {
    let refused = async {
        loop {
            let told = viewer(world, token).await;
            if !told["errors"].is_null() {
                return told;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let refused = tokio::time::timeout(Duration::from_secs(20), refused).await;
    refused.expect("it is refused")
}

on_every_backend! {
    async fn a_token_from_the_command_line_works_at_once(world: &World) {
        let secret = created(world, &[]).await;

        let told = viewer(world, &secret).await["data"]["viewer"].take();

        assert_eq!(told["workspace"]["name"], "default");
        assert_eq!(told["scopes"].as_array().unwrap().len(), 4);
        assert_eq!(told["token"], json!({ "name": "partner", "expiresAt": null }));
    }

    async fn scopes_and_end_are_as_ordered(world: &World) {
        let one = created(world, &["--scope", "PAYMENTS_READ", "--expires-in", "90d"]).await;
        let two = created(world, &["--scope", "connections:read", "--scope", "payments-read"]).await;

        let one = viewer(world, &one).await["data"]["viewer"].take();
        let two = viewer(world, &two).await["data"]["viewer"].take();

        assert_eq!(one["scopes"], json!(["PAYMENTS_READ"]));
        let end = chrono::DateTime::parse_from_rfc3339(one["token"]["expiresAt"].as_str().unwrap()).unwrap();
        let left = end.to_utc() - api::clock::Clock::now(&api::clock::SystemClock);
        assert!((89..=90).contains(&left.num_days()), "{left}");
        assert_eq!(two["scopes"], json!(["CONNECTIONS_READ", "PAYMENTS_READ"]));
    }

    async fn a_workspace_is_made_where_it_is_new(world: &World) {
        let ran = on(world, &["token", "create", "--workspace", "Läden 店", "--name", "x"]).await;

        let told = viewer(world, ran.out.trim()).await;

        assert_eq!(told["data"]["viewer"]["workspace"]["name"], "Läden 店");
    }

    async fn tokens_are_listed_and_revoked(world: &World) {
        let secret = created(world, &["--scope", "PAYMENTS_READ"]).await;
        let listed = on(world, &["token", "list", "--workspace", "default"]).await;
        let line = listed.out.lines().find(|line| line.contains("partner")).unwrap();
        let id = line.split_whitespace().next().unwrap();

        let revoked = on(world, &["token", "revoke", "--workspace", "default", id]).await;
        let after = viewer(world, &secret).await;
        let again = on(world, &["token", "list", "--workspace", "default"]).await;

        assert_eq!(listed.out.lines().count(), 2, "{listed:?}");
        assert!(line.contains("PAYMENTS_READ") && line.contains("good") && line.contains(&secret[..8]), "{line}");
        assert!(!listed.out.contains(&secret));
        assert!(revoked.ok, "{revoked:?}");
        assert_eq!(after["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
        assert!(again.out.lines().any(|line| line.contains(id) && line.contains("revoked")), "{again:?}");
        assert_ne!(viewer(world, &world.token).await["data"], Value::Null);
    }

    async fn a_token_is_rotated(world: &World) {
        let old = created(world, &["--scope", "PAYMENTS_READ"]).await;
        let listed = on(world, &["token", "list", "--workspace", "default"]).await;
        let line = listed.out.lines().find(|line| line.contains("partner")).unwrap();
        let id = line.split_whitespace().next().unwrap();

        let kept = on(world, &["token", "rotate", "--workspace", "default", id, "--overlap", "2h", "--expires-in", "90d"]).await;
        let new = kept.out.trim();
        let both = (viewer(world, &old).await, viewer(world, new).await);
        let after = on(world, &["token", "list", "--workspace", "default"]).await;
        let line = after.out.lines().find(|line| line.contains(&new[..8])).unwrap();
        let next = on(world, &["token", "rotate", "--workspace", "default", line.split_whitespace().next().unwrap(), "--overlap", "0s"]).await;

        assert!(kept.ok && new.starts_with("inl_") && kept.out.lines().count() == 1, "{kept:?}");
        assert!(!kept.err.contains(new), "the secret is in the log");
        for told in [&both.0, &both.1] {
            assert_eq!(told["data"]["viewer"]["scopes"], json!(["PAYMENTS_READ"]));
            assert!(told["data"]["viewer"]["token"]["expiresAt"].is_string());
        }
        assert!(after.out.lines().any(|line| line.contains(id) && line.contains("replaced by")), "{after:?}");
        assert!(next.ok, "{next:?}");
        assert_eq!(refused(world, new).await["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
        assert_ne!(viewer(world, next.out.trim()).await["data"], Value::Null);
        for (more, named) in [(&["--overlap", "8d"], "7 days"), (&["--overlap", "99999999y"], "7 days"), (&["--expires-in", "0s"], "future")] {
            let own = on(world, &["token", "list", "--workspace", "default"]).await;
            let first = own.out.split_whitespace().next().unwrap();
            let order = [&["token", "rotate", "--workspace", "default", first], more.as_slice()].concat();
            let ran = on(world, &order).await;
            assert!(!ran.ok && ran.err.contains(named), "{ran:?}");
        }
        assert_ne!(viewer(world, &world.token).await["data"], Value::Null);
    }

    async fn wrong_orders_are_refused_in_clear_words(world: &World) {
        let create = |more: &'static [&'static str]| [&["token", "create"], more].concat();
        let orders = [
            (create(&["--workspace", "default", "--name", "x", "--scope", "EVERYTHING"]), "PAYMENTS_READ"),
            (create(&["--workspace", "default", "--name", "x", "--scope", ""]), "PAYMENTS_READ"),
            (create(&["--workspace", "default", "--name", "x", "--expires-in", "soon"]), "soon"),
            (create(&["--workspace", "default", "--name", "x", "--expires-in", "9999999999999y"]), "expires-in"),
            (create(&["--workspace", "default", "--name", "x", "--expires-in", "300000y"]), "dates"),
            (create(&["--workspace", "default", "--name", "x", "--expires-in", "0s"]), "future"),
            (create(&["--workspace", "default", "--name", " "]), "name"),
            (create(&["--workspace", " ", "--name", "x"]), "name"),
            (create(&["--workspace", "default"]), "--name"),
            (vec!["token", "list", "--workspace", "nobody"], "nobody"),
            (vec!["token", "revoke", "--workspace", "default", "x"], "token list"),
            (vec!["token", "revoke", "--workspace", "default", "01234567-89ab-7def-8123-456789abcdef"], "token"),
            (vec!["token", "rotate", "--workspace", "default", "x"], "token list"),
            (vec!["token", "rotate", "--workspace", "default", "01234567-89ab-7def-8123-456789abcdef"], "no such token"),
            (vec!["token", "revoke", "--workspace", "nobody", "01234567-89ab-7def-8123-456789abcdef"], "nobody"),
        ];
        for (order, named) in orders {
            let ran = on(world, &order).await;
            assert!(!ran.ok, "{order:?}: {ran:?}");
            assert!(ran.err.contains(named), "{order:?}: {}", ran.err);
            assert_eq!(ran.out, "", "{order:?}");
            assert!(!ran.err.contains("panicked"), "{order:?}: {}", ran.err);
        }
        let listed = on(world, &["token", "list", "--workspace", "default"]).await;
        assert_eq!(listed.out.lines().count(), 1, "a token was made: {listed:?}");
    }

    async fn another_workspace_s_token_is_not_revoked(world: &World) {
        let listed = on(world, &["token", "list", "--workspace", "default"]).await;
        let id = listed.out.split_whitespace().next().unwrap();
        on(world, &["token", "create", "--workspace", "elsewhere", "--name", "x"]).await;

        let ran = on(world, &["token", "revoke", "--workspace", "elsewhere", id]).await;

        assert!(!ran.ok, "{ran:?}");
        assert_ne!(viewer(world, &world.token).await["data"], Value::Null);
    }
}
