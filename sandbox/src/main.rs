//! Serves one seeded account until told to stop.

use std::io::Write as _;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context as _;
use chrono::{DateTime, Months, Utc};
use clap::{Parser, ValueEnum};
use sandbox::{AccountSpec, Grants, Latency, Options, Sandbox};
use serde_json::json;

/// A Stripe on this machine.
#[derive(Parser)]
#[command(version, about)]
struct Arguments {
    /// The address to listen on; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// How many payments the account has.
    #[arg(long, default_value_t = 20_000)]
    payments: usize,
    /// The seed of everything.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Whether the account is in live mode.
    #[arg(long, default_value_t = false, action = clap::ArgAction::Set)]
    livemode: bool,
    /// How long each answer takes.
    #[arg(long, default_value = "0ms", value_parser = humantime::parse_duration)]
    latency: Duration,
    /// How to tell where it is and which key opens it.
    #[arg(long, value_enum, default_value = "text")]
    print: Print,
}

#[derive(Clone, Copy, ValueEnum)]
enum Print {
    Json,
    Text,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let sandbox = Sandbox::start(Options {
        listen: arguments.listen,
        seed: arguments.seed,
    })
    .await?;
    sandbox.faults().latency(Latency::fixed(arguments.latency));
    let now = now();
    let begin = now
        .checked_sub_months(Months::new(36))
        .context("the clock is off")?;
    let spec = AccountSpec {
        livemode: arguments.livemode,
        ..AccountSpec::with_payments(arguments.payments)
            .seed(arguments.seed)
            .between(begin, now)
    };
    let account = sandbox.add_account(spec);
    let key = sandbox.create_key(&account, Grants::All);
    announce(
        arguments.print,
        &sandbox.url(),
        &account,
        &key,
        arguments.payments,
    )?;
    stopped().await
}

#[expect(
    clippy::disallowed_methods,
    reason = "the history of the demo ends now"
)]
fn now() -> DateTime<Utc> {
    Utc::now()
}

fn announce(
    print: Print,
    url: &str,
    account: &str,
    key: &str,
    payments: usize,
) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    match print {
        Print::Json => {
            let line = json!({"url": url, "account": account, "key": key, "payments": payments});
            writeln!(out, "{line}")?;
        }
        Print::Text => {
            writeln!(
                out,
                "Sandbox Shop ({account}) with {payments} payments is at {url}"
            )?;
            writeln!(out, "Its restricted key is {key}")?;
        }
    }
    out.flush()
}

/// Waits for ctrl-c, or for the signal that service managers send.
async fn stopped() -> anyhow::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminated = signal(SignalKind::terminate())?;
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => interrupted?,
            _ = terminated.recv() => {}
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await?;
    Ok(())
}
