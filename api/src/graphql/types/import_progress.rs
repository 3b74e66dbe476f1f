use async_graphql::{Enum, ID, SimpleObject};

use super::resource::StripeResource;
use crate::{
    domain::import,
    graphql::{
        cost::list_size,
        node_id,
        scalar::{BigInt, DateTime},
    },
    storage,
};

/// Where an import stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "storage::ImportStatus")]
pub(in crate::graphql) enum ImportStatus {
    /// Waits for its turn.
    Queued,
    /// Is under way.
    Running,
    /// Has ended, complete.
    Succeeded,
    /// Was given up; failure says why.
    Failed,
    /// Was called off.
    Canceled,
}

/// A point in an import. Never goes backwards; the last one of an import has a final status.
#[derive(Clone, Debug, SimpleObject)]
pub(in crate::graphql) struct ImportProgress {
    /// The import's id.
    import_id: ID,
    /// Where it stands.
    status: ImportStatus,
    /// Rises by one with each change, for clients that may see progress twice.
    sequence: BigInt,
    /// Payments imported so far.
    imported_payments: BigInt,
    /// Objects of all resources imported so far.
    imported_objects: BigInt,
    /// 0 to 100, an estimate from the share of the account's history covered; 100 only when finished.
    percent_complete: f64,
    /// The rate so far; null until something came.
    payments_per_second: Option<f64>,
    /// How long it will take at this pace; null where that is unknown.
    eta_seconds: Option<i32>,
    /// Everything from here until now is already imported: recent history comes first.
    covered_since: Option<DateTime>,
    /// What the import is struggling with right now, in plain words: rate limited, Stripe unreachable; null when all is well.
    current_trouble: Option<String>,
    /// The same for each resource.
    #[graphql(directive = list_size::apply(20))]
    resources: Vec<ResourceProgress>,
    /// When it changed last.
    updated_at: DateTime,
}

/// How far the import of one resource is.
#[derive(Clone, Debug, SimpleObject)]
pub(in crate::graphql) struct ResourceProgress {
    /// The resource.
    resource: StripeResource,
    /// Where it stands; CANCELED where the credentials do not grant it.
    status: ImportStatus,
    /// Objects imported so far.
    imported_objects: BigInt,
    /// 0 to 100, an estimate like that of the whole.
    percent_complete: f64,
    /// What there is to say of it in plain words: which permission it is left out for, why Stripe has nothing to import, or what came of a report; null when there is nothing to say.
    note: Option<String>,
}

impl From<import::ImportProgress> for ImportProgress {
    fn from(progress: import::ImportProgress) -> Self {
        Self {
            import_id: node_id::encode(progress.import_id),
            status: progress.status.into(),
            sequence: BigInt(progress.sequence),
            imported_payments: BigInt(progress.imported_payments),
            imported_objects: BigInt(progress.imported_objects),
            percent_complete: progress.percent_complete,
            payments_per_second: progress.payments_per_second,
            eta_seconds: progress
                .eta_seconds
                .and_then(|seconds| i32::try_from(seconds).ok()),
            covered_since: progress.covered_since.map(DateTime),
            current_trouble: progress.current_trouble,
            resources: progress
                .resources
                .into_iter()
                .map(ResourceProgress::from)
                .collect(),
            updated_at: progress.updated_at.into(),
        }
    }
}

impl From<import::ResourceProgress> for ResourceProgress {
    fn from(progress: import::ResourceProgress) -> Self {
        Self {
            resource: progress.resource.into(),
            status: progress.status.into(),
            imported_objects: BigInt(progress.imported_objects),
            percent_complete: progress.percent_complete,
            note: progress.note,
        }
    }
}
