//! `inlet import`, on the database of a running gateway.

use sandbox::{AccountSpec, Grants, Permission};
use serde_json::json;
use tempfile::TempDir;
use tests::{World, WorldOptions, on_every_backend};

use super::program::{Ran, interrupted, run};
use crate::connecting::database::{hex, texts};

/// Runs a command on the world's database and beside its Stripe.
async fn on(world: &World, arguments: &[&str]) -> Ran {
    let folder = TempDir::new().unwrap();
    run(folder.path(), &variables(world), arguments).await
}

fn variables(world: &World) -> Vec<(String, String)> {
    let mut variables = world.variables();
    variables.push(("INLET_STRIPE__API_URL".to_owned(), world.stripe.url()));
    variables
}

/// A connected account with a history; its import has ended.
async fn shop(world: &World, name: &str) -> String {
    let (_, key) = world.account(AccountSpec::with_payments(30));
    let connection = world.connect(name, &key).await;
    world.imported(&connection).await;
    connection
}

/// A connected account whose next import waits for a worker that never comes.
async fn waiting(world: &World) -> String {
    let (_, key) = world.account(AccountSpec::with_payments(3));
    world.connect("Shop", &key).await
}

/// The imports that were asked for, as the audit log has them: the token's id, which the operator has none of, and what
/// was asked for.
async fn requests(world: &World) -> Vec<[String; 2]> {
    let token = hex(world, "token_id");
    let columns = [&*token, "CAST(detail AS TEXT)"];
    texts(
        world,
        columns,
        "audit_log WHERE action = 'import.requested' ORDER BY at",
    )
    .await
}

fn only_text(text: &str) -> bool {
    text.chars().all(|c| c == '\n' || !c.is_control())
}

const NOBODY: WorldOptions = WorldOptions {
    variables: Vec::new(),
    oauth: None,
    role: Some(api::app::Role::Api),
};

on_every_backend! {
    async fn an_ordered_import_is_done_by_the_worker_and_followed_to_its_end(world: &World) {
        let connection = shop(world, "Läden Süd").await;

        let ran = on(world, &["import", "start", "--connection", "läden süd", "--follow"]).await;

        assert!(ran.ok, "{ran:?}");
        assert!(only_text(&ran.out), "{ran:?}");
        let last = ran.out.lines().last().unwrap();
        assert!(last.contains("succeeded, 100%, 30 payments"), "{ran:?}");
        let charges: Vec<_> = ran.out.lines().filter(|line| line.starts_with("charges: ")).collect();
        assert!(charges.last().unwrap().starts_with("charges: succeeded, 100%, 30 objects"), "{charges:?}");
        assert!(charges.is_sorted_by(|one, next| one != next), "{charges:?}");
        let import = world.latest_import(&connection).await;
        assert!(ran.out.contains(import["id"].as_str().unwrap()), "{ran:?}");
        assert_eq!((&import["trigger"], &import["status"]), (&json!("REQUESTED"), &json!("SUCCEEDED")));
        let requests = requests(world).await;
        assert_eq!(requests.len(), 1, "{requests:?}");
        assert!(requests[0][0].is_empty() && requests[0][1].contains("charges"), "{requests:?}");
    }

    async fn span_and_resources_are_as_ordered(world: &World) {
        let connection = shop(world, "Shop").await;

        let ran = on(world, &[
            "import", "start", "--connection", &connection, "--from", "2020-01-01", "--to", "2024-06-30T12:00:00+02:00",
            "--resource", "charges", "--resource", "PAYMENT-INTENTS", "--follow",
        ]).await;
        let status = on(world, &["import", "status"]).await;

        assert!(ran.ok, "{ran:?}");
        let import = world.latest_import(&connection).await;
        assert_eq!(import["from"], "2020-01-01T00:00:00Z");
        assert_eq!(import["to"], "2024-06-30T10:00:00Z");
        let resources = import["progress"]["resources"].as_array().unwrap();
        let names: Vec<_> = resources.iter().map(|one| one["resource"].as_str().unwrap()).collect();
        assert_eq!(names, ["CHARGES", "PAYMENT_INTENTS"]);
        assert!(status.ok && only_text(&status.out), "{status:?}");
        assert!(status.out.contains("“Shop”") && status.out.contains("  payment intents: succeeded, 100%"), "{status:?}");
        assert_eq!(status.err.matches("No worker").count(), 0, "{status:?}");
    }

    async fn a_worker_that_runs_takes_it_up_at_once(world: &World) {
        let connection = shop(world, "Shop").await;

        let ran = on(world, &["import", "start", "--connection", "Shop"]).await;

        assert!(ran.ok, "{ran:?}");
        assert!(!ran.err.contains("No worker"), "{ran:?}");
        assert!(ran.out.contains(&format!("inlet import status --connection {connection} --follow")), "{ran:?}");
        assert_eq!(world.imported(&connection).await["status"], "SUCCEEDED");
    }

    async fn wrong_orders_are_refused_in_clear_words(world: &World) {
        let connection = shop(world, "Shop").await;
        let start = |more: &'static [&'static str]| [&["import", "start"], more].concat();
        let orders = [
            (start(&[]), "--connection"),
            (start(&["--connection", "Shup"]), "“Shop” in “default”"),
            (start(&["--connection", "con_00000000000000000000000000000000"]), "“Shop” in “default”"),
            (start(&["--connection", "\u{1b}[31m"]), "There is no connection “[31m”"),
            (start(&["--connection", "Shop", "--workspace", "nobody"]), "There are: “default”"),
            (start(&["--connection", "Shop", "--from", "yesterday"]), "2026-01-31"),
            (start(&["--connection", "Shop", "--from", "2024-01-02", "--to", "2024-01-01"]), "start before the end"),
            (start(&["--connection", "Shop", "--from", "2999-01-01"]), "start before the end"),
            (start(&["--connection", "Shop", "--resource", "everything"]), "charges, refunds"),
            (start(&["--connection", "Shop", "--resource", ""]), "charges, refunds"),
            (vec!["import", "status", "--connection", "Shup"], "“Shop” in “default”"),
            (vec!["import", "status", "--follow"], ""),
        ];
        for (order, named) in orders {
            let ran = on(world, &order).await;
            assert_eq!(ran.ok, named.is_empty(), "{order:?}: {ran:?}");
            assert!(ran.err.contains(named), "{order:?}: {}", ran.err);
            assert!(!ran.err.contains("panicked") && !ran.err.contains('\u{1b}'), "{order:?}: {}", ran.err);
        }
        assert_eq!(world.latest_import(&connection).await["trigger"], "CONNECTED");
        assert!(requests(world).await.is_empty());
    }

    async fn a_name_of_several_workspaces_needs_the_workspace(world: &World) {
        shop(world, "Shop").await;
        let other = on(world, &["token", "create", "--workspace", "elsewhere", "--name", "x"]).await;
        let (_, key) = world.account(AccountSpec::with_payments(2));
        let connect = "mutation C($input: ConnectWithApiKeyInput!) {
            connectWithApiKey(input: $input) { connection { id } errors { message } } }";
        let input = json!({ "input": { "name": "SHOP", "apiKey": key } });
        world.ask_as(other.out.trim(), connect, input).await;

        let ambiguous = on(world, &["import", "status", "--connection", "shop"]).await;
        let named = on(world, &["import", "status", "--connection", "shop", "--workspace", "elsewhere"]).await;
        let all = on(world, &["import", "status"]).await;

        assert!(!ambiguous.ok && ambiguous.err.contains("“default”, “elsewhere”"), "{ambiguous:?}");
        assert!(named.ok && named.out.starts_with("“SHOP”"), "{named:?}");
        assert!(all.out.contains("“Shop”") && all.out.contains("“SHOP”"), "{all:?}");
    }

    #[options(NOBODY)]
    async fn without_a_worker_it_says_so_and_watching_may_stop(world: &World) {
        let connection = waiting(world).await;

        let again = on(world, &["import", "start", "--connection", "Shop"]).await;
        let folder = TempDir::new().unwrap();
        let arguments = ["import", "status", "--connection", "Shop", "--follow"];
        let (code, watched) = interrupted(folder.path(), &variables(world), &arguments, "No worker").await;

        assert!(!again.ok && again.err.contains("--follow"), "{again:?}");
        assert!(again.err.contains("already under way"), "{again:?}");
        assert_eq!(code, Some(130), "{watched}");
        assert!(watched.contains("the import goes on"), "{watched}");
        assert_eq!(world.latest_import(&connection).await["status"], "QUEUED");

        let cancel = "mutation C($id: ID!) { cancelImport(input: { importId: $id }) { errors { message } } }";
        let id = world.latest_import(&connection).await["id"].take();
        world.data(cancel, json!({ "id": id })).await;
        let after = on(world, &["import", "status", "--connection", "Shop", "--follow"]).await;
        let started = on(world, &["import", "start", "--connection", "Shop"]).await;

        assert!(!after.ok && after.err.contains("canceled"), "{after:?}");
        assert!(started.ok && started.err.contains("No worker seems to be running"), "{started:?}");
    }

    async fn missing_permissions_are_named(world: &World) {
        let (_, key) = world.account(AccountSpec::with_payments(2));
        let connection = world.connect("Shop", &key).await;
        world.imported(&connection).await;
        world.stripe.grant(&key, Grants::Only(vec![Permission::BalanceRead]));

        let first = on(world, &["import", "start", "--connection", "Shop", "--follow"]).await;
        let second = on(world, &["import", "start", "--connection", "Shop"]).await;

        assert!(!first.ok && first.err.contains("failed"), "{first:?}");
        assert!(!second.ok && second.err.contains("Missing: "), "{second:?}");
        assert!(second.err.contains("Charges and Refunds"), "{second:?}");
    }
}
