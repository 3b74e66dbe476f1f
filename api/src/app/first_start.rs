//! The very first start: a workspace and a token, so that there is something to begin with.

use anyhow::Context;
use secrecy::SecretString;

use crate::{
    auth::Scope,
    domain::{Gateway, token::NewToken},
    ids::WorkspaceId,
};

/// The name of the first workspace.
const NAME: &str = "default";

/// Makes the first workspace and its token where there is no workspace at all; the token is shown this once.
pub(super) async fn begin(gateway: &Gateway) -> anyhow::Result<Option<SecretString>> {
    if gateway.store().count_workspaces().await? > 0 {
        return Ok(None);
    }
    let workspace = gateway
        .create_workspace(NAME)
        .await
        .context("the first workspace cannot be made")?;
    // Another process that starts for the first time just now has made it, and shows its token.
    let Some(workspace) = workspace else {
        return Ok(None);
    };
    let token = NewToken {
        name: "first start".to_owned(),
        scopes: Scope::ALL.to_vec(),
        expires_at: None,
    };
    let (_, secret) = gateway
        .issue_token(WorkspaceId(workspace.id), token)
        .await?;
    Ok(Some(secret))
}
