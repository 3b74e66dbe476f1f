use std::{collections::HashMap, sync::Arc};

use async_graphql::dataloader::Loader;

use super::{Reader, by_key};
use crate::{
    graphql::error::ApiError,
    ids::ConnectionId,
    storage::{ConnectionRow, ImportRow, WebhookEndpointRow},
};

/// The import of a connection that runs now, or else its last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::graphql) struct LatestImportOf(pub(in crate::graphql) ConnectionId);

/// The webhook of a connection by key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::graphql) struct WebhookOf(pub(in crate::graphql) ConnectionId);

impl Loader<ConnectionId> for Reader {
    type Value = Arc<ConnectionRow>;
    type Error = ApiError;

    async fn load(
        &self,
        keys: &[ConnectionId],
    ) -> Result<HashMap<ConnectionId, Self::Value>, ApiError> {
        let rows = self.store().find_connections(self.workspace, keys).await?;
        Ok(by_key(rows, |row| ConnectionId(row.id)))
    }
}

impl Loader<LatestImportOf> for Reader {
    type Value = Arc<ImportRow>;
    type Error = ApiError;

    async fn load(
        &self,
        keys: &[LatestImportOf],
    ) -> Result<HashMap<LatestImportOf, Self::Value>, ApiError> {
        let connections: Vec<_> = keys.iter().map(|key| key.0).collect();
        let rows = self
            .store()
            .find_latest_imports(self.workspace, &connections)
            .await?;
        Ok(by_key(rows, |row| {
            LatestImportOf(ConnectionId(row.connection_id))
        }))
    }
}

impl Loader<WebhookOf> for Reader {
    type Value = Arc<WebhookEndpointRow>;
    type Error = ApiError;

    async fn load(&self, keys: &[WebhookOf]) -> Result<HashMap<WebhookOf, Self::Value>, ApiError> {
        let connections: Vec<_> = keys.iter().map(|key| key.0).collect();
        let rows = self
            .store()
            .find_webhooks(self.workspace, &connections)
            .await?;
        Ok(by_key(rows, |row| {
            WebhookOf(ConnectionId(row.connection_id))
        }))
    }
}
