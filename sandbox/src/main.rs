//! Serves a seeded account, or two beside a platform, until told to stop.

use std::io::Write as _;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context as _;
use chrono::{DateTime, Months, Utc};
use clap::{Parser, ValueEnum};
use sandbox::{
    AccountSpec, Grants, Latency, Options, PlatformHandle, PlatformKind, PlatformSpec, Sandbox,
};
use serde::Serialize;

/// The version that the platform's webhook is pinned to.
const VERSION: &str = "2026-07-29.dahlia";

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
    /// Whether there is a platform of Stripe Connect that asks for access.
    #[arg(long)]
    platform: bool,
    /// How many payments a second account has; it has no key, the platform is the way in.
    #[arg(long, requires = "platform")]
    second: Option<usize>,
    /// Where the platform's merchants are sent back to; without it anywhere on this machine.
    #[arg(long, requires = "platform")]
    redirect_uri: Option<String>,
    /// Where the platform gets the events of its merchants.
    #[arg(long, requires = "platform")]
    webhook: Option<String>,
    /// How many events a second happen to each account.
    #[arg(long, default_value_t = 0.0)]
    traffic: f64,
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
    let shop = Shop {
        name: "Sandbox Shop",
        payments: arguments.payments,
        seed: arguments.seed,
    };
    let account = shop.open(&sandbox, &arguments)?;
    let key = sandbox.create_key(&account, Grants::All);
    let second = arguments.second.map(|payments| Shop {
        name: "Sandbox Bakery",
        payments,
        // Another seed makes other ids.
        seed: arguments.seed.wrapping_add(1),
    });
    let second_account = second
        .map(|shop| shop.open(&sandbox, &arguments))
        .transpose()?;
    let told = Told {
        url: sandbox.url(),
        account,
        key,
        payments: arguments.payments,
        second_account,
        platform: platform(&arguments, &sandbox)?,
    };
    announce(arguments.print, &told)?;
    stopped().await
}

/// An account to open.
struct Shop {
    name: &'static str,
    payments: usize,
    seed: u64,
}

impl Shop {
    /// Makes the account, with three years of history, and lets things go on happening.
    fn open(&self, sandbox: &Sandbox, arguments: &Arguments) -> anyhow::Result<String> {
        let now = now();
        let begin = now
            .checked_sub_months(Months::new(36))
            .context("the clock is off")?;
        let spec = AccountSpec {
            livemode: arguments.livemode,
            ..AccountSpec::with_payments(self.payments)
                .seed(self.seed)
                .between(begin, now)
                .display_name(self.name)
        };
        let account = sandbox.add_account(spec);
        if arguments.traffic > 0.0 {
            sandbox.live_traffic(&account, arguments.traffic, self.seed);
        }
        Ok(account)
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the history of the demo ends now"
)]
fn now() -> DateTime<Utc> {
    Utc::now()
}

/// What is told at the start.
#[derive(Serialize)]
struct Told {
    url: String,
    account: String,
    key: String,
    payments: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    second_account: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    platform: Option<ToldPlatform>,
}

#[derive(Serialize)]
struct ToldPlatform {
    #[serde(flatten)]
    handle: PlatformHandle,
    #[serde(skip_serializing_if = "Option::is_none")]
    webhook_secret: Option<String>,
}

fn platform(arguments: &Arguments, sandbox: &Sandbox) -> anyhow::Result<Option<ToldPlatform>> {
    if !arguments.platform {
        return Ok(None);
    }
    let handle = sandbox.add_platform(PlatformSpec {
        kind: PlatformKind::Connect,
        livemode: arguments.livemode,
    });
    if let Some(uri) = &arguments.redirect_uri {
        sandbox.register_redirect_uri(&handle.client_id, uri);
    }
    let mut webhook_secret = None;
    if let Some(url) = &arguments.webhook {
        let id = sandbox
            .add_webhook_endpoint(&handle.account, url, &["*"], true, Some(VERSION))
            .context("the platform has no room for a webhook")?;
        webhook_secret = sandbox.endpoint_secret(&id);
    }
    Ok(Some(ToldPlatform {
        handle,
        webhook_secret,
    }))
}

fn announce(print: Print, told: &Told) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    match print {
        Print::Json => writeln!(out, "{}", serde_json::to_string(told)?)?,
        Print::Text => {
            let (account, payments) = (&told.account, told.payments);
            writeln!(
                out,
                "Sandbox Shop ({account}) with {payments} payments is at {}",
                told.url
            )?;
            writeln!(out, "Its restricted key is {}", told.key)?;
            if let Some(account) = &told.second_account {
                writeln!(out, "Sandbox Bakery ({account}) is there too")?;
            }
            if let Some(ToldPlatform {
                handle,
                webhook_secret,
            }) = &told.platform
            {
                let PlatformHandle {
                    account,
                    client_id,
                    secret_key,
                } = handle;
                writeln!(
                    out,
                    "The platform {client_id} ({account}) has the key {secret_key}"
                )?;
                if let Some(secret) = webhook_secret {
                    writeln!(out, "Its webhook's secret is {secret}")?;
                }
            }
        }
    }
    Ok(out.flush()?)
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
