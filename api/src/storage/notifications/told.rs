//! Which workspaces want to be told of payments: known in each process, so that an import asks nobody.

use std::{
    collections::HashSet,
    sync::{Arc, PoisonError, RwLock},
};

use entity::notification_endpoint::{Column, Entity, State};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use serde_json::Value;
use tokio::sync::Mutex;
use uuid::Uuid;

use super::endpoints::lists;
use crate::storage::{NotificationType, StorageError, Store};

/// The workspaces; at first they are not known.
#[derive(Clone, Debug, Default)]
pub(in crate::storage) struct Told {
    workspaces: Arc<RwLock<Option<HashSet<Uuid>>>>,
    /// Of two who find out the second one looks later, and is right.
    turn: Arc<Mutex<()>>,
}

impl Told {
    /// Whether changes of a workspace's payments are to be noted; yes, as long as nobody has found out.
    pub(super) fn wants(&self, workspace: Uuid) -> bool {
        let known = self.workspaces.read();
        let known = known.unwrap_or_else(PoisonError::into_inner);
        known.as_ref().is_none_or(|all| all.contains(&workspace))
    }
}

impl Store {
    /// Finds out which workspaces, of all, want to be told of payments. What another process changes about them is
    /// known here from the next time on.
    pub async fn refresh_told(&self) -> Result<(), StorageError> {
        let _turn = self.told.turn.lock().await;
        let query = Entity::find()
            .select_only()
            .column(Column::WorkspaceId)
            .column(Column::EventTypes)
            .filter(Column::State.eq(State::Enabled));
        let found: Vec<(Uuid, Value)> = query.into_tuple().all(&self.writer).await?;
        let wanting = found
            .into_iter()
            .filter(|(_, types)| lists(types, NotificationType::PaymentsChanged))
            .map(|(workspace, _)| workspace);
        let wanting: HashSet<Uuid> = wanting.collect();
        let known = self.told.workspaces.write();
        *known.unwrap_or_else(PoisonError::into_inner) = Some(wanting);
        Ok(())
    }
}
