//! The entrance: what every use case needs.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use serde_json::Value;
use tokio::sync::Notify;
use url::Url;
use uuid::Uuid;

use super::{
    Turns,
    import::ReadEvents,
    inbox::{Intake, KnownEndpoints},
    pace::{ConnectionPace, Lane, ReadCounts},
    token::KnownTokens,
};
use crate::{
    auth::{Actor, Caller},
    clock::SharedClock,
    domain::{connection::OAuthSettings, export::ExportPolicy},
    host::Host,
    ids::{ConnectionId, Ids, WorkspaceId},
    outbound::Sender,
    progress::Bus,
    secrets::Sealer,
    state::{Budget, Budgets, OAuthStates},
    storage::{AuditRow, ConnectionRow, Store},
    stripe::{Pace, StripeClient},
};

/// What an operator may decide about the use cases.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// Take full secret keys (`sk_…`) too.
    pub allow_secret_keys: bool,
    /// What may be asked of one account in live mode.
    pub live_budget: Budget,
    /// What may be asked of one account in test mode.
    pub test_budget: Budget,
    /// Exports of payments.
    pub exports: ExportPolicy,
}

/// What the gateway is made from.
pub struct Parts {
    /// The database.
    pub store: Store,
    /// Stripe.
    pub stripe: StripeClient,
    /// Seals credentials.
    pub sealer: Sealer,
    /// Tells whoever watches.
    pub bus: Arc<dyn Bus>,
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
    /// Gives turns to requests.
    pub budgets: Arc<dyn Budgets>,
    /// The host application, where its users may call.
    pub host: Option<Arc<Host>>,
    /// Sends messages to partners.
    pub sender: Sender,
}

/// Everything that Inlet does. Cheap to clone.
#[derive(Clone)]
pub struct Gateway(Arc<Inside>);

struct Inside {
    parts: Parts,
    work: Notify,
    arrivals: Notify,
    exports: Notify,
    messages: Notify,
    intake: Intake,
    known_endpoints: KnownEndpoints,
    known_tokens: KnownTokens,
    read_events: ReadEvents,
    process: Uuid,
    lanes: Mutex<HashMap<ConnectionId, Arc<Lane>>>,
    reads: Arc<ReadCounts>,
    turns: Turns,
}

impl Gateway {
    /// Puts the parts together.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(Inside {
            process: parts.ids.next(),
            reads: Arc::new(ReadCounts::new(Arc::clone(&parts.clock))),
            parts,
            work: Notify::default(),
            arrivals: Notify::default(),
            exports: Notify::default(),
            messages: Notify::default(),
            intake: Intake::default(),
            known_endpoints: KnownEndpoints::default(),
            known_tokens: KnownTokens::default(),
            read_events: ReadEvents::default(),
            lanes: Mutex::default(),
            turns: Turns::default(),
        }))
    }

    /// The database, for reads that have no rules of their own.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.0.parts.store
    }

    /// Stripe.
    #[must_use]
    pub fn stripe(&self) -> &StripeClient {
        &self.0.parts.stripe
    }

    /// The time.
    #[must_use]
    pub fn clock(&self) -> &SharedClock {
        &self.0.parts.clock
    }

    /// New identifiers.
    #[must_use]
    pub fn ids(&self) -> &Ids {
        &self.0.parts.ids
    }

    /// The pace of a connection: the same one for all that is asked on its behalf.
    pub(super) fn pace(&self, connection: &ConnectionRow) -> Arc<dyn Pace> {
        let id = ConnectionId(connection.id);
        Arc::new(ConnectionPace {
            workspace: WorkspaceId(connection.workspace_id),
            connection: id,
            lane: self.lane(id, connection.livemode),
            reads: Arc::clone(&self.0.reads),
        })
    }

    /// The most that may be asked of an account of this mode.
    #[must_use]
    pub fn budget(&self, livemode: bool) -> Budget {
        let policy = self.0.parts.policy;
        if livemode {
            policy.live_budget
        } else {
            policy.test_budget
        }
    }

    fn lane(&self, connection: ConnectionId, livemode: bool) -> Arc<Lane> {
        let budget = self.budget(livemode);
        let new = || {
            let budgets = Arc::clone(&self.0.parts.budgets);
            Lane::new(budgets, self.0.process, connection, budget)
        };
        let mut lanes = self.0.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(lanes.entry(connection).or_insert_with(new))
    }

    /// What was read of accounts and is not stored yet.
    pub(super) fn reads(&self) -> &ReadCounts {
        &self.0.reads
    }

    /// Wakes whoever waits for work: an import was started, or data is to be deleted.
    #[must_use]
    pub fn work(&self) -> &Notify {
        &self.0.work
    }

    /// Wakes whoever applies events: some have arrived, or are to be looked for.
    #[must_use]
    pub fn arrivals(&self) -> &Notify {
        &self.0.arrivals
    }

    /// Wakes whoever writes exports: one was asked for.
    #[must_use]
    pub fn exports(&self) -> &Notify {
        &self.0.exports
    }

    /// Wakes whoever sends messages to partners: some are to be sent.
    #[must_use]
    pub fn messages(&self) -> &Notify {
        &self.0.messages
    }

    /// Sends messages to partners.
    #[must_use]
    pub fn sender(&self) -> &Sender {
        &self.0.parts.sender
    }

    pub(super) fn intake(&self) -> &Intake {
        &self.0.intake
    }

    pub(super) fn known_endpoints(&self) -> &KnownEndpoints {
        &self.0.known_endpoints
    }

    pub(super) fn read_events(&self) -> &ReadEvents {
        &self.0.read_events
    }

    pub(super) fn known_tokens(&self) -> &KnownTokens {
        &self.0.known_tokens
    }

    pub(super) fn sealer(&self) -> &Sealer {
        &self.0.parts.sealer
    }

    pub(super) fn bus(&self) -> &dyn Bus {
        &*self.0.parts.bus
    }

    /// What Stripe and browsers reach the gateway at.
    #[must_use]
    pub fn public_url(&self) -> &Url {
        &self.0.parts.public_url
    }

    /// Turns of those who connect an account: of two at once the second finds what the first has made.
    pub(super) fn turns(&self) -> &Turns {
        &self.0.turns
    }

    pub(super) fn oauth(&self) -> &OAuthSettings {
        &self.0.parts.oauth
    }

    pub(super) fn states(&self) -> &dyn OAuthStates {
        &*self.0.parts.states
    }

    /// The host application, where its users may call.
    #[must_use]
    pub fn host(&self) -> Option<&Arc<Host>> {
        self.0.parts.host.as_ref()
    }

    pub(super) fn policy(&self) -> Policy {
        self.0.parts.policy
    }

    /// An entry for the audit log, made now. A user of the host application is named in its detail.
    pub(super) fn audit(
        &self,
        workspace: WorkspaceId,
        by: Option<&Actor>,
        action: &str,
        subject: Uuid,
        mut detail: Value,
    ) -> AuditRow {
        let token = match by {
            Some(Actor::Token(token)) => Some(*token),
            Some(user @ Actor::Host(_)) => {
                detail["actor"] = user.to_string().into();
                None
            }
            None => None,
        };
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
            Some(&caller.actor()),
            action,
            subject,
            detail,
        )
    }
}
