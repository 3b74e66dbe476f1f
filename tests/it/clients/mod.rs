//! The clients that users have, against a running gateway; and what the tools around GraphQL say of it.
//!
//! The programs are in `tests/clients`; `scripts/client-libraries` puts the libraries beside them.

mod audit;
mod evolution;
mod flows;

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use serde_json::Value;
use tokio::process::Command;

/// A program that takes longer than this has gone wrong.
const TIME: Duration = Duration::from_mins(2);

/// The programs and their libraries; none, said aloud, where `scripts/test` did not install them.
#[expect(
    clippy::disallowed_methods,
    reason = "the test script tells where the libraries are"
)]
fn folder() -> Option<PathBuf> {
    let folder = std::env::var_os("TEST_CLIENTS").map(PathBuf::from);
    if folder.is_none() {
        eprintln!("skipped: TEST_CLIENTS is not set; use scripts/test");
    }
    folder
}

/// Runs a program of `tests/clients`; the JSON that it prints. Where it fails, so does the test.
async fn run(program: &str, arguments: &[&str]) -> Option<Value> {
    let folder = folder()?;
    let python = Path::new(program)
        .extension()
        .is_some_and(|kind| kind == "py");
    let interpreter = if python {
        folder.join("python/bin/python")
    } else {
        PathBuf::from("node")
    };
    let mut command = Command::new(interpreter);
    command
        .arg(folder.join("clients").join(program))
        .args(arguments)
        .stdin(Stdio::null())
        .kill_on_drop(true);
    let done = tokio::time::timeout(TIME, command.output()).await;
    let output = done
        .unwrap_or_else(|_| panic!("{program} does not end"))
        .unwrap();
    let (told, errors) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success(), "{program}: {told}\n{errors}");
    let last = told.lines().last().unwrap_or_default();
    Some(
        serde_json::from_str(last).unwrap_or_else(|_| panic!("{program} printed {told}\n{errors}")),
    )
}
