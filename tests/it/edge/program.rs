//! The program `inlet` in a folder, with nothing in its environment but what a test gives.

use std::{
    path::Path,
    process::{ExitStatus, Stdio},
    time::{Duration, Instant},
};

use reqwest::Client;
use serde_json::{Value, json};
use tests::Backend;
pub(super) use tests::inlet;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader},
    process::{Child, ChildStdout, Command},
    time::timeout,
};

/// What takes longer has gone wrong.
const PATIENCE: Duration = Duration::from_mins(1);

/// What a command came to.
#[derive(Debug)]
pub(super) struct Ran {
    pub(super) ok: bool,
    pub(super) out: String,
    pub(super) err: String,
}

fn command(folder: &Path, variables: &[(String, String)], arguments: &[&str]) -> Command {
    let mut command = Command::new(inlet());
    command
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .envs(variables.iter().cloned())
        .stdin(Stdio::null())
        .kill_on_drop(true);
    command
}

/// Runs a command to its end.
pub(super) async fn run(folder: &Path, variables: &[(String, String)], arguments: &[&str]) -> Ran {
    let running = command(folder, variables, arguments).output();
    let ended = timeout(PATIENCE, running)
        .await
        .expect("the command ends")
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran {
        ok: ended.status.success(),
        out: text(ended.stdout),
        err: text(ended.stderr),
    }
}

/// Both sets of backends, without a world.
pub(super) async fn backends() -> Vec<Backend> {
    [Some(Backend::embedded()), Backend::shared().await]
        .into_iter()
        .flatten()
        .collect()
}

/// Variables as the program takes them.
pub(super) fn variables<const N: usize>(pairs: [(&str, &str); N]) -> Vec<(String, String)> {
    pairs
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
}

/// A running `inlet serve`.
pub(super) struct Running {
    child: Child,
    out: BufReader<ChildStdout>,
    /// Where it listens.
    pub(super) url: String,
    pub(super) http: Client,
}

impl Running {
    /// Starts it on a free port and waits until it listens.
    pub(super) async fn start(
        folder: &Path,
        variables: &[(String, String)],
        arguments: &[&str],
    ) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut child = command(folder, variables, &[&["serve"], arguments].concat())
            .env("INLET_SERVER__LISTEN", "127.0.0.1:0")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap()).lines();
        let out = BufReader::new(child.stdout.take().unwrap());
        let listening = async {
            while let Some(line) = log.next_line().await.unwrap() {
                if let Some((_, rest)) = line.split_once("listening on ") {
                    return rest.split(',').next().unwrap().to_owned();
                }
            }
            panic!("it ended before it listened");
        };
        let url = timeout(PATIENCE, listening).await.expect("it listens");
        // Shown where the test fails; and somebody has to read, or it would block on a full pipe.
        tokio::spawn(async move {
            while let Ok(Some(line)) = log.next_line().await {
                eprintln!("{line}");
            }
        });
        Self {
            child,
            out,
            url,
            http: Client::builder().no_proxy().build().unwrap(),
        }
    }

    /// The next line that it prints.
    pub(super) async fn line(&mut self) -> String {
        let mut line = String::new();
        timeout(PATIENCE, self.out.read_line(&mut line))
            .await
            .expect("a line")
            .unwrap();
        line.trim_end().to_owned()
    }

    /// The token of a first start.
    pub(super) async fn first_token(&mut self) -> String {
        assert!(self.line().await.contains("shown this once"));
        self.line().await
    }

    /// Asks it over HTTP; the answer's JSON.
    #[expect(
        clippy::disallowed_methods,
        reason = "tests are clients of the gateway, not of Stripe"
    )]
    pub(super) async fn ask(&self, token: &str, query: &str, variables: Value) -> Value {
        let request = self
            .http
            .post(format!("{}/graphql", self.url))
            .bearer_auth(token);
        let request = request.json(&json!({ "query": query, "variables": variables }));
        request.send().await.unwrap().json().await.unwrap()
    }

    /// Sends a signal.
    pub(super) async fn signal(&self, name: &str) {
        let id = self.child.id().unwrap().to_string();
        assert!(
            Command::new("kill")
                .args([name, &id])
                .status()
                .await
                .unwrap()
                .success()
        );
    }

    /// Waits for its end: how it ended, how long that took, and what it still printed.
    pub(super) async fn ended(mut self) -> (ExitStatus, Duration, String) {
        let start = Instant::now();
        let status = timeout(PATIENCE, self.child.wait())
            .await
            .expect("it ends")
            .unwrap();
        let mut rest = String::new();
        self.out.read_to_string(&mut rest).await.unwrap();
        (status, start.elapsed(), rest)
    }

    /// Asks it to end and waits; the rest of what it printed.
    pub(super) async fn stop(self) -> String {
        self.signal("-TERM").await;
        let (status, _, rest) = self.ended().await;
        assert!(status.success(), "{status}");
        rest
    }
}

/// Runs a command until it has said this on standard error, and interrupts it: its exit code, and all that it said there.
pub(super) async fn interrupted(
    folder: &Path,
    variables: &[(String, String)],
    arguments: &[&str],
    until: &str,
) -> (Option<i32>, String) {
    let mut child = command(folder, variables, arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(child.stderr.take().unwrap());
    let id = child.id().unwrap().to_string();
    let running = async {
        let mut all = String::new();
        while !all.contains(until) {
            let more = said.read_line(&mut all).await.unwrap();
            assert!(more > 0, "it ended before it said “{until}”: {all}");
        }
        let kill = Command::new("kill").args(["-INT", &id]).status().await;
        assert!(kill.unwrap().success());
        said.read_to_string(&mut all).await.unwrap();
        (child.wait().await.unwrap().code(), all)
    };
    timeout(PATIENCE, running).await.expect("it ends")
}
