//! A gateway that cannot open what is sealed does not start.

use api::{
    app::{Machine, open},
    config::Config,
};
use sandbox::AccountSpec;
use tests::{World, inlet, on_every_backend};
use tokio::process::Command;

use super::{ask::PATIENCE, database::is_sqlite};
use crate::{
    oauth::{
        app,
        browser::{Browser, input, willing},
    },
    webhooks::inner,
};

/// Another 32 bytes than those of the tests.
const OTHER: &str = "HxwdHhsaGRgXFhUUExIREA8ODQwLCgkIBwYFBAMCAQA=";

fn variables(world: &World, keys: Option<&str>) -> Vec<(String, String)> {
    let mut variables = vec![("INLET_DATABASE__URL".to_owned(), world.database_url())];
    variables.extend(keys.map(|keys| ("INLET_SECRETS__MASTER_KEYS".to_owned(), keys.to_owned())));
    variables
}

/// Why another gateway on the same database does not open.
async fn refusal(world: &World, keys: Option<&str>) -> String {
    let config = Config::from_variables(None, variables(world, keys)).unwrap();
    match open(&config, &Machine::default()).await {
        Ok(_) => panic!("it opened"),
        Err(error) => format!("{error:#}"),
    }
}

/// The path of the key file beside the database; none on PostgreSQL.
fn key_file(world: &World) -> Option<std::path::PathBuf> {
    let url = world.database_url();
    let path = url.strip_prefix("sqlite://")?.split_once('?')?.0;
    Some(std::path::PathBuf::from(path).with_extension("key"))
}

/// The id under which the tests' key seals.
fn key_id(world: &World) -> String {
    let Some(path) = key_file(world) else {
        return "test".to_owned();
    };
    let keys = std::fs::read_to_string(path).unwrap();
    keys.split_once(':').unwrap().0.to_owned()
}

on_every_backend! {
    async fn another_key_does_not_open_the_gateway(world: &World) {
        let (_, key) = world.account(AccountSpec::default());
        let id = world.connect("Shop", &key).await;

        let of_another_id = refusal(world, Some(&format!("other:{OTHER}"))).await;
        let of_the_same_id = refusal(world, Some(&format!("{}:{OTHER}", key_id(world)))).await;
        let malformed = refusal(world, Some("other:CANARYCANARY")).await;

        for message in [&of_another_id, &of_the_same_id] {
            assert!(message.contains("master key"), "{message}");
            let uuid = id.trim_start_matches("con_");
            assert!(message.replace('-', "").contains(uuid), "it names the connection: {message}");
        }
        for message in [of_another_id, of_the_same_id, malformed] {
            assert!(!message.contains(&OTHER[..8]) && !message.contains("CANARY"), "{message}");
            assert!(!message.contains(&key[8..20]), "{message}");
        }
    }

    async fn a_missing_key_is_not_replaced_by_a_new_one(world: &World) {
        let (_, key) = world.account(AccountSpec::default());
        world.connect("Shop", &key).await;
        let file = key_file(world);
        let keys = file.as_ref().map(|path| std::fs::read(path).unwrap());
        if let Some(path) = &file {
            std::fs::remove_file(path).unwrap();
        }

        let message = refusal(world, None).await;

        assert!(message.contains("INLET_SECRETS__MASTER_KEYS"), "{message}");
        assert!(message.contains("missing"), "{message}");
        if let (Some(path), Some(keys)) = (file, keys) {
            assert!(!path.exists(), "a new key was made");
            let given = String::from_utf8(keys).unwrap();
            let config = Config::from_variables(None, variables(world, Some(given.trim()))).unwrap();
            let app = open(&config, &Machine::default()).await.unwrap();
            app.gateway.store().clone().close().await.unwrap();
        }
    }

    async fn an_old_key_still_opens_beside_a_new_one(world: &World) {
        let (_, key) = world.account(AccountSpec::default());
        world.connect("Shop", &key).await;
        let old = match key_file(world) {
            Some(path) => std::fs::read_to_string(path).unwrap(),
            None => "test:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=".to_owned(),
        };

        let both = format!("new:{OTHER},{}", old.trim());
        let config = Config::from_variables(None, variables(world, Some(&both))).unwrap();
        let app = open(&config, &Machine::default()).await.unwrap();
        let resealed = app.gateway.reseal_credentials().await.unwrap();

        assert_eq!((resealed.resealed, resealed.unchanged), (1, 0));
        assert_eq!(app.gateway.reseal_credentials().await.unwrap().unchanged, 1);
        app.gateway.store().clone().close().await.unwrap();
        let new = Config::from_variables(None, variables(world, Some(&format!("new:{OTHER}")))).unwrap();
        let app = open(&new, &Machine::default()).await.unwrap();
        app.gateway.store().clone().close().await.unwrap();
        assert!(refusal(world, Some(old.trim())).await.contains("master key"));
    }

    #[options(app())]
    async fn webhook_secrets_and_the_tokens_of_apps_are_sealed_anew_too(world: &World) {
        let (_, key) = world.account(AccountSpec::default());
        let by_key = world.connect("By key", &key).await;
        willing(world, AccountSpec::default());
        let by_app = Browser::new().connect(world, input("By app")).await.connection();
        world.imported(&by_app).await;
        let old = match key_file(world) {
            Some(path) => std::fs::read_to_string(path).unwrap(),
            None => "test:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=".to_owned(),
        };

        let mut both = variables(world, Some(&format!("new:{OTHER},{}", old.trim())));
        both.push(("INLET_STRIPE__API_URL".to_owned(), world.stripe.url()));
        let config = Config::from_variables(None, both).unwrap();
        let app = open(&config, &Machine::default()).await.unwrap();
        let first = app.gateway.reseal_credentials().await.unwrap();
        let again = app.gateway.reseal_credentials().await.unwrap();
        app.gateway.store().clone().close().await.unwrap();

        assert_eq!((first.resealed, first.unchanged, first.webhook_secrets), (2, 0, 1));
        assert_eq!((again.resealed, again.unchanged, again.webhook_secrets), (0, 2, 0));
        let mut new = variables(world, Some(&format!("new:{OTHER}")));
        new.push(("INLET_STRIPE__API_URL".to_owned(), world.stripe.url()));
        let config = Config::from_variables(None, new).unwrap();
        let gateway = open(&config, &Machine::default()).await.unwrap().gateway;
        assert_eq!(gateway.verify_credentials().await.unwrap(), 2);
        let secrets = gateway.webhook_secrets(inner(&by_key)).await.unwrap().unwrap();
        assert_eq!(secrets.secrets.len(), 1);
        let row = gateway.store().find_connection(secrets.workspace, inner(&by_app)).await.unwrap().unwrap();
        let credential = gateway.credential(&row).unwrap();
        assert!(gateway.stripe().balance(&credential).await.is_ok(), "the tokens are not what they were");
        gateway.store().clone().close().await.unwrap();
    }

    async fn the_program_ends_with_an_error_that_shows_no_key(world: &World) {
        let (_, key) = world.account(AccountSpec::default());
        world.connect("Shop", &key).await;
        let folder = tempfile::TempDir::new().unwrap();

        let ended = Command::new(inlet())
            .arg("serve")
            .current_dir(folder.path())
            .envs(variables(world, Some(&format!("other:{OTHER}"))))
            .env("INLET_SERVER__LISTEN", "127.0.0.1:0")
            .kill_on_drop(true)
            .output();
        let ended = tokio::time::timeout(PATIENCE, ended).await.unwrap().unwrap();

        assert!(!ended.status.success(), "{:?}", ended.status);
        let said = String::from_utf8_lossy(&ended.stderr).into_owned() + &String::from_utf8_lossy(&ended.stdout);
        assert!(said.contains("master key"), "{said}");
        assert!(!said.contains(&OTHER[..8]) && !said.contains(&key[8..20]), "{said}");
        assert!(!said.contains("panicked"), "{said}");
        assert_eq!(is_sqlite(world), key_file(world).is_some());
    }
}
