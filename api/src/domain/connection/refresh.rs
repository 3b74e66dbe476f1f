//! Renewing the access of Stripe Apps: by one process at a time, since every renewal spends what it is made with.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::{StreamExt, stream};
use serde_json::json;
use tokio::time::Instant;

use super::{CredentialError, credential::stored_kind, oauth::ACCESS, standing};
use crate::{
    domain::{Gateway, to_the_end},
    ids::{ConnectionId, WorkspaceId},
    storage::{ConnectionRow, OAuthKind, StorageError},
    stripe::{
        Credential, Grant, GrantError, OAuthKind as Kind, Platform, StripeError, StripeErrorKind,
    },
};

/// Access that is used is renewed when less than this is left.
const EARLY: TimeDelta = TimeDelta::minutes(10);

/// Access that nobody uses is renewed a little before that, so that nobody has to wait.
const AHEAD: TimeDelta = TimeDelta::minutes(15);

/// How long a renewal may take: two attempts, and some room.
const LEASE: Duration = Duration::from_secs(90);

/// The pause before a new pair is stored again that the database did not take.
const STORE_AGAIN: Duration = Duration::from_millis(500);

/// How many are renewed side by side.
const AT_ONCE: usize = 4;

/// The pause after a renewal that failed.
const PAUSE: TimeDelta = TimeDelta::seconds(30);

/// A refusal this soon after a renewal is about more than its age.
const NEW: TimeDelta = TimeDelta::minutes(5);

/// With more than this left, nobody waits for a renewal.
const LITTLE: TimeDelta = TimeDelta::minutes(1);

/// How often and how many times a renewal of somebody else is looked for.
const POLL: (Duration, usize) = (Duration::from_millis(200), 15);

/// The right to renew a connection's access.
#[derive(Clone, Copy)]
struct Lease {
    /// Since when: what is granted counts from then.
    from: DateTime<Utc>,
    /// Until when, which names it.
    until: DateTime<Utc>,
    /// The same for whoever waits in this process.
    ends: Instant,
}

/// What became of an attempt to renew.
enum Renewal {
    /// There are new tokens.
    Done(Credential),
    /// There will never be new tokens.
    Ended,
    /// Somebody else renews, or Stripe did not answer.
    NotNow,
}

/// What became of a renewal by somebody else.
enum Waited {
    /// The connection has new credentials, or none any more.
    New(Box<ConnectionRow>),
    Ended,
    Still,
}

/// What a refusal of an app's access means.
pub(super) enum AfterRefusal {
    /// There is new access, or there will be: nothing is given up.
    GoOn,
    /// It cannot be renewed, which is noted already.
    Noted,
    /// It is about something else than the token's age.
    Lasting,
}

impl Gateway {
    /// The credential of a connection, good for the next minutes: an app's access is renewed where little is left.
    pub async fn fresh_credential(
        &self,
        connection: &ConnectionRow,
    ) -> Result<Credential, CredentialError> {
        if connection.oauth_kind != Some(OAuthKind::App) || connection.credential_sealed.is_none() {
            return self.credential(connection);
        }
        let expires_at = connection.access_expires_at.ok_or(CredentialError::Ended)?;
        let now = self.clock().now();
        if now + EARLY < expires_at {
            return self.credential(connection);
        }
        match self.renew(connection).await? {
            Renewal::Done(credential) => Ok(credential),
            Renewal::Ended => Err(CredentialError::Ended),
            Renewal::NotNow => self.renewed_elsewhere(connection, expires_at).await,
        }
    }

    /// Renews the access of all app connections, of all workspaces, that ends soon; several processes may do so at
    /// once.
    pub async fn refresh_app_tokens(&self) -> Result<(), StorageError> {
        let now = self.clock().now();
        let is_app = |livemode: &bool| {
            let platform = self.platform(*livemode);
            platform.is_some_and(|platform| platform.kind == Kind::App)
        };
        // What nobody here can renew is not in the way of the rest.
        let modes: Vec<_> = [true, false].into_iter().filter(is_app).collect();
        let due = self
            .store()
            .list_refreshes_due(&modes, now + AHEAD, now)
            .await?;
        let renewals = stream::iter(due).map(|connection| self.renew_due(connection));
        let mut renewals = renewals.buffer_unordered(AT_ONCE);
        while renewals.next().await.is_some() {}
        Ok(())
    }

    async fn renew_due(&self, connection: ConnectionRow) {
        if let Err(error) = self.renew(&connection).await {
            let id = connection.id;
            tracing::error!(connection.id = %id, %error, "the access of connection {id} was not renewed");
        }
    }

    /// What a refusal means for an app, whose access may only have been too old.
    pub(super) async fn after_refusal(
        &self,
        connection: &ConnectionRow,
        error: &StripeError,
    ) -> Result<AfterRefusal, StorageError> {
        let about_token = matches!(
            error.kind,
            StripeErrorKind::KeyRejected | StripeErrorKind::KeyExpired
        );
        let Some(expires_at) = connection.access_expires_at.filter(|_| about_token) else {
            return Ok(AfterRefusal::Lasting);
        };
        if self.clock().now() - (expires_at - ACCESS) <= NEW {
            return Ok(AfterRefusal::Lasting);
        }
        let waited = match self.renew(connection).await {
            Ok(Renewal::Done(_)) => return Ok(AfterRefusal::GoOn),
            Ok(Renewal::Ended) => return Ok(AfterRefusal::Noted),
            Ok(Renewal::NotNow) => self.wait_for_renewal(connection, true).await?,
            Err(CredentialError::Storage(error)) => return Err(error),
            Err(_) => return Ok(AfterRefusal::Lasting),
        };
        Ok(match waited {
            Waited::Ended => AfterRefusal::Noted,
            Waited::New(_) | Waited::Still => AfterRefusal::GoOn,
        })
    }

    /// Renews, where nobody else does. What is asked of Stripe spends the old pair, so it goes on to its end, whoever
    /// stops waiting: else the new pair were lost.
    async fn renew(&self, connection: &ConnectionRow) -> Result<Renewal, CredentialError> {
        let (gateway, connection) = (self.clone(), connection.clone());
        to_the_end(async move { gateway.renew_whole(&connection).await }).await
    }

    async fn renew_whole(&self, connection: &ConnectionRow) -> Result<Renewal, CredentialError> {
        let platform = self
            .platform(connection.livemode)
            .filter(|platform| Some(stored_kind(platform.kind)) == connection.oauth_kind)
            .ok_or(CredentialError::NoPlatform)?;
        let now = self.clock().now();
        let lease = Lease {
            from: now,
            until: now + LEASE,
            ends: Instant::now() + LEASE,
        };
        if !self
            .store()
            .claim_refresh(connection, now, lease.until)
            .await?
        {
            return Ok(Renewal::NotNow);
        }
        match self.ask_twice(platform, connection).await? {
            Ok(grant) => self.keep(connection, lease, grant).await,
            Err(error) if error.is_spent() => self.end(connection, lease).await,
            Err(error) => {
                let id = connection.id;
                tracing::warn!(connection.id = %id, %error, "the access of connection {id} was not renewed");
                let until = self.clock().now() + PAUSE;
                self.store()
                    .put_off_refresh(connection, lease.until, until)
                    .await?;
                Ok(Renewal::NotNow)
            }
        }
    }

    /// An attempt without a clear answer may have spent the token, or not: asking again tells.
    async fn ask_twice(
        &self,
        platform: &Platform,
        connection: &ConnectionRow,
    ) -> Result<Result<Grant, GrantError>, CredentialError> {
        let refresh = self.app_tokens(connection)?.refresh;
        let first = self.stripe().renew(platform, &refresh).await;
        if !matches!(first, Err(GrantError::Unknown(_))) {
            return Ok(first);
        }
        let workspace = WorkspaceId(connection.workspace_id);
        let id = ConnectionId(connection.id);
        let Some(now) = self.store().find_connection(workspace, id).await? else {
            return Err(CredentialError::None);
        };
        let refresh = self.app_tokens(&now)?.refresh;
        Ok(self.stripe().renew(platform, &refresh).await)
    }

    /// Stores the new pair before anybody uses it.
    async fn keep(
        &self,
        connection: &ConnectionRow,
        lease: Lease,
        grant: Grant,
    ) -> Result<Renewal, CredentialError> {
        let same = connection.stripe_account_id.as_ref() == Some(&grant.account)
            && connection.livemode == grant.livemode;
        let Some(tokens) = grant.tokens.filter(|_| same) else {
            tracing::error!(connection.id = %connection.id, "Stripe renewed the access to another account");
            return self.end(connection, lease).await;
        };
        let workspace = WorkspaceId(connection.workspace_id);
        let sealed = self.seal_tokens(workspace, connection.id, &tokens);
        if !self.store_surely(connection, lease, &sealed).await? {
            // Connected again or disconnected meanwhile: these tokens are nobody's.
            return Ok(Renewal::NotNow);
        }
        let credential = Credential::of_app(tokens.access, connection.livemode);
        Ok(Renewal::Done(credential.paced(self.pace(connection))))
    }

    /// Stores a new pair, again and again while the lease lasts: the old one is spent, and there is no other.
    async fn store_surely(
        &self,
        connection: &ConnectionRow,
        lease: Lease,
        sealed: &[u8],
    ) -> Result<bool, StorageError> {
        let expires_at = lease.from + ACCESS;
        loop {
            let stored = self
                .store()
                .store_refreshed(connection, lease.until, sealed.to_vec(), expires_at)
                .await;
            match stored {
                Err(error) if Instant::now() + STORE_AGAIN < lease.ends => {
                    let id = connection.id;
                    tracing::warn!(connection.id = %id, %error, "renewed access was not stored; trying again");
                    tokio::time::sleep(STORE_AGAIN).await;
                }
                done => return done,
            }
        }
    }

    async fn end(
        &self,
        connection: &ConnectionRow,
        lease: Lease,
    ) -> Result<Renewal, CredentialError> {
        let workspace = WorkspaceId(connection.workspace_id);
        let id = ConnectionId(connection.id);
        let entry = self.audit(workspace, None, "connection.access_ended", id.0, json!({}));
        let ended = self
            .store()
            .end_refreshes(connection, lease.until, standing::ended(), entry)
            .await?;
        if !ended {
            return Ok(Renewal::NotNow);
        }
        tracing::warn!(connection.id = %id, "Stripe no longer renews the access of connection {id}");
        self.connection_changed(workspace, id);
        Ok(Renewal::Ended)
    }

    /// Somebody else renews: where little is left, waits for it; until then the old access is as good as ever.
    async fn renewed_elsewhere(
        &self,
        connection: &ConnectionRow,
        expires_at: DateTime<Utc>,
    ) -> Result<Credential, CredentialError> {
        let little = self.clock().now() + LITTLE >= expires_at;
        match self.wait_for_renewal(connection, little).await? {
            Waited::New(row) => self.credential(&row),
            Waited::Ended => Err(CredentialError::Ended),
            Waited::Still if self.clock().now() < expires_at => self.credential(connection),
            Waited::Still => Err(CredentialError::NotRenewed),
        }
    }

    /// Looks whether somebody else has renewed; with patience, for as long as a renewal usually takes.
    async fn wait_for_renewal(
        &self,
        connection: &ConnectionRow,
        patient: bool,
    ) -> Result<Waited, StorageError> {
        let workspace = WorkspaceId(connection.workspace_id);
        let id = ConnectionId(connection.id);
        let (pause, times) = POLL;
        for _ in 0..times {
            let Some(row) = self.store().find_connection(workspace, id).await? else {
                return Ok(Waited::Ended);
            };
            if row.credential_sealed != connection.credential_sealed {
                return Ok(Waited::New(Box::new(row)));
            }
            if row.access_expires_at.is_none() {
                return Ok(Waited::Ended);
            }
            let now = self.clock().now();
            if !patient || row.refresh_lease_until.is_none_or(|until| until <= now) {
                break;
            }
            tokio::time::sleep(pause).await;
        }
        Ok(Waited::Still)
    }
}
