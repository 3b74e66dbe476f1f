//! The gateway as a program of its own, which can be killed.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

use reqwest::Client;
use tempfile::TempDir;
use tokio::process::{Child, Command};

/// A running `inlet serve`.
pub struct Program {
    child: Child,
    /// Where it listens.
    pub url: String,
    /// Where it works, and what it prints.
    folder: TempDir,
}

/// Where a program's log goes.
enum Log {
    /// Where the test's own output goes.
    Shown,
    /// To a file.
    Kept,
}

/// A start that takes longer has gone wrong.
const START: Duration = Duration::from_mins(1);

/// The file of its standard output.
const PRINTED: &str = "printed";

/// The file of its log, where that is kept.
const LOGGED: &str = "logged";

/// The program `inlet`, built with the tests.
#[must_use]
pub fn inlet() -> PathBuf {
    let test = std::env::current_exe().expect("the test's own path");
    let folder = test
        .parent()
        .and_then(|deps| deps.parent())
        .expect("the build's folder");
    folder.join("inlet")
}

impl Program {
    /// Starts `inlet serve` with these settings and waits until it is ready.
    pub async fn start(variables: &[(String, String)], http: &Client) -> Self {
        Self::start_with(&inlet(), &["serve"], variables, http, Log::Shown).await
    }

    /// The same with a program and arguments of one's own, and with a log that can be read.
    pub async fn start_as(
        program: &Path,
        arguments: &[&str],
        variables: &[(String, String)],
        http: &Client,
    ) -> Self {
        Self::start_with(program, arguments, variables, http, Log::Kept).await
    }

    /// The same, with a log that can be read.
    pub async fn start_logged(variables: &[(String, String)], http: &Client) -> Self {
        Self::start_with(&inlet(), &["serve"], variables, http, Log::Kept).await
    }

    async fn start_with(
        program: &Path,
        arguments: &[&str],
        variables: &[(String, String)],
        http: &Client,
        log: Log,
    ) -> Self {
        let port = free_port();
        let folder = TempDir::new().expect("a folder");
        let out = std::fs::File::create(folder.path().join(PRINTED)).expect("a file");
        let log = match log {
            Log::Shown => Stdio::inherit(),
            Log::Kept => std::fs::File::create(folder.path().join(LOGGED))
                .expect("a file")
                .into(),
        };
        let child = Command::new(program)
            .args(arguments)
            .current_dir(folder.path())
            .envs(variables.iter().cloned())
            .env("INLET_SERVER__LISTEN", format!("127.0.0.1:{port}"))
            .stdin(Stdio::null())
            .stdout(out)
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .expect("inlet starts: build the whole workspace first");
        let mut program = Self {
            child,
            url: format!("http://127.0.0.1:{port}"),
            folder,
        };
        program.ready(http).await;
        program
    }

    /// The token that the very first start prints; it may be ready a moment before.
    pub async fn first_token(&self) -> String {
        let end = Instant::now() + START;
        loop {
            let printed = std::fs::read_to_string(self.folder.path().join(PRINTED));
            let printed = printed.expect("what it printed");
            // A whole line, so that the token is whole.
            let lines = printed
                .split_inclusive('\n')
                .filter(|line| line.ends_with('\n'));
            let mut words = lines.flat_map(str::split_whitespace);
            if let Some(token) = words.find(|word| word.starts_with("inl_")) {
                return token.to_owned();
            }
            assert!(Instant::now() < end, "no token was printed");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "tests are clients of the gateway, not of Stripe"
    )]
    async fn ready(&mut self, http: &Client) {
        let end = Instant::now() + START;
        loop {
            if let Ok(answer) = http.get(format!("{}/readyz", self.url)).send().await
                && answer.status().is_success()
            {
                return;
            }
            let ended = self.child.try_wait().expect("a process");
            assert!(ended.is_none(), "inlet ended by itself: {ended:?}");
            assert!(Instant::now() < end, "inlet is not ready");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// What it logged, where that is kept.
    #[must_use]
    pub fn logged(&self) -> String {
        let bytes = std::fs::read(self.folder.path().join(LOGGED)).expect("a log");
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// The process's id, to send it signals.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id().expect("it runs")
    }

    /// Ends it with SIGKILL, in the middle of whatever it does.
    pub async fn kill(mut self) {
        self.child.kill().await.expect("it is killed");
    }
}

fn free_port() -> u16 {
    let socket = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    socket.local_addr().expect("an address").port()
}
