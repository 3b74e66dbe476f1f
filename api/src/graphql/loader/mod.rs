//! Loaders: what many fields of one operation need is read in one statement.
//!
//! They belong to one operation of one caller, hold the workspace, and keep nothing: a subscription sees with each
//! event what is stored by then.

mod batch;
mod connection;
mod gathering;
mod node;
mod payment;
mod progress;

use std::{collections::HashMap, hash::Hash, sync::Arc};

use async_graphql::dataloader::Loader;

use self::batch::Batches;
use super::error::ApiError;
use crate::{domain::Gateway, ids::WorkspaceId, storage::Store};

pub(super) use connection::{LatestImportOf, WebhookOf};
pub(super) use gathering::Gathering;
pub(super) use payment::{DisputesOf, RefundsOf};
pub(super) use progress::ProgressOf;

/// The loaders of one operation.
pub(super) struct Loaders(Batches<Reader>);

/// Reads for one workspace.
pub(super) struct Reader {
    gateway: Gateway,
    workspace: WorkspaceId,
}

impl Reader {
    fn store(&self) -> &Store {
        self.gateway.store()
    }
}

impl Loaders {
    /// Loaders that see this workspace and no other, for an operation that is executed by this gathering.
    pub(super) fn new(gateway: Gateway, workspace: WorkspaceId, gathering: Gathering) -> Self {
        Self(Batches::new(Reader { gateway, workspace }, gathering))
    }

    /// What the key stands for, where there is such a thing in the workspace.
    pub(super) async fn find<K>(
        &self,
        key: K,
    ) -> Result<Option<<Reader as Loader<K>>::Value>, ApiError>
    where
        K: Copy + Eq + Hash + Send + Sync + 'static,
        Reader: Loader<K, Error = ApiError>,
    {
        self.0.find(key).await
    }

    /// What the key stands for, which must be there.
    pub(super) async fn load<K>(&self, key: K) -> Result<<Reader as Loader<K>>::Value, ApiError>
    where
        K: Copy + Eq + Hash + Send + Sync + std::fmt::Debug + 'static,
        Reader: Loader<K, Error = ApiError>,
    {
        self.find(key).await?.ok_or_else(|| {
            tracing::error!(?key, "a row refers to another that is not there");
            ApiError::fault()
        })
    }
}

/// Rows by their keys.
fn by_key<K: Eq + Hash, R>(rows: Vec<R>, key: impl Fn(&R) -> K) -> HashMap<K, Arc<R>> {
    rows.into_iter()
        .map(|row| (key(&row), Arc::new(row)))
        .collect()
}
