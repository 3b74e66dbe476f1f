//! The platform's webhook, through which the events of authorized accounts come.

use secrecy::SecretString;

use super::ours::Addresses;
use crate::{domain::Gateway, stripe::Platform};

/// What is known of the platform's webhook in one mode.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlatformWebhook {
    /// Where Stripe is to send events to.
    pub url: String,
    /// Whether its secret is configured: without it no event is believed.
    pub configured: bool,
}

impl Gateway {
    /// The platform's webhook in one mode. Its endpoint is the operator's; `inlet doctor` looks at it.
    #[must_use]
    pub fn platform_webhook(&self, livemode: bool) -> PlatformWebhook {
        let platform = self.platform(livemode);
        PlatformWebhook {
            url: Addresses::of(self.public_url()).of_platform(),
            configured: platform.and_then(Platform::webhook_secret).is_some(),
        }
    }

    /// The secrets of the platform's endpoints, each with the mode that it is of.
    pub(in crate::domain) fn platform_secrets(&self) -> Vec<(bool, SecretString)> {
        let of_mode = |livemode| {
            let secret = self.platform(livemode)?.webhook_secret()?;
            Some((livemode, secret.clone()))
        };
        [true, false].into_iter().filter_map(of_mode).collect()
    }

    /// Whether an address is the platform's own at this gateway.
    #[must_use]
    pub fn is_platform_address(&self, url: &str) -> bool {
        Addresses::same(url, &Addresses::of(self.public_url()).of_platform())
    }
}
