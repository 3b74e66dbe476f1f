use std::collections::HashMap;

use async_graphql::dataloader::Loader;

use super::Reader;
use crate::{domain::import::ImportProgress, graphql::error::ApiError, ids::ImportId};

/// Where an import stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::graphql) struct ProgressOf(pub(in crate::graphql) ImportId);

impl Loader<ProgressOf> for Reader {
    type Value = ImportProgress;
    type Error = ApiError;

    async fn load(
        &self,
        keys: &[ProgressOf],
    ) -> Result<HashMap<ProgressOf, Self::Value>, ApiError> {
        let mut found = HashMap::new();
        for key in keys {
            if let Some(progress) = self.gateway.import_progress(self.workspace, key.0).await? {
                found.insert(*key, progress);
            }
        }
        Ok(found)
    }
}
