//! Single things by id, as `node` and `nodes` ask for them: few, so one look-up each, one after the other.

use std::{collections::HashMap, sync::Arc};

use async_graphql::dataloader::Loader;

use super::Reader;
use crate::{
    graphql::error::ApiError,
    ids::{
        DisputeId, ExportId, ImportId, NotificationDeliveryId, NotificationEndpointId, RefundId,
        TokenId,
    },
    storage::{
        DisputeRow, ExportRow, ImportRow, NotificationDeliveryRow, NotificationEndpointRow,
        RefundRow, TokenRow,
    },
};

macro_rules! load_one_by_one {
    ($($key:ident => $row:ident by $find:ident;)+) => {$(
        impl Loader<$key> for Reader {
            type Value = Arc<$row>;
            type Error = ApiError;

            async fn load(&self, keys: &[$key]) -> Result<HashMap<$key, Self::Value>, ApiError> {
                let mut found = HashMap::new();
                for key in keys {
                    if let Some(row) = self.store().$find(self.workspace, *key).await? {
                        found.insert(*key, Arc::new(row));
                    }
                }
                Ok(found)
            }
        }
    )+};
}

load_one_by_one! {
    ImportId => ImportRow by find_import;
    RefundId => RefundRow by find_refund;
    DisputeId => DisputeRow by find_dispute;
    TokenId => TokenRow by find_token;
    ExportId => ExportRow by find_export;
    NotificationEndpointId => NotificationEndpointRow by find_notification_endpoint;
    NotificationDeliveryId => NotificationDeliveryRow by find_delivery;
}
