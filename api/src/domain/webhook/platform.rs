//! The platform's webhook, through which the events of authorized accounts come.

use super::ours::Addresses;
use crate::domain::Gateway;

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
        PlatformWebhook {
            url: Addresses::of(self.public_url()).of_platform(),
            configured: self.has_platform_secret(livemode),
        }
    }

    /// Whether the secret of the platform's endpoint is configured for a mode.
    #[expect(clippy::unused_self, reason = "the gateway knows its platforms later")]
    fn has_platform_secret(&self, _livemode: bool) -> bool {
        false
    }

    /// Whether an address is the platform's own at this gateway.
    #[must_use]
    pub fn is_platform_address(&self, url: &str) -> bool {
        Addresses::same(url, &Addresses::of(self.public_url()).of_platform())
    }
}

impl Gateway {
    /// The secrets of the platform's endpoints, with their mode.
    #[must_use]
    pub fn platform_secrets(&self) -> Vec<(bool, secrecy::SecretString)> {
        Vec::new()
    }
    pub async fn access_revoked(
        &self,
        _: crate::ids::WorkspaceId,
        _: crate::ids::ConnectionId,
    ) -> Result<(), crate::storage::StorageError> {
        Ok(())
    }
}
