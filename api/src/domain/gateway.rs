//! The entrance: what every use case needs.

use std::sync::Arc;

use serde_json::Value;
use tokio::sync::Notify;
use url::Url;
use uuid::Uuid;

use crate::{
    auth::Caller,
    clock::SharedClock,
    domain::connection::OAuthSettings,
    ids::{Ids, TokenId, WorkspaceId},
    progress::ProgressBus,
    secrets::Sealer,
    state::OAuthStates,
    storage::{AuditRow, Store},
    stripe::StripeClient,
};

/// What an operator may decide about the use cases.
#[derive(Clone, Copy, Debug, Default)]
pub struct Policy {
    /// Take full secret keys (`sk_…`) too.
    pub allow_secret_keys: bool,
}

/// What the gateway is made from.
pub struct Parts {
    /// The database.
    pub store: Store,
    /// Stripe.
    pub stripe: StripeClient,
    /// Seals credentials.
    pub sealer: Sealer,
    /// Tells about progress.
    pub bus: Arc<dyn ProgressBus>,
    /// The time.
    pub clock: SharedClock,
    /// New identifiers.
    pub ids: Ids,
    /// What Stripe and browsers reach the gateway at.
    pub public_url: Url,
    /// The operator's decisions.
    pub policy: Policy,
    /// What the operator registered at Stripe.
    pub oauth: OAuthSettings,
    /// Keeps OAuth flows while their users are at Stripe.
    pub states: Arc<dyn OAuthStates>,
}

/// Everything that Inlet does. Cheap to clone.
#[derive(Clone)]
pub struct Gateway {
    parts: Arc<Parts>,
    work: Arc<Notify>,
}

impl Gateway {
    /// Puts the parts together.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self {
            parts: Arc::new(parts),
            work: Arc::default(),
        }
    }

    /// The database, for reads that have no rules of their own.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.parts.store
    }

    /// Stripe.
    #[must_use]
    pub fn stripe(&self) -> &StripeClient {
        &self.parts.stripe
    }

    /// The time.
    #[must_use]
    pub fn clock(&self) -> &SharedClock {
        &self.parts.clock
    }

    /// New identifiers.
    #[must_use]
    pub fn ids(&self) -> &Ids {
        &self.parts.ids
    }

    /// Wakes whoever waits for work: an import was started, or data is to be deleted.
    #[must_use]
    pub fn work(&self) -> &Notify {
        &self.work
    }

    pub(super) fn sealer(&self) -> &Sealer {
        &self.parts.sealer
    }

    pub(super) fn bus(&self) -> &dyn ProgressBus {
        &*self.parts.bus
    }

    /// What Stripe and browsers reach the gateway at.
    #[must_use]
    pub fn public_url(&self) -> &Url {
        &self.parts.public_url
    }

    pub(super) fn oauth(&self) -> &OAuthSettings {
        &self.parts.oauth
    }

    pub(super) fn states(&self) -> &dyn OAuthStates {
        &*self.parts.states
    }

    pub(super) fn policy(&self) -> Policy {
        self.parts.policy
    }

    /// An entry for the audit log, made now.
    pub(super) fn audit(
        &self,
        workspace: WorkspaceId,
        token: Option<TokenId>,
        action: &str,
        subject: Uuid,
        detail: Value,
    ) -> AuditRow {
        AuditRow {
            id: self.ids().next(),
            workspace_id: workspace.0,
            at: self.clock().now(),
            action: action.to_owned(),
            token_id: token.map(|token| token.0),
            subject_id: subject,
            detail,
        }
    }

    pub(super) fn audit_by(
        &self,
        caller: &Caller,
        action: &str,
        subject: Uuid,
        detail: Value,
    ) -> AuditRow {
        self.audit(
            caller.workspace,
            Some(caller.token),
            action,
            subject,
            detail,
        )
    }
}
