//! What was found out about each row, as it is stored with the connection.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::guide::{GUIDE, Permission};
use crate::{
    storage::ConnectionRow,
    stripe::{Probe, Verdict},
};

/// A row of the guide, and whether the credentials grant it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The row.
    pub permission: &'static Permission,
    /// What Stripe answered.
    pub verdict: Verdict,
    /// When.
    pub checked_at: DateTime<Utc>,
}

impl Grant {
    /// Whether nothing speaks against using it: a row that cannot be checked counts as granted.
    #[must_use]
    pub fn granted(&self) -> bool {
        self.verdict != Verdict::Missing
    }

    /// Whether Stripe's answer proves it.
    #[must_use]
    pub fn checked(&self) -> bool {
        matches!(self.verdict, Verdict::Granted | Verdict::Missing)
    }
}

#[derive(Serialize, Deserialize)]
struct Stored {
    resource: String,
    verdict: StoredVerdict,
    checked_at: DateTime<Utc>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredVerdict {
    Granted,
    Missing,
    NotChecked,
    Inconclusive,
}

/// The grants as the connection keeps them.
pub(in crate::domain) fn to_stored(grants: &[Grant]) -> Value {
    let rows = grants.iter().map(|grant| Stored {
        resource: grant.permission.resource.to_owned(),
        verdict: match grant.verdict {
            Verdict::Granted => StoredVerdict::Granted,
            Verdict::Missing => StoredVerdict::Missing,
            Verdict::NotChecked => StoredVerdict::NotChecked,
            Verdict::Inconclusive => StoredVerdict::Inconclusive,
        },
        checked_at: grant.checked_at,
    });
    serde_json::to_value(rows.collect::<Vec<_>>()).unwrap_or_default()
}

/// The grants that were found at a connection's last check, in the guide's order.
///
/// A row that was not known at that check counts as not checked then.
#[must_use]
pub fn grants_of(connection: &ConnectionRow) -> Vec<Grant> {
    let stored: Vec<Stored> =
        serde_json::from_value(connection.permissions.clone()).unwrap_or_default();
    let found = |permission: &Permission| {
        stored
            .iter()
            .find(|stored| stored.resource == permission.resource)
    };
    let grant = |permission| match found(permission) {
        Some(stored) => Grant {
            permission,
            verdict: match stored.verdict {
                StoredVerdict::Granted => Verdict::Granted,
                StoredVerdict::Missing => Verdict::Missing,
                StoredVerdict::NotChecked => Verdict::NotChecked,
                StoredVerdict::Inconclusive => Verdict::Inconclusive,
            },
            checked_at: stored.checked_at,
        },
        None => Grant {
            permission,
            verdict: Verdict::NotChecked,
            checked_at: connection.updated_at,
        },
    };
    GUIDE.iter().map(grant).collect()
}

/// Whether a connection may use what a probe stands for.
pub(in crate::domain) fn allows(connection: &ConnectionRow, probe: Probe) -> bool {
    grants_of(connection)
        .iter()
        .any(|grant| grant.permission.probe == probe && grant.granted())
}

/// The rows that are not granted, in the guide's order.
pub(in crate::domain) fn missing(grants: &[Grant]) -> Vec<&'static Permission> {
    let missing = grants.iter().filter(|grant| !grant.granted());
    missing.map(|grant| grant.permission).collect()
}
