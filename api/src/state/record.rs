use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::ids::{ConnectionId, TokenId, WorkspaceId};

/// What was asked for when a flow was started; no secret is in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateRecord {
    /// Whose connection it is to be.
    pub workspace: WorkspaceId,
    /// The API token that started it, for the audit log.
    pub token: TokenId,
    /// The host application's user who started it, where no API token did; `token` is then an id of theirs.
    #[serde(default)]
    pub host: Option<String>,
    /// What the connection is to be called.
    pub name: String,
    /// The mode that was asked for.
    pub livemode: bool,
    /// The platform or app that the user was sent to.
    pub client_id: String,
    /// Where the user goes in the end; none for a page of the gateway.
    pub return_url: Option<Url>,
    /// The connection to connect again; none to make a new one.
    pub connection: Option<ConnectionId>,
    /// Until when the user must have come back.
    pub expires_at: DateTime<Utc>,
    /// SHA-256 of the browser's secret, in hexadecimal.
    pub browser_hash: String,
}
