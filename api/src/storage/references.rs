//! What no list of Stripe's has, and imported objects name.

use chrono::{DateTime, Utc};
use entity::reference::{Column, Entity};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::{ReferenceRow, StorageError, Store, WindowRow, WindowState};
use crate::ids::{ConnectionId, WorkspaceId};

/// References that are still to be fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenReferences {
    /// Some of them, in the order of their ids.
    pub next: Vec<ReferenceRow>,
    /// How many there are.
    pub count: u64,
}

impl Store {
    /// The references of a resource that were never fetched, or last before a moment; at most `limit` of them, and how
    /// many there are.
    pub async fn find_open_references(
        &self,
        workspace: WorkspaceId,
        connection: ConnectionId,
        resource: &str,
        before: Option<DateTime<Utc>>,
        limit: u64,
    ) -> Result<OpenReferences, StorageError> {
        let never = Condition::any().add(Column::FetchedAt.is_null());
        let open = match before {
            Some(before) => never.add(Column::FetchedAt.lt(before)),
            None => never,
        };
        let query = Entity::find()
            .filter(Column::WorkspaceId.eq(workspace.0))
            .filter(Column::ConnectionId.eq(connection.0))
            .filter(Column::Resource.eq(resource))
            .filter(open);
        // What a page has just written must be seen.
        let count = query.clone().count(&self.writer).await?;
        let next = query.order_by_asc(Column::Id).limit(limit);
        Ok(OpenReferences {
            next: next.all(&self.writer).await?,
            count,
        })
    }

    /// Whether a resource of a window's import is still under way.
    pub async fn is_under_way(
        &self,
        window: &WindowRow,
        resource: &str,
    ) -> Result<bool, StorageError> {
        use entity::import_window::{Column, Entity};
        let open = Entity::find()
            .filter(Column::WorkspaceId.eq(window.workspace_id))
            .filter(Column::ImportId.eq(window.import_id))
            .filter(Column::Resource.eq(resource))
            .filter(Column::State.is_in([WindowState::Pending, WindowState::Running]));
        Ok(open.count(&self.writer).await? > 0)
    }
}
