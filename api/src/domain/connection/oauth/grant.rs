//! From a code to a connection: exchanged once, checked, and stored whole or not at all.

use std::time::Duration;

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{callback::OAuthAnswer, failure::OAuthFailure};
use crate::{
    auth::{Caller, ScopeSet},
    domain::{
        Gateway,
        connection::{credential::stored_kind, row::NewConnection, standing},
        name::Name,
        permission::{Grant as Permitted, to_stored},
        token::scopes_of,
    },
    ids::ConnectionId,
    state::StateRecord,
    storage::{AccountFacts, AuthMethod, ConnectionRow, ImportTrigger, NewCredential, StoredGrant},
    stripe::{Credential, Grant, OAuthKind, Platform},
};

/// An app's access token is good for an hour, which Stripe does not say in its answer (Stripe contract section 3.2).
pub(in crate::domain::connection) const ACCESS: TimeDelta = TimeDelta::hours(1);

/// What is nice to know of an account is not waited for any longer: its code is spent, so it is connected without.
const CURIOSITY: Duration = Duration::from_secs(8);

/// What a flow was granted, and what was found out with it.
struct Granted<'a> {
    platform: &'a Platform,
    grant: Grant,
    facts: AccountFacts,
    permitted: Vec<Permitted>,
}

impl Gateway {
    /// Exchanges the code of a flow that was taken, and connects the account.
    pub(super) async fn finish_flow(
        &self,
        record: &StateRecord,
        answer: OAuthAnswer,
    ) -> Result<ConnectionId, OAuthFailure> {
        let code = match answer {
            OAuthAnswer::Code(code) => code,
            OAuthAnswer::Denied => return Err(OAuthFailure::AccessDenied),
            OAuthAnswer::Other => return Err(OAuthFailure::ExchangeFailed),
        };
        let caller = self.starter(record).await?;
        let name = Name::parse(&record.name).map_err(|_| OAuthFailure::Internal)?;
        let platform = self
            .platform(record.livemode)
            .filter(|platform| platform.client_id == record.client_id)
            .ok_or(OAuthFailure::StateInvalid)?;
        let existing = match record.connection {
            Some(id) => {
                let found = self.store().find_connection(record.workspace, id).await?;
                Some(found.ok_or(OAuthFailure::StateInvalid)?)
            }
            None => None,
        };
        self.refuse_name_taken(record, &name, existing.as_ref())
            .await?;
        let grant = self.stripe().exchange_code(platform, &code).await?;
        if grant.livemode != record.livemode {
            return Err(OAuthFailure::WrongMode);
        }
        let account = grant.account.clone();
        let connected = self.accept(&caller, name, existing, platform, grant).await;
        if connected.is_err() && platform.kind == OAuthKind::Connect {
            self.give_back(platform, &account, None).await;
        }
        let row = connected?;
        let id = ConnectionId(row.id);
        tracing::info!(connection.id = %id, "connected {id} by OAuth");
        self.work().notify_waiters();
        self.connection_changed(record.workspace, id);
        Ok(id)
    }

    /// Who started the flow; a token that was revoked meanwhile connects nothing.
    async fn starter(&self, record: &StateRecord) -> Result<Caller, OAuthFailure> {
        if let Some(subject) = &record.host {
            // The host alone could tell whether its user may still do this; it said so when the flow was started.
            return Ok(Caller {
                workspace: record.workspace,
                token: record.token,
                host: Some(subject.as_str().into()),
                scopes: ScopeSet::EMPTY,
                expires_at: None,
            });
        }
        let found = self
            .store()
            .find_token(record.workspace, record.token)
            .await?;
        let token = found
            .filter(|token| token.revoked_at.is_none())
            .ok_or(OAuthFailure::StateInvalid)?;
        Ok(Caller {
            workspace: record.workspace,
            token: record.token,
            host: None,
            scopes: scopes_of(&token),
            expires_at: token.expires_at,
        })
    }

    /// Before the code is spent: the database's own key decides in the end.
    async fn refuse_name_taken(
        &self,
        record: &StateRecord,
        name: &Name,
        existing: Option<&ConnectionRow>,
    ) -> Result<(), OAuthFailure> {
        let holder = self
            .store()
            .find_connection_by_name(record.workspace, &name.key)
            .await?;
        match holder {
            Some(holder) if existing.is_none_or(|existing| existing.id != holder.id) => {
                Err(OAuthFailure::NameTaken)
            }
            _ => Ok(()),
        }
    }

    /// Checks that the account may be connected, and connects it.
    async fn accept(
        &self,
        caller: &Caller,
        name: Name,
        existing: Option<ConnectionRow>,
        platform: &Platform,
        grant: Grant,
    ) -> Result<ConnectionRow, OAuthFailure> {
        let known = existing
            .as_ref()
            .and_then(|row| row.stripe_account_id.as_ref());
        if known.is_some_and(|known| *known != grant.account) {
            return Err(OAuthFailure::OtherAccount);
        }
        let holder = self
            .store()
            .find_connection_by_account(caller.workspace, &grant.account, grant.livemode)
            .await?;
        let is_existing =
            |row: &ConnectionRow| existing.as_ref().is_some_and(|known| known.id == row.id);
        if holder.is_some_and(|holder| !is_existing(&holder)) {
            return Err(OAuthFailure::AccountAlreadyConnected);
        }
        let credential = granted_credential(platform, &grant);
        if let Some(existing) = &existing
            && !self.continues_history(existing, &credential).await?
        {
            return Err(OAuthFailure::OtherAccount);
        }
        let (facts, permitted) = self.look_around(&credential, &grant).await;
        let granted = Granted {
            platform,
            grant,
            facts,
            permitted,
        };
        match existing {
            Some(existing) => self.connect_again(caller, existing, name, granted).await,
            None => self.connect_new(caller, name, granted).await,
        }
    }

    /// What Stripe tells of the account and the grant; as much as it tells in time.
    async fn look_around(
        &self,
        credential: &Credential,
        grant: &Grant,
    ) -> (AccountFacts, Vec<Permitted>) {
        let facts = tokio::time::timeout(CURIOSITY, self.account_facts(credential));
        let permitted = tokio::time::timeout(CURIOSITY, self.probe_grants(credential));
        let (facts, permitted) = tokio::join!(facts, permitted);
        let facts = AccountFacts {
            stripe_id: Some(grant.account.clone()),
            ..facts.ok().and_then(Result::ok).unwrap_or_default()
        };
        (
            facts,
            permitted.ok().and_then(Result::ok).unwrap_or_default(),
        )
    }

    async fn connect_new(
        &self,
        caller: &Caller,
        name: Name,
        granted: Granted<'_>,
    ) -> Result<ConnectionRow, OAuthFailure> {
        let (id, now) = (self.ids().next(), self.clock().now());
        let new = NewConnection {
            id,
            workspace: caller.workspace,
            name,
            livemode: granted.grant.livemode,
            grant: self.stored_grant(caller, id, &granted),
            account: granted.facts,
            permitted: &granted.permitted,
            webhook: None,
            now,
        };
        let row = new.into_row();
        let import = self.first_import(&row, ImportTrigger::Connected);
        let entry = self.audit_by(caller, "connection.connected", id, by_oauth());
        let stored = self.store().insert_connection(row, None, import, entry);
        Ok(stored.await?)
    }

    async fn connect_again(
        &self,
        caller: &Caller,
        existing: ConnectionRow,
        name: Name,
        granted: Granted<'_>,
    ) -> Result<ConnectionRow, OAuthFailure> {
        let id = ConnectionId(existing.id);
        // A key's own webhook would tell everything a second time; only the key can remove it, and only when it is
        // not needed any more.
        let removal = self.removal(&existing).await?;
        let heard_until = self.clock().now();
        let credential = NewCredential {
            grant: self.stored_grant(caller, existing.id, &granted),
            permissions: to_stored(&granted.permitted),
            account: granted.facts,
            name: name.into_pair(),
            webhook: None,
        };
        let changed = ConnectionRow {
            permissions: credential.permissions.clone(),
            ..existing
        };
        let import = self.import_again(&changed).await?;
        let entry = self.audit_by(caller, "connection.reconnected", id.0, by_oauth());
        let change = standing::standing(AuthMethod::OAuth, &granted.permitted, None);
        let row = self
            .store()
            .replace_credential(caller.workspace, id, credential, change, import, entry)
            .await?
            .ok_or(OAuthFailure::StateInvalid)?;
        if !removal.is_empty() {
            self.remove(removal).await;
            let recovery = self.recover_since(caller.workspace, id, heard_until);
            if let Err(error) = recovery.await {
                tracing::warn!(connection.id = %id, %error, "events of a change of webhooks are not looked for");
            }
        }
        Ok(row)
    }

    fn stored_grant(&self, caller: &Caller, row: uuid::Uuid, granted: &Granted<'_>) -> StoredGrant {
        let tokens = granted.grant.tokens.as_ref();
        StoredGrant {
            auth_method: AuthMethod::OAuth,
            oauth_kind: Some(stored_kind(granted.platform.kind)),
            sealed: tokens.map(|tokens| self.seal_tokens(caller.workspace, row, tokens)),
            hint: None,
            access_expires_at: tokens.map(|_| self.clock().now() + ACCESS),
        }
    }
}

/// What a grant calls Stripe with.
fn granted_credential(platform: &Platform, grant: &Grant) -> Credential {
    match &grant.tokens {
        Some(tokens) => Credential::of_app(tokens.access.clone(), grant.livemode),
        None => platform.credential_for(&grant.account),
    }
}

fn by_oauth() -> Value {
    json!({ "by": "oauth" })
}
