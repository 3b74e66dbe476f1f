//! Checking a key: whose it is, and which rows it grants, all of them in one go.

use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt, stream};

use super::{
    grant::{Grant, missing},
    guide::{GUIDE, Permission},
};
use crate::{
    domain::Gateway,
    storage::AccountFacts,
    stripe::{ApiKey, Credential, Probe, ProbeAnswer, StripeError, StripeErrorKind},
};

/// Whoever waits for the answer wants one, also when Stripe gives none: shorter than an operation may take.
const PATIENCE: Duration = Duration::from_secs(12);

/// Stripe's limit for an account in test mode leaves no room for more (Stripe contract section 2.3).
const PROBES_AT_ONCE: usize = 5;

/// What a key is good for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyReport {
    /// As much as the key may tell of its account.
    pub account: AccountFacts,
    /// The key's mode.
    pub livemode: bool,
    /// Every row of the guide, in its order.
    pub grants: Vec<Grant>,
}

impl KeyReport {
    /// The rows that the key does not grant, in the guide's order.
    #[must_use]
    pub fn missing(&self) -> Vec<&'static Permission> {
        missing(&self.grants)
    }

    /// Whether a row is missing without which nothing works.
    #[must_use]
    pub fn lacks_required(&self) -> bool {
        self.missing().iter().any(|permission| permission.required)
    }
}

/// Why nothing could be found out about a key.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// Stripe does not take the key; the sentence says why and what to do.
    #[error("{0}")]
    Rejected(&'static str),
    /// Stripe cannot be reached or limits us.
    #[error("Stripe cannot be reached at the moment. Nothing was stored; try again.")]
    Unavailable {
        /// How long Stripe asked to wait, in seconds.
        retry_after: Option<u64>,
    },
}

impl From<StripeError> for CheckError {
    fn from(error: StripeError) -> Self {
        tracing::info!(
            stripe.request_id = error.request_id,
            stripe.status = error.status,
            "a key check failed: {error}"
        );
        match error.kind {
            StripeErrorKind::KeyRejected => Self::Rejected(
                "Stripe does not accept this key. It may have been deleted or rolled, or not copied whole: \
                 copy it again from the Stripe dashboard, or create a new restricted key.",
            ),
            StripeErrorKind::KeyExpired => Self::Rejected(
                "This key has expired. Create a new restricted key in the Stripe dashboard.",
            ),
            StripeErrorKind::IpNotAllowed => Self::Rejected(
                "This key's access policy does not allow requests from this server: add the server's IP \
                 address to the key's allowed addresses in the Stripe dashboard.",
            ),
            StripeErrorKind::AccountInvalid => Self::Rejected(
                "Stripe gives this key no access to its account: access may have been revoked. Create a new \
                 restricted key in the Stripe dashboard.",
            ),
            _ => Self::Unavailable {
                retry_after: error.retry_after().map(|wait| wait.as_secs()),
            },
        }
    }
}

impl Gateway {
    /// Asks Stripe what a key is good for; stores nothing, neither here nor there.
    pub(in crate::domain) async fn inspect_key(
        &self,
        key: ApiKey,
    ) -> Result<KeyReport, CheckError> {
        let livemode = key.livemode();
        let credential = Credential::from(key);
        let asking = async {
            // First whose key it is: a key that Stripe does not take is not tried on every row.
            let account = self.ask_account(&credential).await?;
            Ok::<_, StripeError>((account, self.probe_all(&credential).await?))
        };
        let (account, answers) = tokio::time::timeout(PATIENCE, asking)
            .await
            .map_err(|_| CheckError::Unavailable { retry_after: None })??;
        let told = answers.iter().find_map(|answer| answer.account.clone());
        let account = AccountFacts {
            stripe_id: account.stripe_id.clone().or(told),
            ..account
        };
        Ok(KeyReport {
            account,
            livemode,
            grants: self.grants(answers),
        })
    }

    /// Asks Stripe which rows a credential grants.
    pub(in crate::domain) async fn probe_grants(
        &self,
        credential: &Credential,
    ) -> Result<Vec<Grant>, StripeError> {
        Ok(self.grants(self.probe_all(credential).await?))
    }

    fn grants(&self, answers: Vec<ProbeAnswer>) -> Vec<Grant> {
        let checked_at = self.clock().now();
        let grant = |(permission, answer): (_, ProbeAnswer)| Grant {
            permission,
            verdict: answer.verdict,
            checked_at,
        };
        GUIDE.iter().zip(answers).map(grant).collect()
    }

    async fn probe_all(&self, credential: &Credential) -> Result<Vec<ProbeAnswer>, StripeError> {
        stream::iter(Probe::ALL)
            .map(|probe| self.probe_row(credential, probe))
            .buffered(PROBES_AT_ONCE)
            .try_collect()
            .await
    }

    /// With OAuth the platform's own webhook serves the account, so nothing needs to be written there.
    async fn probe_row(
        &self,
        credential: &Credential,
        probe: Probe,
    ) -> Result<ProbeAnswer, StripeError> {
        let writes = matches!(probe, Probe::WebhookEndpoints | Probe::EventDestinations);
        if writes && credential.is_oauth() {
            return Ok(ProbeAnswer::not_checked());
        }
        self.stripe().probe(credential, probe).await
    }

    /// What Stripe tells of a credential's account.
    pub(in crate::domain) async fn account_facts(
        &self,
        credential: &Credential,
    ) -> Result<AccountFacts, StripeError> {
        self.ask_account(credential).await
    }

    /// Who the key belongs to. A restricted key need not be allowed to know, so only what speaks against the key
    /// itself is an error.
    async fn ask_account(&self, credential: &Credential) -> Result<AccountFacts, StripeError> {
        match self.stripe().account(credential).await {
            Ok(account) => Ok(AccountFacts {
                stripe_id: Some(account.id),
                name: account.display_name,
                country: account.country,
                currency: account.default_currency,
            }),
            Err(StripeError {
                kind: StripeErrorKind::MissingPermission { account, .. },
                ..
            }) => Ok(AccountFacts {
                stripe_id: account,
                ..AccountFacts::default()
            }),
            Err(error) if error.ends_connection() || error.should_retry() => Err(error),
            Err(_) => Ok(AccountFacts::default()),
        }
    }
}

/// The rows by name, as a sentence lists them.
pub(in crate::domain) fn names(permissions: &[&Permission]) -> String {
    let names: Vec<_> = permissions
        .iter()
        .map(|permission| permission.resource)
        .collect();
    match names.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => String::new(),
    }
}
