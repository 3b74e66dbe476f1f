//! Imports and their windows.

use sea_orm_migration::{
    prelude::*,
    schema::{
        big_integer, boolean, boolean_null, integer, text, text_null, timestamp_with_time_zone,
        timestamp_with_time_zone_null, uuid, uuid_null,
    },
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    // All or nothing, on SQLite too.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(imports()).await?;
        manager.create_table(import_windows()).await?;
        manager
            .create_index(
                Index::create()
                    .name("imports_connection_id_idx")
                    .table("imports")
                    .col("connection_id")
                    .col("queued_at")
                    .col("id")
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("imports_active_key")
                    .table("imports")
                    .col("connection_id")
                    .unique()
                    .and_where(Expr::col("status").is_in(["queued", "running"]))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("import_windows_import_id_idx")
                    .table("import_windows")
                    .col("import_id")
                    .col("rank")
                    .col("to_at")
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("import_windows_claimable_idx")
                    .table("import_windows")
                    .col("connection_id")
                    .col("rank")
                    .col("to_at")
                    .and_where(Expr::col("state").is_in(["pending", "running"]))
                    .to_owned(),
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("import_windows").to_owned())
            .await?;
        manager
            .drop_table(Table::drop().table("imports").to_owned())
            .await?;
        Ok(())
    }
}

fn imports() -> TableCreateStatement {
    Table::create()
        .table("imports")
        .col(uuid("id").primary_key())
        .col(uuid("workspace_id"))
        .col(uuid("connection_id"))
        .col(text("trigger"))
        .col(text("status"))
        .col(timestamp_with_time_zone_null("from_at"))
        .col(timestamp_with_time_zone("to_at"))
        .col(boolean("every_resource"))
        .col(big_integer("sequence"))
        .col(big_integer("imported_payments"))
        .col(big_integer("imported_objects"))
        .col(text_null("trouble"))
        .col(text_null("failure_code"))
        .col(text_null("failure_message"))
        .col(boolean_null("failure_retryable"))
        .col(timestamp_with_time_zone("queued_at"))
        .col(timestamp_with_time_zone_null("started_at"))
        .col(timestamp_with_time_zone_null("finished_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .foreign_key(
            ForeignKey::create()
                .from("imports", "workspace_id")
                .to("workspaces", "id"),
        )
        .foreign_key(
            ForeignKey::create()
                .from("imports", "connection_id")
                .to("connections", "id"),
        )
        .to_owned()
}

fn import_windows() -> TableCreateStatement {
    Table::create()
        .table("import_windows")
        .col(uuid("id").primary_key())
        .col(uuid("workspace_id"))
        .col(uuid("import_id"))
        .col(uuid("connection_id"))
        .col(text("resource"))
        .col(integer("rank"))
        .col(text("state"))
        .col(timestamp_with_time_zone_null("from_at"))
        .col(timestamp_with_time_zone("to_at"))
        .col(text_null("cursor"))
        .col(timestamp_with_time_zone("covered_to"))
        .col(big_integer("imported_objects"))
        .col(integer("attempts"))
        .col(timestamp_with_time_zone("run_at"))
        .col(uuid_null("lease_owner"))
        .col(timestamp_with_time_zone_null("lease_until"))
        .col(big_integer("fence"))
        .foreign_key(
            ForeignKey::create()
                .from("import_windows", "workspace_id")
                .to("workspaces", "id"),
        )
        .foreign_key(
            ForeignKey::create()
                .from("import_windows", "import_id")
                .to("imports", "id"),
        )
        .to_owned()
}
