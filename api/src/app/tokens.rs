//! Tokens on the operator's word.

use std::time::Duration;

use anyhow::{Context, bail};
use chrono::{DateTime, TimeDelta, Utc};
use secrecy::SecretString;
use uuid::Uuid;

use super::App;
use crate::{
    auth::ScopeSet,
    domain::token::{NewToken, Rotation, scopes_of},
    ids::{TokenId, WorkspaceId},
};

/// A token that the operator orders.
#[derive(Clone, Debug)]
pub struct NewTokenOrder {
    /// The workspace's name; made where it is new.
    pub workspace: String,
    /// The token's name.
    pub name: String,
    /// Names of scopes; none for all.
    pub scopes: Vec<String>,
    /// How long it is good; none for ever.
    pub expires_in: Option<Duration>,
}

/// Makes a token; its secret is shown this once.
pub async fn create_token(app: &App, order: NewTokenOrder) -> anyhow::Result<SecretString> {
    let scopes = if order.scopes.is_empty() {
        ScopeSet::all()
    } else {
        ScopeSet::parse(&order.scopes).with_context(|| {
            format!(
                "a scope is one of {}",
                ScopeSet::all().to_stored().join(", ")
            )
        })?
    };
    let expires_at = order
        .expires_in
        .map(|length| end(app, length))
        .transpose()?;
    let workspace = app
        .gateway
        .find_or_create_workspace(&order.workspace)
        .await
        .context("--workspace cannot be used")?;
    let token = NewToken {
        name: order.name,
        scopes: scopes.iter().collect(),
        expires_at,
    };
    let (_, secret) = app
        .gateway
        .issue_token(WorkspaceId(workspace.id), token)
        .await
        .context("the token cannot be made")?;
    Ok(secret)
}

/// A line for each token of a workspace, oldest first.
pub async fn list_tokens(app: &App, workspace: &str) -> anyhow::Result<Vec<String>> {
    let now = app.gateway.clock().now();
    let tokens = app
        .gateway
        .store()
        .list_tokens(find(app, workspace).await?)
        .await?;
    let line = |token: &crate::storage::TokenRow| {
        let mut state = match (token.revoked_at, token.expires_at) {
            (Some(at), _) => format!("revoked {}", at.format("%F %T")),
            (None, Some(at)) if at <= now => format!("expired {}", at.format("%F %T")),
            (None, Some(at)) => format!("good until {}", at.format("%F %T")),
            (None, None) => "good".to_owned(),
        };
        if let Some(new) = token.replaced_by {
            state = format!("{state}, replaced by {new}");
        }
        let scopes = scopes_of(token).to_stored().join(" ");
        format!(
            "{}  {}  {}  {state}  {scopes}",
            token.id, token.hint, token.name
        )
    };
    Ok(tokens.iter().map(line).collect())
}

/// Gives a token of a workspace a new secret, which is shown this once; the old one is good for so much longer.
pub async fn rotate_token(
    app: &App,
    workspace: &str,
    token: &str,
    overlap: Duration,
    expires_in: Option<Duration>,
) -> anyhow::Result<SecretString> {
    let workspace = find(app, workspace).await?;
    let rotation = Rotation {
        token: id(token)?,
        // What is too long for a number of milliseconds is too long anyway.
        overlap: TimeDelta::from_std(overlap).unwrap_or(TimeDelta::MAX),
        expires_at: expires_in.map(|length| end(app, length)).transpose()?,
    };
    let rotated = app.gateway.reissue_token(workspace, rotation).await;
    Ok(rotated.context("the token cannot be rotated")?.secret)
}

/// Revokes a token of a workspace.
pub async fn revoke_token(app: &App, workspace: &str, token: &str) -> anyhow::Result<()> {
    let workspace = find(app, workspace).await?;
    app.gateway.withdraw_token(workspace, id(token)?).await?;
    Ok(())
}

fn id(text: &str) -> anyhow::Result<TokenId> {
    let id = Uuid::parse_str(text).context("a token's id is the first column of `token list`")?;
    Ok(TokenId(id))
}

/// The moment after such a time.
fn end(app: &App, length: Duration) -> anyhow::Result<DateTime<Utc>> {
    TimeDelta::from_std(length)
        .ok()
        .and_then(|length| app.gateway.clock().now().checked_add_signed(length))
        .context("the token would be good for longer than dates reach")
}

async fn find(app: &App, workspace: &str) -> anyhow::Result<WorkspaceId> {
    match app
        .gateway
        .store()
        .find_workspace_by_name(workspace.trim())
        .await?
    {
        Some(found) => Ok(WorkspaceId(found.id)),
        None => bail!("there is no workspace “{workspace}”"),
    }
}
