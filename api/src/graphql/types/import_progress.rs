use std::{any::Any, sync::Arc};

use async_graphql::{Description, Enum};

use super::resource::StripeResource;
use crate::{
    domain::import,
    graphql::{
        cost::list_size,
        flat::{Held, enum_leaf, flat, flat_part},
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

enum_leaf!(ImportStatus);

/// A point in an import. Never goes backwards; the last one of an import has a final status.
#[derive(Clone, Debug, Description)]
pub(in crate::graphql) struct ImportProgress(Arc<import::ImportProgress>);

flat! {
    ImportProgress of import::ImportProgress {
        /// The import's id.
        importId: scalar[] = |progress| node_id::encode(progress.import_id);
        /// Where it stands.
        status: scalar[] = |progress| ImportStatus::from(progress.status);
        /// Rises by one with each change, for clients that may see progress twice.
        sequence: scalar[] = |progress| BigInt(progress.sequence);
        /// Payments imported so far.
        importedPayments: scalar[] = |progress| BigInt(progress.imported_payments);
        /// Objects of all resources imported so far.
        importedObjects: scalar[] = |progress| BigInt(progress.imported_objects);
        /// 0 to 100, an estimate from the share of the account's history covered; 100 only when finished.
        percentComplete: scalar[] = |progress| progress.percent_complete;
        /// The rate so far; null until something came.
        paymentsPerSecond: scalar[] = |progress| progress.payments_per_second;
        /// How long it will take at this pace; null where that is unknown.
        etaSeconds: scalar[] = |progress| progress.eta_seconds.and_then(|seconds| i32::try_from(seconds).ok());
        /// Everything from here until now is already imported: recent history comes first.
        coveredSince: scalar[] = |progress| progress.covered_since.map(DateTime);
        /// What the import is struggling with right now, in plain words: rate limited, Stripe unreachable; null when all is well.
        currentTrouble: optional_text[] = |progress| progress.current_trouble.as_deref();
        /// The same for each resource.
        resources: parts<ResourceProgress>[] @ list_size::apply(20), = |progress| &progress.resources;
        /// When it changed last.
        updatedAt: scalar[] = |progress| DateTime(progress.updated_at);
    }
}

flat_part! {
    /// How far the import of one resource is.
    ResourceProgress of import::ResourceProgress {
        /// The resource.
        resource: scalar[] = |progress| StripeResource::from(progress.resource);
        /// Where it stands; CANCELED where the credentials do not grant it.
        status: scalar[] = |progress| ImportStatus::from(progress.status);
        /// Objects imported so far.
        importedObjects: scalar[] = |progress| BigInt(progress.imported_objects);
        /// 0 to 100, an estimate like that of the whole.
        percentComplete: scalar[] = |progress| progress.percent_complete;
        /// What there is to say of it in plain words: which permission it is left out for, why Stripe has nothing to import, or what came of a report; null when there is nothing to say.
        note: optional_text[] = |progress| progress.note.as_deref();
    }
}

impl Held for ImportProgress {
    fn of(&self) -> &import::ImportProgress {
        &self.0
    }

    /// What was read for one subscriber alone is told to nobody else.
    fn shared(&self) -> Option<Arc<dyn Any + Send + Sync>> {
        (Arc::strong_count(&self.0) > 1).then(|| Arc::clone(&self.0) as _)
    }
}

impl From<Arc<import::ImportProgress>> for ImportProgress {
    fn from(progress: Arc<import::ImportProgress>) -> Self {
        Self(progress)
    }
}

impl From<import::ImportProgress> for ImportProgress {
    fn from(progress: import::ImportProgress) -> Self {
        Self(Arc::new(progress))
    }
}
