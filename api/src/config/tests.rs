use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use secrecy::ExposeSecret;
use tempfile::TempDir;

use super::{Config, ConfigError, LogFormat, OAuthKind};

fn load(variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
    load_with(None, variables)
}

fn load_with(path: Option<&Path>, variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    Config::from_variables(path, variables.iter().map(owned))
}

fn refusal(variables: &[(&str, &str)]) -> String {
    load(variables).unwrap_err().to_string()
}

/// A folder with a file of this text.
fn file(text: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("inlet.toml");
    fs::write(&path, text).unwrap();
    (folder, path)
}

#[test]
fn the_defaults_work_without_any_setting() {
    let config = load(&[]).unwrap();

    assert_eq!(config.server.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.database.redacted_url(), "sqlite://inlet.db");
    assert!(config.redis.url.is_none() && config.secrets.master_keys.is_none());
    assert_eq!(
        config.stripe.oauth.token_endpoint(),
        "https://connect.stripe.com/oauth/token"
    );
    assert_eq!(config.import.lease(), Duration::from_secs(15));
    assert_eq!(config.limits.max_page_size, 100);
    assert_eq!(config.warnings(), [""; 0]);
}

#[test]
fn settings_without_a_default_are_documented_too() {
    let documented = include_str!("../../config.default.toml");
    for key in [
        "url",
        "master_keys",
        "authorize_url",
        "token_url",
        "deauthorize_url",
        "client_id",
        "secret_key",
        "webhook_secret",
    ] {
        assert!(documented.contains(&format!("\n# {key} = ")), "{key}");
    }
}

#[test]
fn the_environment_wins_over_the_file_and_the_file_over_the_defaults() {
    let (_folder, path) =
        file("[import]\nconcurrency = 2\nlease_seconds = 3\n[log]\nformat = \"json\"\n");
    let named = path.to_str().unwrap();
    let variables = [("INLET_IMPORT__CONCURRENCY", "4"), ("INLET_CONFIG", named)];

    let config = load(&variables).unwrap();

    assert_eq!(
        (config.import.concurrency, config.import.lease_seconds),
        (4, 3)
    );
    assert_eq!(config.import.live_requests_per_second, 8);
    assert_eq!(config.log.format, LogFormat::Json);
}

#[test]
fn variables_take_the_type_of_their_setting() {
    let config = load(&[
        ("INLET_STRIPE__ALLOW_SECRET_KEYS", "true"),
        (
            "INLET_SERVER__RETURN_URLS",
            "https://a.example, https://b.example/done",
        ),
        ("INLET_STRIPE__OAUTH__KIND", "app"),
        ("INLET_STRIPE__OAUTH__TEST__CLIENT_ID", "123"),
        ("INLET_STRIPE__OAUTH__TEST__SECRET_KEY", "456"),
        ("INLET_DATABASE__URL", ""),
    ])
    .unwrap();

    assert!(config.stripe.allow_secret_keys);
    assert_eq!(config.server.return_urls.len(), 2);
    assert_eq!(config.stripe.oauth.kind, OAuthKind::App);
    assert_eq!(config.stripe.oauth.test.client_id.as_deref(), Some("123"));
    assert!(config.database.is_sqlite());
}

#[test]
fn a_secret_is_read_from_a_file_and_from_one_place_only() {
    let (_folder, path) = file("k1:AAAA\n");
    let path = path.to_str().unwrap();
    let from_file = ("INLET_SECRETS__MASTER_KEYS_FILE", path);

    let config = load(&[from_file]).unwrap();
    assert_eq!(
        config.secrets.master_keys.unwrap().expose_secret(),
        "k1:AAAA"
    );

    let twice = refusal(&[from_file, ("INLET_SECRETS__MASTER_KEYS", "k2:BBBB")]);
    assert_eq!(
        twice,
        "INLET_SECRETS__MASTER_KEYS and INLET_SECRETS__MASTER_KEYS_FILE are both set: keep one of them"
    );
    let missing = refusal(&[("INLET_REDIS__URL_FILE", "/nowhere/redis")]);
    assert_eq!(
        missing,
        "the file /nowhere/redis that INLET_REDIS__URL_FILE names cannot be read"
    );
}

#[test]
fn an_unknown_setting_is_named_with_its_origin() {
    assert_eq!(
        refusal(&[("INLET_SERVER__LISTN", "x")]),
        "server.listn is not a setting (from INLET_SERVER__LISTN)"
    );
    assert_eq!(
        refusal(&[("INLET_SERVER__LISTEN_FILE", "x")]),
        "server.listen_file is not a setting (from INLET_SERVER__LISTEN_FILE)"
    );
    let (_folder, path) = file("[serve]\nlisten = \"127.0.0.1:1\"\n");
    let refused = load_with(Some(&path), &[]).unwrap_err().to_string();
    assert_eq!(
        refused,
        format!("serve is not a setting (from {})", path.display())
    );
}

#[test]
fn every_wrong_value_is_told_by_its_setting() {
    for (name, value, sentence) in [
        (
            "SERVER__LISTEN",
            "localhost",
            "server.listen must be an address and port, such as 0.0.0.0:8080",
        ),
        (
            "SERVER__PUBLIC_URL",
            "inlet.example",
            "server.public_url must be a whole URL, such as https://example.com",
        ),
        (
            "SERVER__PUBLIC_URL",
            "ftp://inlet.example",
            "server.public_url must be an http or https URL",
        ),
        (
            "SERVER__PUBLIC_URL",
            "https://a:b@inlet.example",
            "server.public_url must not hold a user name or password",
        ),
        (
            "SERVER__RETURN_URLS",
            "https://a.example,javascript:0",
            "server.return_urls must be an http or https URL",
        ),
        (
            "IMPORT__LIVE_REQUESTS_PER_SECOND",
            "0",
            "import.live_requests_per_second must be from 1 to 10000, and is 0",
        ),
        (
            "IMPORT__CONCURRENCY",
            "many",
            "import.concurrency must be a whole number, and is a text",
        ),
        (
            "IMPORT__CONCURRENCY",
            "5000000000",
            "import.concurrency is a number out of range",
        ),
        (
            "LIMITS__PAGE_SIZE",
            "101",
            "limits.page_size must be from 1 to 100, and is 101",
        ),
        (
            "STRIPE__ALLOW_SECRET_KEYS",
            "yes",
            "stripe.allow_secret_keys must be true or false, and is a text",
        ),
        (
            "STRIPE__OAUTH__KIND",
            "apps",
            "stripe.oauth.kind must be one of connect, app",
        ),
        (
            "DATABASE__URL",
            "mysql://db",
            "database.url must begin with sqlite:// or postgres://",
        ),
        (
            "REDIS__URL",
            "http://cache",
            "redis.url must begin with redis://, rediss:// or unix://",
        ),
    ] {
        let name = format!("INLET_{name}");
        assert_eq!(
            refusal(&[(&name, value)]),
            format!("{sentence} (from {name})")
        );
    }
}

#[test]
fn all_wrong_values_are_told_at_once() {
    let refused = refusal(&[
        ("INLET_DATABASE__MAX_CONNECTIONS", "0"),
        ("INLET_STRIPE__OAUTH__LIVE__SECRET_KEY", "sk_test_1"),
    ]);

    assert_eq!(
        refused,
        "database.max_connections must be from 1 to 1000, and is 0 (from INLET_DATABASE__MAX_CONNECTIONS)\n\
         stripe.oauth.live needs both client_id and secret_key, or neither (from INLET_STRIPE__OAUTH__LIVE__SECRET_KEY)\n\
         stripe.oauth.live.secret_key is a key of the other mode (from INLET_STRIPE__OAUTH__LIVE__SECRET_KEY)"
    );
}

#[test]
fn no_message_and_no_debug_shows_a_secret() {
    const CANARY: &str = "canary";
    let texts = [
        "secrets = \"k1:canary\"",
        "secrets.master_keys = \"k1:canary",
        "secrets.master_keys = [\"canary\"]",
        "database.url = \"canary\"",
        "stripe.api_url = \"canary\"",
        "log.format = \"canary\"",
    ];
    for text in texts {
        let (_folder, path) = file(text);
        let error = load_with(Some(&path), &[]).unwrap_err();
        assert!(
            !format!("{error} {error:?}").contains(CANARY),
            "{text}: {error}"
        );
    }
    let config = load(&[
        ("INLET_SECRETS__MASTER_KEYS", "k1:canary"),
        ("INLET_REDIS__URL", "redis://:canary@cache"),
        ("INLET_DATABASE__URL", "postgres://inlet:canary@db/inlet"),
        ("INLET_STRIPE__OAUTH__LIVE__CLIENT_ID", "ca_1"),
        ("INLET_STRIPE__OAUTH__LIVE__SECRET_KEY", "canary"),
        ("INLET_STRIPE__OAUTH__LIVE__WEBHOOK_SECRET", "canary"),
    ])
    .unwrap();
    let shown = format!(
        "{config:?} {} {:?}",
        config.database.redacted_url(),
        config.redis.redacted_url()
    );
    assert!(!shown.contains(CANARY), "{shown}");
}

#[test]
fn a_file_that_is_missing_or_no_toml_is_told() {
    let missing = load_with(Some(Path::new("/nowhere/inlet.toml")), &[]).unwrap_err();
    assert_eq!(
        missing.to_string(),
        "the configuration file /nowhere/inlet.toml cannot be read"
    );

    let (_folder, path) = file("[server]\n\nlisten = ");
    let syntax = load_with(Some(&path), &[]).unwrap_err();
    assert!(
        matches!(syntax, ConfigError::Syntax { line: 3, .. }),
        "{syntax}"
    );
}

#[test]
fn dangerous_combinations_are_warned_of() {
    let config = load(&[
        ("INLET_PORT", "tcp://10.0.0.1:80"),
        ("INLET___LISTEN", "127.0.0.1:1"),
        ("INLET_SERVER__PUBLIC_URL", "http://inlet.example"),
        ("INLET_DATABASE__URL", "postgres://db/inlet"),
        ("INLET_STRIPE__ALLOW_SECRET_KEYS", "true"),
    ])
    .unwrap();

    let first_words: Vec<String> = config
        .warnings()
        .iter()
        .map(|warning| warning.split(' ').next().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(
        first_words,
        [
            "INLET_PORT",
            "INLET___LISTEN",
            "server.public_url",
            "stripe.allow_secret_keys",
            "redis.url",
            "secrets.master_keys"
        ]
    );
}

#[test]
fn origins_are_what_browsers_send() {
    let origins = |value| load(&[("INLET_SERVER__CORS_ORIGINS", value)]);

    assert!(load(&[]).unwrap().server.cors_origins.is_empty());
    for value in [
        "*",
        "https://app.example",
        "http://localhost:3000,https://app.example",
    ] {
        assert!(origins(value).is_ok(), "{value}");
    }
    for value in [
        "app.example",
        "https://app.example/",
        "https://app.example/path",
        "https://app.example:443",
        "https://APP.example",
        "null",
        "https://*.example",
        "file:///index.html",
    ] {
        let refused = origins(value).unwrap_err().to_string();
        assert!(
            refused.contains("server.cors_origins must be origins"),
            "{value}: {refused}"
        );
    }
}
