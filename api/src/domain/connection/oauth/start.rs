//! Starting a flow: what can be refused is refused here, before the user leaves.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::ExposeSecret;
use url::Url;

use super::{
    flow::{self, Flow},
    return_url::{may_return, with_parameter},
};
use crate::{
    auth::Caller,
    domain::{Gateway, NameProblem, name::Name},
    ids::ConnectionId,
    state::{StateError, StateRecord},
    storage::{ConnectionRow, StorageError},
};

/// How long a user may take.
const LIFETIME: TimeDelta = TimeDelta::minutes(10);

/// For how long a flow is remembered, so that a late user is told so where they came from.
const MEMORY: Duration = Duration::from_hours(1);

/// What a user wants to connect.
#[derive(Clone, Debug)]
pub struct StartOAuth {
    /// What the connection is to be called.
    pub name: String,
    /// Where to send the user in the end, as it was written and as it was read.
    pub return_url: Option<(String, Url)>,
    /// The connection to connect again; none to make a new one.
    pub connection: Option<ConnectionId>,
    /// The mode; none for the connection's own, or for live where that is configured.
    pub livemode: Option<bool>,
}

/// A flow that was started.
#[derive(Clone, Debug)]
pub struct StartedOAuth {
    /// Where to send the user.
    pub authorization_url: Url,
    /// Until when they must have come back.
    pub expires_at: DateTime<Utc>,
}

/// Why no flow was started.
#[derive(Debug, thiserror::Error)]
pub enum StartOAuthError {
    /// The name cannot be one.
    #[error(transparent)]
    Name(#[from] NameProblem),
    /// Another connection of the workspace has the name.
    #[error("Another connection already has this name: choose a different one.")]
    NameTaken,
    /// The operator does not allow the return URL.
    #[error(
        "This return URL is not allowed: the operator lists what is, as exact origins or URLs, in INLET_SERVER__RETURN_URLS."
    )]
    ReturnUrl,
    /// The connection to connect again does not exist.
    #[error("There is no such connection.")]
    UnknownConnection,
    /// The connection to connect again is of the other mode.
    #[error("The connection is of the other mode: leave livemode out, or make a new connection.")]
    OtherMode,
    /// Nothing is registered for the mode.
    #[error(
        "Connecting through Stripe is not set up for {mode} mode: the operator has to set INLET_STRIPE__OAUTH__{section}__CLIENT_ID \
         and INLET_STRIPE__OAUTH__{section}__SECRET_KEY. Until then, connect with a restricted key.",
        mode = if *.0 { "live" } else { "test" },
        section = if *.0 { "LIVE" } else { "TEST" }
    )]
    NotConfigured(bool),
    /// What keeps flows is away.
    #[error("Connecting through Stripe is not possible at the moment; try again soon.")]
    States(#[source] StateError),
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Gateway {
    /// Starts a flow: nothing is stored but the flow itself, and that ends by itself.
    #[tracing::instrument(name = "oauth.start", skip_all, fields(workspace.id = %caller.workspace))]
    pub async fn start_oauth(
        &self,
        caller: &Caller,
        input: StartOAuth,
    ) -> Result<StartedOAuth, StartOAuthError> {
        let name = Name::parse(&input.name)?;
        let return_url = match input.return_url {
            Some((text, url)) => Some(self.allowed_return(&text, url)?),
            None => None,
        };
        let existing = self.to_connect_again(caller, input.connection).await?;
        let livemode = self.mode(input.livemode, existing.as_ref())?;
        let platform = self
            .platform(livemode)
            .ok_or(StartOAuthError::NotConfigured(livemode))?;
        let holder = self
            .store()
            .find_connection_by_name(caller.workspace, &name.key)
            .await?;
        if holder.is_some_and(|holder| existing.as_ref().is_none_or(|row| row.id != holder.id)) {
            return Err(StartOAuthError::NameTaken);
        }
        let flow = Flow::start(self.ids());
        let expires_at = self.clock().now() + LIFETIME;
        let record = StateRecord {
            workspace: caller.workspace,
            token: caller.token,
            host: caller.host.as_deref().map(str::to_owned),
            name: name.text,
            livemode,
            client_id: platform.client_id.clone(),
            return_url,
            connection: input.connection,
            expires_at,
            browser_hash: flow::hash(flow.browser_secret().expose_secret()),
        };
        self.states()
            .put(&flow::hash(&flow.state()), record, MEMORY)
            .await
            .map_err(StartOAuthError::States)?;
        let hop = self.oauth_address("/oauth/stripe/authorize");
        Ok(StartedOAuth {
            authorization_url: with_parameter(hop, "flow", flow.token()),
            expires_at,
        })
    }

    fn allowed_return(&self, text: &str, url: Url) -> Result<Url, StartOAuthError> {
        if may_return(text, &url, self.public_url(), &self.oauth().return_urls) {
            Ok(url)
        } else {
            Err(StartOAuthError::ReturnUrl)
        }
    }

    async fn to_connect_again(
        &self,
        caller: &Caller,
        id: Option<ConnectionId>,
    ) -> Result<Option<ConnectionRow>, StartOAuthError> {
        let Some(id) = id else { return Ok(None) };
        let found = self.store().find_connection(caller.workspace, id).await?;
        found.map(Some).ok_or(StartOAuthError::UnknownConnection)
    }

    fn mode(
        &self,
        wanted: Option<bool>,
        existing: Option<&ConnectionRow>,
    ) -> Result<bool, StartOAuthError> {
        match (wanted, existing) {
            (Some(wanted), Some(existing)) if wanted != existing.livemode => {
                Err(StartOAuthError::OtherMode)
            }
            (_, Some(existing)) => Ok(existing.livemode),
            (Some(wanted), None) => Ok(wanted),
            // With neither configured, the error speaks of live mode.
            (None, None) => Ok(self.platform(true).is_some() || self.platform(false).is_none()),
        }
    }
}
