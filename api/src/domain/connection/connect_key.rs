//! Connecting a Stripe account by a key, or giving an existing connection a new one.

use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::standing;
use crate::{
    auth::Caller,
    domain::{
        Gateway, NameProblem,
        name::Name,
        permission::{CheckError, KeyReport, Permission, to_stored},
    },
    ids::{ConnectionId, WorkspaceId},
    storage::{
        AuthMethod, Conflict, ConnectionRow, ImportTrigger, NewCredential, StorageError,
        StoredGrant,
    },
    stripe::{ApiKey, KeyProblem},
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

/// A key that was found good, and for what.
struct Accepted {
    name: Name,
    key: ApiKey,
    report: KeyReport,
}

impl Gateway {
    /// Finds out what a key is good for, and stores nothing.
    pub async fn check_api_key(&self, api_key: SecretString) -> Result<KeyReport, ConnectError> {
        let key = ApiKey::parse(api_key.expose_secret(), self.policy().allow_secret_keys)?;
        Ok(self.inspect_key(key).await?)
    }

    /// Connects an account by key and starts its import; with a connection's id, gives that one the key and keeps
    /// its history.
    ///
    /// Every missing permission is reported at once, so that the key is edited a single time.
    #[tracing::instrument(name = "connection.connect", skip_all, fields(workspace.id = %caller.workspace))]
    pub async fn connect_with_api_key(
        &self,
        caller: &Caller,
        input: ConnectWithApiKey,
    ) -> Result<ConnectionRow, ConnectError> {
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
        self.refuse_connected_account(caller.workspace, &report, existing.as_ref())
            .await?;
        let accepted = Accepted { name, key, report };
        let connection = match existing {
            Some(existing) => self.reconnect(caller, existing, accepted).await?,
            None => self.connect(caller, accepted).await?,
        };
        self.work().notify_waiters();
        self.connection_changed(caller.workspace, ConnectionId(connection.id))
            .await;
        Ok(connection)
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
        Accepted { name, key, report }: Accepted,
    ) -> Result<ConnectionRow, ConnectError> {
        let id = self.ids().next();
        let now = self.clock().now();
        let standing = standing::accepted(&report.grants, AuthMethod::ApiKey);
        let (name, name_key) = name.into_pair();
        let row = ConnectionRow {
            id,
            workspace_id: caller.workspace.0,
            name,
            name_key,
            auth_method: AuthMethod::ApiKey,
            livemode: report.livemode,
            status: standing.status,
            status_reason: standing.reason,
            status_message: standing.message,
            stripe_account_id: report.account.stripe_id.clone(),
            account_name: report.account.name.clone(),
            account_country: report.account.country.clone(),
            account_currency: report.account.currency.clone(),
            api_key_hint: Some(key.hint().to_owned()),
            credential_sealed: Some(self.seal_key(caller.workspace, id, &key)),
            oauth_kind: None,
            access_expires_at: None,
            refresh_lease_until: None,
            granted_at: Some(now),
            permissions: to_stored(&report.grants),
            synced_through: None,
            purge_requested_at: None,
            created_at: now,
            updated_at: now,
        };
        let import = self.first_import(&row, ImportTrigger::Connected);
        let entry = self.audit_by(
            caller,
            "connection.connected",
            id,
            json!({ "by": "api_key" }),
        );
        match self.store().insert_connection(row, import, entry).await {
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
    ) -> Result<ConnectionRow, ConnectError> {
        let credential = NewCredential {
            grant: StoredGrant {
                auth_method: AuthMethod::ApiKey,
                oauth_kind: None,
                sealed: Some(self.seal_key(caller.workspace, existing.id, &key)),
                hint: Some(key.hint().to_owned()),
                access_expires_at: None,
            },
            permissions: to_stored(&report.grants),
            account: report.account.clone(),
            name: name.into_pair(),
        };
        let changed = ConnectionRow {
            permissions: credential.permissions.clone(),
            ..existing
        };
        let import = self.first_import(&changed, ImportTrigger::Connected);
        let entry = self.audit_by(
            caller,
            "connection.reconnected",
            changed.id,
            json!({ "by": "api_key" }),
        );
        let id = ConnectionId(changed.id);
        let change = standing::accepted(&report.grants, AuthMethod::ApiKey);
        self.store()
            .replace_credential(caller.workspace, id, credential, change, import, entry)
            .await?
            .ok_or(ConnectError::UnknownConnection)
    }
}
