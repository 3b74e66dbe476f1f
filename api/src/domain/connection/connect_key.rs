//! Connecting a Stripe account by a key, or giving an existing connection a new one.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use tokio::time::Instant;
use uuid::Uuid;

use super::{history::HistoryError, row::NewConnection, standing};
use crate::{
    auth::Caller,
    domain::{
        Gateway, NameProblem,
        name::Name,
        permission::{CheckError, KeyReport, Permission, to_stored, webhook_rows},
        to_the_end,
        webhook::{OlderEndpoint, WebhookFailure, conflicting},
    },
    ids::{ConnectionId, WorkspaceId},
    storage::{
        AuthMethod, Conflict, ConnectionRow, ImportTrigger, NewCredential, StorageError,
        StoredGrant, WebhookEndpointRow,
    },
    stripe::{ApiKey, Credential, KeyProblem},
};

/// What is needed to connect by key.
#[derive(Debug)]
pub struct ConnectWithApiKey {
    /// What the connection is to be called.
    pub name: String,
    /// The key as it was pasted.
    pub api_key: SecretString,
    /// The connection that gets the key; none to make a new one.
    pub connection: Option<ConnectionId>,
}

/// Why an account was not connected. Nothing was stored.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The name cannot be one.
    #[error(transparent)]
    Name(#[from] NameProblem),
    /// Another connection of the workspace has the name.
    #[error("Another connection already has this name: choose a different one.")]
    NameTaken,
    /// What was pasted is not a key that is taken.
    #[error(transparent)]
    Key(#[from] KeyProblem),
    /// Stripe does not take the key.
    #[error("{0}")]
    KeyRejected(&'static str),
    /// Rows without which nothing works are missing; all missing rows are named.
    #[error(
        "The key lacks permissions: edit it in the Stripe dashboard, add the rows named here, and try again."
    )]
    MissingPermissions(Vec<&'static Permission>),
    /// The account is connected already, by this connection.
    #[error("This Stripe account is already connected as “{}”. To give it a new key, connect again with that connection's id.", .0.name)]
    AlreadyConnected(Box<ConnectionRow>),
    /// The connection to give the key to does not exist.
    #[error("There is no such connection.")]
    UnknownConnection,
    /// The key is of another account or mode than the connection.
    #[error(
        "This key belongs to another Stripe account or mode than the connection: use a key of the same account, or make a new connection."
    )]
    OtherAccount,
    /// Nobody can tell whether the key is of the connection's account.
    #[error(
        "Stripe does not tell which account this key belongs to, so it cannot be seen whether it is the connection's: allow the key to read its account (Connect, Accounts: Read), or use another key."
    )]
    AccountNotTold,
    /// Stripe cannot be reached or limits us.
    #[error("Stripe cannot be reached at the moment. Nothing was stored; try again.")]
    StripeUnavailable {
        /// How long Stripe asked to wait, in seconds.
        retry_after: Option<u64>,
    },
    /// The database failed.
    #[error(transparent)]
    Storage(StorageError),
}

impl From<CheckError> for ConnectError {
    fn from(error: CheckError) -> Self {
        match error {
            CheckError::Rejected(message) => Self::KeyRejected(message),
            CheckError::Unavailable { retry_after } => Self::StripeUnavailable { retry_after },
        }
    }
}

impl From<StorageError> for ConnectError {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::Conflict(Conflict::ConnectionName) => Self::NameTaken,
            other => Self::Storage(other),
        }
    }
}

impl From<HistoryError> for ConnectError {
    fn from(error: HistoryError) -> Self {
        match error {
            HistoryError::Stripe(error) => CheckError::from(error).into(),
            HistoryError::Storage(error) => error.into(),
        }
    }
}

impl From<WebhookFailure> for ConnectError {
    fn from(failure: WebhookFailure) -> Self {
        match failure {
            WebhookFailure::NotGranted => Self::MissingPermissions(webhook_rows().collect()),
            WebhookFailure::Credentials(error) => CheckError::from(error).into(),
            WebhookFailure::Unavailable { retry_after } => Self::StripeUnavailable { retry_after },
            WebhookFailure::Storage(error) => error.into(),
            _ => Self::StripeUnavailable { retry_after: None },
        }
    }
}

/// An account that was connected.
#[derive(Clone, Debug)]
pub struct Connected {
    /// The connection.
    pub connection: ConnectionRow,
    /// Older endpoints that point at this gateway: no webhook was made beside them.
    pub conflicting: Vec<OlderEndpoint>,
}

/// A key that was found good, and for what.
#[derive(Clone)]
struct Accepted {
    name: Name,
    key: ApiKey,
    report: KeyReport,
}

/// Whoever waits for the answer wants one: what is left of this after the key was checked is the webhook's.
const PATIENCE: Duration = Duration::from_secs(13);

/// What the webhook has in any case.
const WEBHOOK_PATIENCE: Duration = Duration::from_secs(2);

/// What giving back access that is not needed any more has.
const LET_GO_PATIENCE: Duration = Duration::from_secs(3);

impl Gateway {
    /// Finds out what a key is good for, and stores nothing.
    pub async fn check_api_key(&self, api_key: SecretString) -> Result<KeyReport, ConnectError> {
        let key = ApiKey::parse(api_key.expose_secret(), self.policy().allow_secret_keys)?;
        Ok(self.inspect_key(key).await?)
    }

    /// Connects an account by key, sees to its webhook and starts its import; with a connection's id, gives that one
    /// the key and keeps its history.
    ///
    /// Every missing permission is reported at once, so that the key is edited a single time. Older webhooks that
    /// point at this gateway do not stand in the way: the connection says so.
    #[tracing::instrument(name = "connection.connect", skip_all, fields(workspace.id = %caller.workspace))]
    pub async fn connect_with_api_key(
        &self,
        caller: &Caller,
        input: ConnectWithApiKey,
    ) -> Result<Connected, ConnectError> {
        let deadline = Instant::now() + PATIENCE;
        let name = Name::parse(&input.name)?;
        let key = ApiKey::parse(
            input.api_key.expose_secret(),
            self.policy().allow_secret_keys,
        )?;
        let existing = match input.connection {
            Some(id) => Some(
                self.connection_to_reconnect(caller.workspace, id, &key)
                    .await?,
            ),
            None => None,
        };
        self.refuse_taken_name(caller.workspace, &name, existing.as_ref())
            .await?;
        let report = self.inspect_key(key.clone()).await?;
        if report.lacks_required() {
            return Err(ConnectError::MissingPermissions(report.missing()));
        }
        let accepted = Accepted { name, key, report };
        let deadline = deadline.max(Instant::now() + WEBHOOK_PATIENCE);
        let (gateway, caller) = (self.clone(), caller.clone());
        // What is made at Stripe is stored or taken back, also where nobody waits any more.
        let work = async move { gateway.take_on(&caller, existing, accepted, deadline).await };
        let connected = to_the_end(work).await?;
        self.work().notify_waiters();
        Ok(connected)
    }

    /// Makes the webhook, and stores it with the connection.
    async fn take_on(
        &self,
        caller: &Caller,
        existing: Option<ConnectionRow>,
        accepted: Accepted,
        deadline: Instant,
    ) -> Result<Connected, ConnectError> {
        let (workspace, report) = (caller.workspace, &accepted.report);
        let account = report.account.stripe_id.as_deref().unwrap_or_default();
        let turn = format!("{workspace} {account} {}", report.livemode);
        let _turn = match account {
            "" => None,
            _ => Some(self.turns().take(&turn).await),
        };
        self.refuse_connected_account(workspace, report, existing.as_ref())
            .await?;
        let id = existing
            .as_ref()
            .map_or_else(|| self.ids().next(), |row| row.id);
        let credential = Credential::from(accepted.key.clone());
        if let Some(existing) = &existing
            && !self.continues_history(existing, &credential).await?
        {
            return Err(ConnectError::OtherAccount);
        }
        let blank = self.blank_webhook(workspace, ConnectionId(id));
        let generation = blank.id;
        let laying = self.lay_webhook(blank, &credential);
        let Ok(laid) = tokio::time::timeout_at(deadline, laying).await else {
            self.sweep_later(&credential, generation);
            return Err(ConnectError::StripeUnavailable { retry_after: None });
        };
        let laid = laid?;
        let webhook = laid.row.clone();
        let before = existing.clone();
        let stored = match existing {
            Some(existing) => self.reconnect(caller, existing, accepted, webhook).await,
            None => self.connect(caller, id, accepted, webhook).await,
        };
        match stored {
            Ok(connection) => {
                self.connection_changed(workspace, ConnectionId(id));
                if let Some(before) = before {
                    self.let_go_of_oauth(&before).await;
                }
                let conflicting = conflicting(&laid.row);
                Ok(Connected {
                    connection,
                    conflicting,
                })
            }
            Err(error) => {
                self.take_back_webhook(&credential, &laid).await;
                Err(error)
            }
        }
    }

    /// The key acts from now on: access by OAuth that it takes the place of is given back, as far as Stripe answers.
    async fn let_go_of_oauth(&self, before: &ConnectionRow) {
        let letting_go = tokio::time::timeout(LET_GO_PATIENCE, self.let_go(before));
        if letting_go.await != Ok(true) {
            let id = before.id;
            tracing::warn!(connection.id = %id, "access by OAuth of connection {id} may be left at Stripe");
        }
    }

    async fn connection_to_reconnect(
        &self,
        workspace: WorkspaceId,
        id: ConnectionId,
        key: &ApiKey,
    ) -> Result<ConnectionRow, ConnectError> {
        let found = self.store().find_connection(workspace, id).await?;
        let existing = found.ok_or(ConnectError::UnknownConnection)?;
        if existing.livemode == key.livemode() {
            Ok(existing)
        } else {
            Err(ConnectError::OtherAccount)
        }
    }

    /// Spares Stripe the probes; the database's own key decides in the end.
    async fn refuse_taken_name(
        &self,
        workspace: WorkspaceId,
        name: &Name,
        except: Option<&ConnectionRow>,
    ) -> Result<(), ConnectError> {
        match self
            .store()
            .find_connection_by_name(workspace, &name.key)
            .await?
        {
            Some(other) if except.is_none_or(|except| except.id != other.id) => {
                Err(ConnectError::NameTaken)
            }
            _ => Ok(()),
        }
    }

    async fn refuse_connected_account(
        &self,
        workspace: WorkspaceId,
        report: &KeyReport,
        existing: Option<&ConnectionRow>,
    ) -> Result<(), ConnectError> {
        let known = existing.and_then(|existing| existing.stripe_account_id.as_ref());
        let Some(account) = &report.account.stripe_id else {
            return if known.is_some() {
                Err(ConnectError::AccountNotTold)
            } else {
                Ok(())
            };
        };
        if known.is_some_and(|known| known != account) {
            return Err(ConnectError::OtherAccount);
        }
        let holder = self
            .store()
            .find_connection_by_account(workspace, account, report.livemode)
            .await?;
        match holder {
            Some(holder) if existing.is_none_or(|existing| existing.id != holder.id) => {
                Err(ConnectError::AlreadyConnected(Box::new(holder)))
            }
            _ => Ok(()),
        }
    }

    async fn connect(
        &self,
        caller: &Caller,
        id: Uuid,
        Accepted { name, key, report }: Accepted,
        webhook: WebhookEndpointRow,
    ) -> Result<ConnectionRow, ConnectError> {
        let now = self.clock().now();
        let new = NewConnection {
            id,
            workspace: caller.workspace,
            name,
            livemode: report.livemode,
            grant: self.key_grant(caller, id, &key),
            account: report.account.clone(),
            permitted: &report.grants,
            webhook: Some(&webhook),
            now,
        };
        let row = new.into_row();
        let import = self.first_import(&row, ImportTrigger::Connected);
        let entry = self.audit_by(
            caller,
            "connection.connected",
            id,
            json!({ "by": "api_key" }),
        );
        let stored = self
            .store()
            .insert_connection(row, Some(webhook), import, entry);
        match stored.await {
            Err(StorageError::Conflict(Conflict::StripeAccount)) => {
                self.refuse_connected_account(caller.workspace, &report, None)
                    .await?;
                Err(ConnectError::Storage(StorageError::Conflict(
                    Conflict::StripeAccount,
                )))
            }
            stored => Ok(stored?),
        }
    }

    async fn reconnect(
        &self,
        caller: &Caller,
        existing: ConnectionRow,
        Accepted { name, key, report }: Accepted,
        webhook: WebhookEndpointRow,
    ) -> Result<ConnectionRow, ConnectError> {
        let change = standing::standing(AuthMethod::ApiKey, &report.grants, Some(&webhook));
        let credential = NewCredential {
            grant: self.key_grant(caller, existing.id, &key),
            permissions: to_stored(&report.grants),
            account: report.account.clone(),
            name: name.into_pair(),
            webhook: Some(webhook),
        };
        let changed = ConnectionRow {
            permissions: credential.permissions.clone(),
            ..existing
        };
        let import = self.import_again(&changed).await?;
        let entry = self.audit_by(
            caller,
            "connection.reconnected",
            changed.id,
            json!({ "by": "api_key" }),
        );
        let id = ConnectionId(changed.id);
        self.store()
            .replace_credential(caller.workspace, id, credential, change, import, entry)
            .await?
            .ok_or(ConnectError::UnknownConnection)
    }

    fn key_grant(&self, caller: &Caller, row: Uuid, key: &ApiKey) -> StoredGrant {
        StoredGrant {
            auth_method: AuthMethod::ApiKey,
            oauth_kind: None,
            sealed: Some(self.seal_key(caller.workspace, row, key)),
            hint: Some(key.hint().to_owned()),
            access_expires_at: None,
        }
    }
}
