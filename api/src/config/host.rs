use std::time::Duration;

use serde::Deserialize;
use url::Url;

use super::{error::Problems, value};

/// The host application whose users may call with its tokens.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HostConfig {
    /// Who signs the tokens, exactly as their `iss` has it; without it none are taken.
    pub issuer: Option<String>,
    /// Who the tokens must be for.
    pub audience: Option<String>,
    /// Where the keys are; without it the issuer is asked.
    #[serde(deserialize_with = "value::optional_url", default)]
    pub jwks_url: Option<Url>,
    /// The claim that names the workspace.
    pub workspace_claim: String,
    /// The claim with the scopes.
    pub scopes_claim: String,
    /// By how much clocks may differ.
    pub leeway_seconds: u32,
    /// How often keys are fetched.
    pub keys_refresh_seconds: u64,
    /// For how long keys serve while none can be fetched.
    pub keys_stale_seconds: u64,
    /// The shortest time between two fetches.
    pub keys_interval_seconds: u64,
}

impl HostConfig {
    /// The issuer's address.
    #[must_use]
    pub fn issuer_url(&self) -> Option<Url> {
        Url::parse(self.issuer.as_deref()?).ok()
    }

    /// Whether the issuer is on this machine, and may be reached over http.
    #[must_use]
    pub fn is_local(&self) -> bool {
        self.issuer_url()
            .is_some_and(|url| value::is_loopback(&url))
    }

    /// How often keys are fetched.
    #[must_use]
    pub fn keys_refresh(&self) -> Duration {
        Duration::from_secs(self.keys_refresh_seconds)
    }

    /// For how long keys serve while none can be fetched.
    #[must_use]
    pub fn keys_stale(&self) -> Duration {
        Duration::from_secs(self.keys_stale_seconds)
    }

    /// The shortest time between two fetches.
    #[must_use]
    pub fn keys_interval(&self) -> Duration {
        Duration::from_secs(self.keys_interval_seconds)
    }

    pub(super) fn check(&self, problems: &mut Problems) {
        match (&self.issuer, &self.audience) {
            (Some(_), None) => problems.add(
                "host.audience",
                "must be set where host.issuer is: tokens for others are not taken",
            ),
            (None, Some(_)) => problems.add("host.issuer", "must be set where host.audience is"),
            _ => {}
        }
        if let Some(issuer) = &self.issuer {
            match Url::parse(issuer) {
                Ok(url) if url.query().is_some() => {
                    problems.add("host.issuer", "must not have parameters (?…)");
                }
                Ok(url) => check_https("host.issuer", &url, problems),
                Err(_) => problems.add(
                    "host.issuer",
                    "must be a whole URL, such as https://login.example",
                ),
            }
        }
        if let Some(url) = &self.jwks_url {
            check_https("host.jwks_url", url, problems);
            if self.issuer.is_none() {
                problems.add("host.issuer", "must be set where host.jwks_url is");
            }
        }
        for (setting, claim) in [
            ("host.workspace_claim", &self.workspace_claim),
            ("host.scopes_claim", &self.scopes_claim),
        ] {
            if claim.is_empty() {
                problems.add(setting, "must name a claim");
            }
        }
        problems.check_range("host.leeway_seconds", self.leeway_seconds, 0, 600);
        let (refresh, stale) = (self.keys_refresh_seconds, self.keys_stale_seconds);
        problems.check_range("host.keys_refresh_seconds", refresh, 1, 86_400);
        problems.check_range("host.keys_stale_seconds", stale, refresh, 7 * 86_400);
        problems.check_range(
            "host.keys_interval_seconds",
            self.keys_interval_seconds,
            1,
            3_600,
        );
    }
}

/// Keys that travel in the clear could be anybody's.
fn check_https(setting: &str, url: &Url, problems: &mut Problems) {
    if url.scheme() == "http" && !value::is_loopback(url) {
        problems.add(setting, "must be https, unless it is on this machine");
    } else {
        value::check_http_url(setting, url, problems);
    }
}
