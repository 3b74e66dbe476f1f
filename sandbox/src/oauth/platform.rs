//! Platforms.

use serde::{Deserialize, Serialize};
use url::{Host, Url};

/// The two ways in which Stripe lets a platform ask merchants for access.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PlatformKind {
    /// Stripe Connect: the platform's key acts on the merchant's account by `Stripe-Account`.
    Connect,
    /// A Stripe App: tokens of an hour, refreshed by tokens that rotate.
    App,
}

/// The wish for a platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct PlatformSpec {
    /// Which OAuth it speaks.
    pub kind: PlatformKind,
    /// The mode of its client id and key; only merchants of the same mode can let it in.
    #[serde(default)]
    pub livemode: bool,
}

/// What the owner of a platform knows of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlatformHandle {
    /// Its own account.
    pub account: String,
    /// `ca_…`, which its authorize links name.
    pub client_id: String,
    /// Its secret key.
    pub secret_key: String,
}

/// What the authorize page answers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AutoAnswer {
    /// Lets the platform into this account at once.
    Grant(String),
    /// Refuses at once.
    Deny,
    /// Shows a page to a person.
    #[default]
    Ask,
}

/// A platform as Stripe keeps it.
#[derive(Clone, Debug)]
pub(crate) struct Platform {
    pub(crate) account: String,
    pub(crate) client_id: String,
    pub(crate) kind: PlatformKind,
    pub(crate) livemode: bool,
    pub(crate) name: String,
    pub(crate) redirect_uris: Vec<String>,
    pub(crate) answer: AutoAnswer,
}

impl Platform {
    /// The address to go back to: the wanted one if it is registered, the first one if none is wanted.
    ///
    /// Where none is registered, any address of this machine is good.
    pub(crate) fn redirect_uri(&self, wanted: Option<&str>) -> Option<Url> {
        let registered = &self.redirect_uris;
        let chosen = match wanted {
            None => registered.first()?.as_str(),
            Some(wanted) if registered.is_empty() => {
                return Url::parse(wanted).ok().filter(is_loopback);
            }
            Some(wanted) => registered.iter().find(|known| *known == wanted)?.as_str(),
        };
        Url::parse(chosen).ok()
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
