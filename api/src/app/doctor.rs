//! Looks at everything that Inlet needs, and says what is wrong with it.

use secrecy::ExposeSecret;

use super::{App, Machine, doctor_webhooks, open, open_store};
use crate::{
    config::Config,
    http::Readiness,
    stripe::{ApiKey, Credential, StripeErrorKind},
};

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Whether it is all right.
    pub ok: bool,
    /// What it is, and what to do where it is not all right.
    pub text: String,
}

impl Finding {
    pub(super) fn new(ok: bool, text: impl Into<String>) -> Self {
        Self {
            ok,
            text: text.into(),
        }
    }
}

/// Looks at configuration, database, master keys, Redis, Stripe and the webhooks there.
pub async fn doctor(config: &Config, machine: &Machine) -> Vec<Finding> {
    let mut findings: Vec<_> = config
        .warnings()
        .into_iter()
        .map(|warning| Finding::new(false, warning))
        .collect();
    match pending(config).await {
        Ok(0) => findings.push(Finding::new(true, "the database's schema is up to date")),
        Ok(count) => {
            let text = format!("{count} migrations are pending: run inlet migrate, or inlet serve");
            findings.push(Finding::new(false, text));
            return findings;
        }
        Err(error) => {
            findings.push(Finding::new(false, format!("{error:#}")));
            return findings;
        }
    }
    let app = match open(config, machine).await {
        Ok(app) => app,
        Err(error) => {
            findings.push(Finding::new(false, format!("{error:#}")));
            return findings;
        }
    };
    findings.push(Finding::new(
        true,
        "every stored credential opens with the master keys",
    ));
    for check in app.check().await {
        let state = if check.ok {
            "answers"
        } else {
            "does not answer"
        };
        findings.push(Finding::new(check.ok, format!("{} {state}", check.name)));
    }
    findings.push(stripe(&app).await);
    findings.extend(host(&app).await);
    findings.extend(doctor_webhooks::of_connections(&app).await);
    findings.extend(doctor_webhooks::of_platforms(&app, config).await);
    if config.database.url.expose_secret().starts_with("sqlite:") && config.redis.url.is_some() {
        findings.push(Finding::new(
            true,
            "Redis is configured beside SQLite: that works, but one process needs no Redis",
        ));
    }
    findings
}

/// How many migrations are pending; looking changes nothing.
async fn pending(config: &Config) -> anyhow::Result<usize> {
    Ok(open_store(config).await?.pending_migrations().await?)
}

/// Whether the host application's issuer tells its keys, where one is configured.
async fn host(app: &App) -> Option<Finding> {
    let host = app.gateway.host()?;
    Some(match host.fetch().await {
        Ok(1) => Finding::new(true, "the host application's issuer answers with 1 key"),
        Ok(count) => {
            let text = format!("the host application's issuer answers with {count} keys");
            Finding::new(true, text)
        }
        Err(error) => {
            let text = format!("the host application's tokens cannot be checked: {error}");
            Finding::new(false, text)
        }
    })
}

/// A key that no account has: Stripe refuses it, and has answered.
async fn stripe(app: &App) -> Finding {
    let Ok(key) = ApiKey::parse("rk_test_doctor", false) else {
        return Finding::new(false, "Stripe was not asked");
    };
    match app.gateway.stripe().balance(&Credential::from(key)).await {
        Err(error) if error.kind == StripeErrorKind::KeyRejected => {
            Finding::new(true, "Stripe's API answers")
        }
        Err(error) => Finding::new(
            false,
            format!("Stripe's API does not answer as it should: {error}"),
        ),
        Ok(_) => Finding::new(
            false,
            "INLET_STRIPE__API_URL is not Stripe: it takes any key",
        ),
    }
}
