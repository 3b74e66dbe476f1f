//! Giving a token a new secret, while the old one is good for a little longer.

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::SecretString;
use serde_json::json;

use super::scopes_of;
use crate::{
    auth::{Actor, Caller, Scope, TokenSecret},
    domain::Gateway,
    ids::{TokenId, WorkspaceId},
    storage::{StorageError, TokenRow},
};

/// The longest time for which both secrets are good: what is needed to bring a secret to every program that uses it.
pub const LONGEST_OVERLAP: TimeDelta = TimeDelta::days(7);

/// How to rotate a token.
#[derive(Clone, Copy, Debug)]
pub struct Rotation {
    /// The token.
    pub token: TokenId,
    /// How long the old secret is good beside the new one.
    pub overlap: TimeDelta,
    /// When the new one ends; with none it ends when the old one would have.
    pub expires_at: Option<DateTime<Utc>>,
}

/// A token that was rotated.
#[derive(Debug)]
pub struct Rotated {
    /// The token in its place: of the same name and scopes.
    pub token: TokenRow,
    /// Its secret, shown this once.
    pub secret: SecretString,
    /// The old one, as it is now.
    pub replaced: TokenRow,
}

/// Why no token was rotated.
#[derive(Debug, thiserror::Error)]
pub enum RotateTokenError {
    /// There is no such token.
    #[error("There is no such token.")]
    NotFound,
    /// It was revoked, or its time is over.
    #[error("The token has ended: make a new one.")]
    Ended,
    /// It was rotated before.
    #[error("The token was rotated already: rotate the one that took its place.")]
    Replaced,
    /// Both would be good for too long.
    #[error(
        "The old secret can be good for 7 days more at most (604800 seconds), and not for less than none."
    )]
    Overlap,
    /// Its secret would be able to do more than who asks for it.
    #[error("A token can only rotate tokens whose scopes it has itself: {0} is missing.")]
    ScopeNotHeld(Scope),
    /// The new one would have ended already.
    #[error("The token's end must lie in the future.")]
    Expired,
    /// The new one would be good for longer than who asks for it.
    #[error(
        "The new token's end must not lie after the end of the token that asks for it: give an earlier `expiresAt`."
    )]
    Outlives,
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Gateway {
    /// Rotates a token of the caller's workspace, also the caller's own: whoever asks gets no more scopes and no more
    /// time than it has.
    pub async fn rotate_token(
        &self,
        caller: &Caller,
        rotation: Rotation,
    ) -> Result<Rotated, RotateTokenError> {
        let old = self.find_for_rotation(caller.workspace, &rotation).await?;
        let scopes = scopes_of(&old);
        if let Some(scope) = scopes.iter().find(|scope| !caller.scopes.contains(*scope)) {
            return Err(RotateTokenError::ScopeNotHeld(scope));
        }
        let end = rotation.expires_at.or(old.expires_at);
        if let Some(most) = caller.expires_at
            && end.is_none_or(|end| end > most)
        {
            return Err(RotateTokenError::Outlives);
        }
        self.replace(Some(&caller.actor()), old, rotation).await
    }

    /// Rotates a token on the operator's word.
    pub async fn reissue_token(
        &self,
        workspace: WorkspaceId,
        rotation: Rotation,
    ) -> Result<Rotated, RotateTokenError> {
        let old = self.find_for_rotation(workspace, &rotation).await?;
        self.replace(None, old, rotation).await
    }

    async fn find_for_rotation(
        &self,
        workspace: WorkspaceId,
        rotation: &Rotation,
    ) -> Result<TokenRow, RotateTokenError> {
        if !(TimeDelta::zero()..=LONGEST_OVERLAP).contains(&rotation.overlap) {
            return Err(RotateTokenError::Overlap);
        }
        let now = self.clock().now();
        if rotation.expires_at.is_some_and(|end| end <= now) {
            return Err(RotateTokenError::Expired);
        }
        let found = self.store().find_token(workspace, rotation.token).await?;
        let old = found.ok_or(RotateTokenError::NotFound)?;
        if old.replaced_by.is_some() {
            return Err(RotateTokenError::Replaced);
        }
        let over = old.expires_at.is_some_and(|end| end <= now);
        if over || old.revoked_at.is_some() {
            return Err(RotateTokenError::Ended);
        }
        Ok(old)
    }

    async fn replace(
        &self,
        by: Option<&Actor>,
        old: TokenRow,
        rotation: Rotation,
    ) -> Result<Rotated, RotateTokenError> {
        let now = self.clock().now();
        let workspace = WorkspaceId(old.workspace_id);
        let secret = TokenSecret::generate(self.ids());
        let new = TokenRow {
            id: self.ids().next(),
            secret_hash: secret.hash(),
            hint: secret.hint(),
            created_at: now,
            expires_at: rotation.expires_at.or(old.expires_at),
            last_used_at: None,
            ..old.clone()
        };
        let both_until = now + rotation.overlap;
        let until = old.expires_at.map_or(both_until, |end| end.min(both_until));
        let until = (rotation.overlap > TimeDelta::zero()).then_some(until);
        let detail = json!({
            "replaced_by": new.id,
            "overlap_seconds": rotation.overlap.num_seconds(),
        });
        let entry = self.audit(workspace, by, "token.rotated", old.id, detail);
        let replaced = self
            .store()
            .replace_token(rotation.token, new, until, entry)
            .await?;
        self.known_tokens().forget(rotation.token);
        // It was there a moment ago: somebody else was quicker.
        let (replaced, token) = replaced.ok_or(RotateTokenError::Replaced)?;
        Ok(Rotated {
            token,
            secret: SecretString::from(secret.reveal()),
            replaced,
        })
    }
}
