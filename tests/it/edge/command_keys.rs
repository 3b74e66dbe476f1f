//! `inlet keys rotate`: a new master key takes over, and the old one can go.

use sandbox::{AccountSpec, Grants, Options, Sandbox};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::program::{Running, backends, run};

const OLD: &str = "old:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const NEW: &str = "new:ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=";
const OTHER: &str = "old:ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=";

const CONNECT: &str = "mutation($key: String!) {
    connectWithApiKey(input: { name: \"Shop\", apiKey: $key }) { connection { id } errors { message } } }";

/// These variables with other master keys.
fn with_keys(variables: &[(String, String)], keys: &str) -> Vec<(String, String)> {
    let mut variables = variables.to_vec();
    variables.retain(|(name, _)| name != "INLET_SECRETS__MASTER_KEYS");
    variables.push(("INLET_SECRETS__MASTER_KEYS".to_owned(), keys.to_owned()));
    variables
}

async fn import_ended(gateway: &Running, token: &str) -> Value {
    let query =
        "{ connections { nodes { id status latestImport { trigger status failure { code } } } } }";
    loop {
        let mut answer = gateway.ask(token, query, Value::Null).await;
        let connection = answer["data"]["connections"]["nodes"][0].take();
        if !matches!(
            connection["latestImport"]["status"].as_str(),
            Some("QUEUED" | "RUNNING")
        ) {
            return connection;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_new_master_key_takes_over_and_the_old_one_can_go() {
    for backend in backends().await {
        let (folder, stripe) = (
            TempDir::new().unwrap(),
            Sandbox::start(Options::default()).await.unwrap(),
        );
        let key = stripe.create_key(
            &stripe.add_account(AccountSpec::with_payments(20)),
            Grants::All,
        );
        let mut variables = backend.variables();
        variables.push(("INLET_STRIPE__API_URL".to_owned(), stripe.url()));
        let (old, new) = (with_keys(&variables, OLD), with_keys(&variables, NEW));
        let both = with_keys(&variables, &format!("{NEW},{OLD}"));
        let mut gateway = Running::start(folder.path(), &old, &[]).await;
        let token = gateway.first_token().await;
        let connected = gateway.ask(&token, CONNECT, json!({ "key": key })).await;
        assert_eq!(
            connected["data"]["connectWithApiKey"]["errors"],
            json!([]),
            "{connected:#}"
        );
        assert_eq!(
            import_ended(&gateway, &token).await["latestImport"]["status"],
            "SUCCEEDED"
        );
        gateway.stop().await;

        let too_early = run(folder.path(), &new, &["doctor"]).await;
        let rotated = run(folder.path(), &both, &["keys", "rotate"]).await;
        let again = run(folder.path(), &both, &["keys", "rotate"]).await;
        let too_late = run(folder.path(), &old, &["doctor"]).await;
        let wrong = run(folder.path(), &with_keys(&variables, OTHER), &["doctor"]).await;

        assert!(
            !too_early.ok && too_early.out.contains("master keys do not fit"),
            "{too_early:?}"
        );
        assert!(
            rotated.ok && rotated.out.contains("sealed 1 anew, 0 already were"),
            "{rotated:?}"
        );
        assert!(
            again.ok && again.out.contains("sealed 0 anew, 1 already were"),
            "{again:?}"
        );
        assert!(!too_late.ok && !wrong.ok, "{too_late:?} {wrong:?}");
        for ran in [&too_early, &rotated, &again, &too_late, &wrong] {
            let text = format!("{}{}", ran.out, ran.err);
            assert!(
                !text.contains(&key) && !text.contains(&NEW[4..]) && !text.contains(&OLD[4..]),
                "{ran:?}"
            );
        }

        // The new key alone opens what is needed to import again.
        let gateway = Running::start(folder.path(), &new, &[]).await;
        let id = import_ended(&gateway, &token).await["id"].take();
        let query = "mutation($id: ID!) { startImport(input: { connectionId: $id }) { errors { message } } }";
        let started = gateway.ask(&token, query, json!({ "id": id })).await;
        assert_eq!(
            started["data"]["startImport"]["errors"],
            json!([]),
            "{started:#}"
        );
        let ended = import_ended(&gateway, &token).await;
        assert_eq!(
            ended["latestImport"],
            json!({ "trigger": "REQUESTED", "status": "SUCCEEDED", "failure": null })
        );
        assert_eq!(ended["status"], "ACTIVE");
        gateway.stop().await;
        backend.end().await;
    }
}

#[tokio::test]
async fn keys_in_a_file_are_taken_too() {
    let (folder, stripe) = (
        TempDir::new().unwrap(),
        Sandbox::start(Options::default()).await.unwrap(),
    );
    let file = folder.path().join("keys");
    std::fs::write(&file, format!("{OLD}\n")).unwrap();
    let variables = [
        (
            "INLET_SECRETS__MASTER_KEYS_FILE".to_owned(),
            file.display().to_string(),
        ),
        ("INLET_STRIPE__API_URL".to_owned(), stripe.url()),
    ];

    let migrated = run(folder.path(), &variables, &["migrate"]).await;
    let doctor = run(folder.path(), &variables, &["doctor"]).await;

    assert!(migrated.ok && doctor.ok, "{migrated:?} {doctor:?}");
    assert!(
        !folder.path().join("inlet.key").exists(),
        "a key file was made beside the configured keys"
    );
}

#[tokio::test]
async fn postgres_without_master_keys_is_refused() {
    let Some(backend) = tests::Backend::shared().await else {
        return;
    };
    let folder = TempDir::new().unwrap();
    let mut variables = backend.variables();
    variables.retain(|(name, _)| name != "INLET_SECRETS__MASTER_KEYS");

    let ran = run(folder.path(), &variables, &["serve"]).await;

    assert!(
        !ran.ok && ran.err.contains("INLET_SECRETS__MASTER_KEYS"),
        "{ran:?}"
    );
    backend.end().await;
}
