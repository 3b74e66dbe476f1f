//! Mutations that may be sent again without being done again: the first one with a key is executed, those that repeat it
//! are answered the same for a day (after the IETF draft "The Idempotency-Key HTTP Header Field").

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::SecretString;
use uuid::Uuid;

use super::Gateway;
use crate::{
    auth::Caller,
    ids::WorkspaceId,
    secrets::Place,
    storage::{IdempotencyKeyRow, StorageError},
};

/// How long a key stands for its answer.
const KEPT: TimeDelta = TimeDelta::hours(24);

/// Whoever has executed for so long without an answer has ended: no request takes that long.
const GIVEN_UP: TimeDelta = TimeDelta::minutes(5);

/// The longest key.
const LONGEST: usize = 255;

/// A key as a client sent it: 1 to 255 visible ASCII characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey(String);

/// Who is to execute a request.
#[derive(Debug)]
pub enum Begun {
    /// Whoever asked: the answer is to be told with this.
    First(Claim),
    /// Nobody: this was answered before, as JSON.
    Answered(SecretString),
}

/// The right to execute the request of a key.
#[derive(Debug)]
pub struct Claim(IdempotencyKeyRow);

/// Why a request with a key is not executed.
#[derive(Debug, thiserror::Error)]
pub enum IdempotencyError {
    /// It is no key.
    #[error(
        "An idempotency key has 1 to 255 visible ASCII characters; a random UUID is a good one."
    )]
    Malformed,
    /// Something else was asked for with it.
    #[error(
        "This idempotency key was sent with another request: use a new key for each thing that is to be done once."
    )]
    Reused,
    /// The first request is not answered yet.
    #[error(
        "The first request with this idempotency key is still under way: try again in a moment."
    )]
    UnderWay,
    /// What was answered does not open any more.
    #[error("the stored answer does not open")]
    Unreadable,
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl IdempotencyKey {
    /// Reads a key; quotation marks around it, as the draft has them, do not belong to it.
    pub fn read(text: &str) -> Result<Self, IdempotencyError> {
        let bare = text
            .strip_prefix('"')
            .and_then(|text| text.strip_suffix('"'));
        let key = bare.unwrap_or(text);
        let fits =
            (1..=LONGEST).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic());
        fits.then(|| Self(key.to_owned()))
            .ok_or(IdempotencyError::Malformed)
    }
}

impl Gateway {
    /// Finds out whether a caller's request with a key is the first one; `fingerprint` is the same for the same request.
    pub async fn begin_once(
        &self,
        caller: &Caller,
        key: &IdempotencyKey,
        fingerprint: String,
    ) -> Result<Begun, IdempotencyError> {
        let now = self.clock().now();
        let workspace = caller.workspace;
        self.store()
            .forget_idempotency_keys(workspace, now - KEPT)
            .await?;
        let row = IdempotencyKeyRow {
            id: Uuid::new_v5(&caller.token.0, key.0.as_bytes()),
            workspace_id: workspace.0,
            fingerprint,
            created_at: micros(now),
            claimed_at: micros(now),
            answer_sealed: None,
        };
        let store = self.store();
        let Some(first) = store
            .claim_idempotency_key(row.clone(), now - GIVEN_UP)
            .await?
        else {
            return Ok(Begun::First(Claim(row)));
        };
        if first.fingerprint != row.fingerprint {
            return Err(IdempotencyError::Reused);
        }
        let sealed = first.answer_sealed.as_deref();
        let sealed = sealed.ok_or(IdempotencyError::UnderWay)?;
        let answer = self.sealer().open(&place(workspace, first.id), sealed);
        answer
            .map(Begun::Answered)
            .map_err(|_| IdempotencyError::Unreadable)
    }

    /// Keeps the answer of a request for those that repeat it. It may hold a new token's secret, so it is sealed.
    pub async fn end_once(&self, claim: Claim, answer: &SecretString) -> Result<(), StorageError> {
        let Claim(row) = claim;
        let place = place(WorkspaceId(row.workspace_id), row.id);
        let sealed = self.sealer().seal(&place, answer);
        self.store().answer_idempotency_key(&row, sealed).await
    }

    /// Gives a key free whose request was not executed to its end.
    pub async fn undo_once(&self, claim: Claim) -> Result<(), StorageError> {
        self.store().free_idempotency_key(&claim.0).await
    }
}

fn place(workspace: WorkspaceId, row: Uuid) -> Place {
    Place {
        workspace,
        table: "idempotency_keys",
        column: "answer_sealed",
        row,
    }
}

/// As the databases keep it: what is compared later must be what was stored.
fn micros(time: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(time.timestamp_micros()).unwrap_or(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_visible_ascii_of_sensible_length() {
        let key = |text: &str| IdempotencyKey::read(text).ok().map(|key| key.0);

        assert_eq!(
            key("8e03978e-40d5-43e8").as_deref(),
            Some("8e03978e-40d5-43e8")
        );
        assert_eq!(key("\"quoted\"").as_deref(), Some("quoted"));
        assert_eq!(key(&"x".repeat(255)).map(|key| key.len()), Some(255));
        for bad in ["", "\"\"", "two words", "tab\t", "é", &"x".repeat(256)] {
            assert_eq!(key(bad), None, "{bad:?}");
        }
    }
}
