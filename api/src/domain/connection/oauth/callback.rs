//! The way back: whose flow it is, and that it is finished once.

use secrecy::SecretString;
use serde_json::json;
use url::Url;

use super::{failure::OAuthFailure, flow, return_url::with_parameter};
use crate::{
    auth::Actor,
    domain::{Gateway, to_the_end},
    ids::{ConnectionId, node_id},
    state::{StateError, StateRecord, Taken},
};

/// What a browser brings back from Stripe.
#[derive(Debug)]
pub struct OAuthCallback {
    /// The state that it was sent with.
    pub state: String,
    /// The secret of its cookie; none where it has no such cookie.
    pub browser: Option<SecretString>,
    /// What Stripe says.
    pub answer: OAuthAnswer,
}

/// What Stripe says.
#[derive(Debug)]
pub enum OAuthAnswer {
    /// The user allowed access.
    Code(SecretString),
    /// The user refused.
    Denied,
    /// Neither.
    Other,
}

/// How a flow ended.
#[derive(Debug)]
pub struct OAuthOutcome {
    /// The connection, or why there is none.
    pub result: Result<ConnectionId, OAuthFailure>,
    /// Where the user goes, with the result in the URL; none for a page of the gateway.
    pub redirect: Option<Url>,
}

impl OAuthOutcome {
    fn new(result: Result<ConnectionId, OAuthFailure>, return_url: Option<Url>) -> Self {
        let redirect = return_url.map(|url| match &result {
            Ok(id) => with_parameter(url, "connection", &node_id(*id)),
            Err(failure) => with_parameter(url, "error", failure.code()),
        });
        Self { result, redirect }
    }
}

impl Gateway {
    /// Finishes a flow. The state is looked at before it is taken, so that a browser that it does not belong to
    /// cannot use it up.
    #[tracing::instrument(name = "oauth.callback", skip_all)]
    pub async fn complete_oauth(&self, callback: OAuthCallback) -> OAuthOutcome {
        let record = match self.take_flow(&callback).await {
            Ok(record) => record,
            Err((failure, return_url)) => {
                tracing::info!(code = failure.code(), "an OAuth callback was refused");
                return OAuthOutcome::new(Err(failure), return_url);
            }
        };
        // A code is spent with its first use: a browser that hangs up meanwhile does not end what it began.
        let gateway = self.clone();
        to_the_end(async move {
            let result = gateway.finish_flow(&record, callback.answer).await;
            if let Err(failure) = &result {
                gateway.note_failure(&record, *failure).await;
            }
            OAuthOutcome::new(result, record.return_url)
        })
        .await
    }

    /// The flow of a callback, taken; else why not, and where its browser may be sent.
    async fn take_flow(
        &self,
        callback: &OAuthCallback,
    ) -> Result<StateRecord, (OAuthFailure, Option<Url>)> {
        let invalid = (OAuthFailure::StateInvalid, None);
        if !flow::has_form(&callback.state) {
            return Err(invalid);
        }
        let hash = flow::hash(&callback.state);
        let seen = self.states().peek(&hash).await;
        let record = match seen.map_err(|error| (unavailable(&error), None))? {
            Taken::Fresh(record) | Taken::Used(record) => record,
            Taken::Unknown => return Err(invalid),
        };
        let known = |secret| flow::is_of_hash(secret, &record.browser_hash);
        if !callback.browser.as_ref().is_some_and(known) {
            self.note_failure(&record, OAuthFailure::StateInvalid).await;
            return Err(invalid);
        }
        let back = record.return_url.clone();
        if record.expires_at <= self.clock().now() {
            return Err((OAuthFailure::StateInvalid, back));
        }
        match self.states().take(&hash).await {
            Ok(Taken::Fresh(record)) => Ok(*record),
            Ok(Taken::Used(_)) => Err((OAuthFailure::StateUsed, back)),
            Ok(Taken::Unknown) => Err((OAuthFailure::StateInvalid, back)),
            Err(error) => Err((unavailable(&error), back)),
        }
    }

    /// Notes in the audit log that a flow failed.
    async fn note_failure(&self, record: &StateRecord, failure: OAuthFailure) {
        let subject = record.connection.map_or(record.token.0, |id| id.0);
        let detail = json!({ "code": failure.code(), "name": record.name });
        let workspace = record.workspace;
        let by = match &record.host {
            Some(subject) => Actor::Host(subject.as_str().into()),
            None => Actor::Token(record.token),
        };
        let entry = self.audit(
            workspace,
            Some(&by),
            "connection.oauth_failed",
            subject,
            detail,
        );
        tracing::info!(workspace.id = %workspace, code = failure.code(), "an account was not connected: {failure}");
        if let Err(error) = self.store().append_audit(entry).await {
            tracing::warn!(%error, "a failed connection was not written to the audit log");
        }
    }
}

fn unavailable(error: &StateError) -> OAuthFailure {
    tracing::error!(%error, "the state of a flow cannot be read");
    OAuthFailure::Unavailable
}
