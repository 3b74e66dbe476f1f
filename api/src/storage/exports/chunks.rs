//! The parts of files.

use entity::payment_export_chunk::{Column, Entity};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};

use crate::{
    ids::{ExportId, WorkspaceId},
    storage::{ExportRow, StorageError, Store},
};

impl Store {
    /// A part of a file, compressed; none where it is not there any more.
    pub async fn find_export_part(
        &self,
        export: &ExportRow,
        number: i32,
    ) -> Result<Option<Vec<u8>>, StorageError> {
        let query = Entity::find()
            .select_only()
            .column(Column::Content)
            .filter(Column::ExportId.eq(export.id))
            .filter(Column::Number.eq(number))
            .filter(Column::WorkspaceId.eq(export.workspace_id));
        Ok(query.into_tuple().one(&self.reader).await?)
    }

    /// Deletes at most `limit` parts of a file, the first ones first; returns how many went.
    pub async fn delete_export_parts(
        &self,
        workspace: WorkspaceId,
        export: ExportId,
        limit: u64,
    ) -> Result<u64, StorageError> {
        let some = Entity::find()
            .select_only()
            .column(Column::Number)
            .filter(Column::WorkspaceId.eq(workspace.0))
            .filter(Column::ExportId.eq(export.0))
            .order_by_asc(Column::Number)
            .limit(limit);
        let gone = Entity::delete_many()
            .filter(Column::WorkspaceId.eq(workspace.0))
            .filter(Column::ExportId.eq(export.0))
            .filter(Column::Number.in_subquery(some.into_query()))
            .exec(&self.writer)
            .await?;
        Ok(gone.rows_affected)
    }
}
