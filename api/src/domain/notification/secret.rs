//! The secrets that messages are signed with: sealed at rest, opened for each attempt.

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use uuid::Uuid;

use crate::{
    domain::Gateway,
    ids::WorkspaceId,
    outbound::SECRET_PREFIX,
    secrets::{OpenError, Place},
    storage::NotificationEndpointRow,
};

/// Random bytes of a secret; the specification has 24 to 64.
const BYTES: usize = 32;

/// The column of what signs.
pub(in crate::domain) const SECRET: &str = "secret_sealed";

/// The column of what signs beside it for a while.
pub(in crate::domain) const OLD_SECRET: &str = "old_secret_sealed";

impl Gateway {
    pub(super) fn new_notification_secret(&self) -> SecretString {
        let bytes = self.ids().random::<BYTES>();
        SecretString::from(format!("{SECRET_PREFIX}{}", STANDARD.encode(bytes)))
    }

    pub(super) fn seal_notification_secret(
        &self,
        workspace: WorkspaceId,
        id: Uuid,
        secret: &SecretString,
    ) -> Vec<u8> {
        self.sealer()
            .seal(&secret_place(workspace, id, SECRET), secret)
    }

    /// What signs a message now, the newest first.
    pub(super) fn notification_secrets(
        &self,
        row: &NotificationEndpointRow,
        now: DateTime<Utc>,
    ) -> Result<Vec<SecretString>, OpenError> {
        let until = row.old_secret_until;
        let old = row.old_secret_sealed.as_deref();
        let old = old.filter(|_| until.is_some_and(|until| until > now));
        let sealed = row.secret_sealed.as_deref().map(|sealed| (SECRET, sealed));
        let all = sealed
            .into_iter()
            .chain(old.map(|sealed| (OLD_SECRET, sealed)));
        let open = |(column, sealed)| {
            let place = secret_place(WorkspaceId(row.workspace_id), row.id, column);
            self.sealer().open(&place, sealed)
        };
        all.map(open).collect()
    }
}

pub(in crate::domain) fn secret_place(
    workspace: WorkspaceId,
    row: Uuid,
    column: &'static str,
) -> Place {
    Place {
        workspace,
        table: "notification_endpoints",
        column,
        row,
    }
}
