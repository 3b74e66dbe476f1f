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
            // A port that is free now may be somebody else's a moment later: the program is asked for its own.
            .env("INLET_SERVER__LISTEN", "127.0.0.1:0")
            .stdin(Stdio::null())
            .stdout(out)
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .expect("inlet starts: build the whole workspace first");
        let mut program = Self {
            child,
            url: String::new(),
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
            if let Some(port) = listening_port(self.id()) {
                self.url = format!("http://127.0.0.1:{port}");
                let asked = http.get(format!("{}/readyz", self.url));
                if asked
                    .send()
                    .await
                    .is_ok_and(|answer| answer.status().is_success())
                {
                    return;
                }
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

/// The port that a process listens on, as Linux knows it; none before it does.
fn listening_port(process: u32) -> Option<u16> {
    let files = std::fs::read_dir(format!("/proc/{process}/fd")).ok()?;
    let links = files.filter_map(|file| std::fs::read_link(file.ok()?.path()).ok());
    let own: Vec<String> = links
        .filter_map(|link| {
            let inode = link.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?;
            Some(inode.to_owned())
        })
        .collect();
    let sockets = std::fs::read_to_string(format!("/proc/{process}/net/tcp")).ok()?;
    sockets.lines().skip(1).find_map(|socket| {
        let fields: Vec<_> = socket.split_whitespace().collect();
        let (address, state, inode) = (fields.get(1)?, *fields.get(3)?, *fields.get(9)?);
        let listens = state == "0A" && own.iter().any(|own| own == inode);
        let (_, port) = address.split_once(':').filter(|_| listens)?;
        u16::from_str_radix(port, 16).ok()
    })
}
