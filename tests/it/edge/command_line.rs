//! The other commands: doctor, migrate, and settings that cannot be used.

use sandbox::{Options, Sandbox};
use tempfile::TempDir;

use super::program::{backends, run, variables};

#[tokio::test]
async fn doctor_finds_nothing_wrong_where_nothing_is() {
    for backend in backends().await {
        let (folder, stripe) = (
            TempDir::new().unwrap(),
            Sandbox::start(Options::default()).await.unwrap(),
        );
        let mut variables = backend.variables();
        variables.push(("INLET_STRIPE__API_URL".to_owned(), stripe.url()));

        let before = run(folder.path(), &variables, &["doctor"]).await;
        run(folder.path(), &variables, &["migrate"]).await;
        let ran = run(folder.path(), &variables, &["doctor"]).await;

        assert!(
            !before.ok && before.out.contains("run inlet migrate"),
            "{before:?}"
        );
        assert!(ran.ok, "{ran:?}");
        assert!(
            ran.out.lines().count() >= 4 && ran.out.lines().all(|line| line.starts_with("ok ")),
            "{ran:?}"
        );
        for part in ["database", "migrations", "Stripe", "master keys"] {
            assert!(ran.out.contains(part), "{part}: {ran:?}");
        }
        assert_eq!(
            ran.out.contains("redis"),
            backend.database_url().starts_with("postgres"),
            "{ran:?}"
        );
        backend.end().await;
    }
}

#[tokio::test]
async fn doctor_names_what_is_wrong() {
    let folder = TempDir::new().unwrap();
    let stripe = Sandbox::start(Options::default()).await.unwrap();
    let nowhere = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .to_string();
    let url = stripe.url();
    for (settings, named) in [
        (
            [
                ("INLET_REDIS__URL", format!("redis://:hunter2@{nowhere}")),
                ("INLET_STRIPE__API_URL", url.clone()),
            ],
            "redis",
        ),
        (
            [
                ("INLET_STRIPE__API_URL", format!("http://{nowhere}")),
                ("INLET_SERVER__PUBLIC_URL", String::new()),
            ],
            "Stripe",
        ),
        (
            [
                (
                    "INLET_DATABASE__URL",
                    format!("postgres://me:hunter2@{nowhere}/x"),
                ),
                ("INLET_STRIPE__API_URL", url.clone()),
            ],
            "database",
        ),
        (
            [
                ("INLET_SERVER__PUBLIC_URL", "http://example.com".to_owned()),
                ("INLET_STRIPE__API_URL", url),
            ],
            "public_url",
        ),
    ] {
        let settings = settings.map(|(name, value)| (name.to_owned(), value));

        run(folder.path(), &settings, &["migrate"]).await;
        let ran = run(folder.path(), &settings, &["doctor"]).await;

        assert!(!ran.ok, "{named}: {ran:?}");
        let failed: Vec<_> = ran
            .out
            .lines()
            .filter(|line| line.starts_with("failed"))
            .collect();
        assert!(
            failed.iter().any(|line| line.contains(named)),
            "{named}: {ran:?}"
        );
        assert!(ran.err.contains("failed"), "{named}: {ran:?}");
        assert!(
            !ran.out.contains("hunter2") && !ran.err.contains("hunter2"),
            "{named}: {ran:?}"
        );
    }
}

#[tokio::test]
async fn the_schema_goes_up_and_down_and_up_again() {
    for backend in backends().await {
        let folder = TempDir::new().unwrap();
        let variables = backend.variables();
        let migrate = async |arguments: &[&str]| {
            run(
                folder.path(),
                &variables,
                &[&["migrate"], arguments].concat(),
            )
            .await
        };

        let up = migrate(&[]).await;
        let token = run(
            folder.path(),
            &variables,
            &["token", "create", "--workspace", "x", "--name", "x"],
        )
        .await;
        let still_up = migrate(&[]).await;
        let kept = run(
            folder.path(),
            &variables,
            &["token", "list", "--workspace", "x"],
        )
        .await;
        let down = migrate(&["--down", "1000"]).await;
        let up_again = migrate(&[]).await;
        let gone = run(
            folder.path(),
            &variables,
            &["token", "list", "--workspace", "x"],
        )
        .await;

        for ran in [&up, &token, &still_up, &kept, &down, &up_again] {
            assert!(ran.ok, "{ran:?}");
        }
        assert!(up.out.contains("up to date"), "{up:?}");
        assert_eq!(kept.out.lines().count(), 1);
        assert!(!gone.ok && gone.err.contains("no workspace"), "{gone:?}");
        backend.end().await;
    }
}

#[tokio::test]
async fn settings_that_cannot_be_used_are_named() {
    let folder = TempDir::new().unwrap();
    for (name, value, told) in [
        ("INLET_SERVER__LISTENN", "127.0.0.1:1", "server.listenn"),
        ("INLET_NOTHING__HERE", "1", "nothing"),
        ("INLET_SERVER__LISTEN", "here", "server.listen"),
        ("INLET_LIMITS__PAGE_SIZE", "0", "limits.page_size"),
        ("INLET_LIMITS__PAGE_SIZE", "many", "limits.page_size"),
        (
            "INLET_DATABASE__URL",
            "mysql://root:hunter2@db/x",
            "database.url",
        ),
        ("INLET_STRIPE__API_URL", "ftp://stripe", "stripe.api_url"),
        ("INLET_SECRETS__MASTER_KEYS", "hunter2", "MASTER_KEYS"),
        (
            "INLET_SECRETS__MASTER_KEYS_FILE",
            "/nothing/here",
            "INLET_SECRETS__MASTER_KEYS_FILE",
        ),
        ("INLET_CONFIG", "/nothing/here.toml", "/nothing/here.toml"),
    ] {
        for command in ["serve", "migrate", "doctor"] {
            if command == "migrate" && value == "hunter2" {
                continue; // The schema does not need the keys.
            }
            let ran = run(folder.path(), &variables([(name, value)]), &[command]).await;

            assert!(!ran.ok, "{name} with {command}: {ran:?}");
            let text = format!("{}{}", ran.out, ran.err);
            assert!(text.contains(told), "{name} with {command}: {ran:?}");
            assert!(
                !text.contains("hunter2") && !text.contains("panicked"),
                "{name} with {command}: {ran:?}"
            );
        }
    }
}

#[tokio::test]
async fn unknown_commands_are_refused_and_help_names_them_all() {
    let folder = TempDir::new().unwrap();

    let help = run(folder.path(), &[], &["--help"]).await;
    let unknown = run(folder.path(), &[], &["serf"]).await;

    for command in ["serve", "migrate", "schema", "doctor", "token", "keys"] {
        assert!(help.out.contains(command), "{help:?}");
    }
    assert!(help.ok, "{help:?}");
    assert!(!unknown.ok && unknown.err.contains("serf"), "{unknown:?}");
    assert!(
        std::fs::read_dir(folder.path()).unwrap().next().is_none(),
        "asking for help made files"
    );
}

#[tokio::test]
async fn the_program_tells_its_name_and_version() {
    let folder = TempDir::new().unwrap();

    let version = run(folder.path(), &[], &["--version"]).await;

    assert!(version.ok, "{version:?}");
    assert_eq!(
        version.out,
        format!("inlet {}\n", env!("CARGO_PKG_VERSION"))
    );
}
