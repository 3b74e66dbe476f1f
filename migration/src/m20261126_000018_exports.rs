//! Exports of payments: the work list, and the files in parts, where every process finds them.

use sea_orm_migration::{
    prelude::*,
    schema::{
        big_integer, big_integer_null, blob, integer, json_binary, text, text_null,
        timestamp_with_time_zone, timestamp_with_time_zone_null, uuid, uuid_null,
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
        manager.create_table(exports()).await?;
        for (name, columns) in [
            (
                "payment_exports_created_at_idx",
                ["workspace_id", "created_at", "id"].as_slice(),
            ),
            ("payment_exports_state_idx", &["state", "run_at"]),
        ] {
            let mut index = Index::create();
            index.name(name).table("payment_exports");
            for column in columns {
                index.col(*column);
            }
            manager.create_index(index).await?;
        }
        manager.create_table(chunks()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["payment_export_chunks", "payment_exports"] {
            manager
                .drop_table(Table::drop().table(table).to_owned())
                .await?;
        }
        Ok(())
    }
}

fn exports() -> TableCreateStatement {
    Table::create()
        .table("payment_exports")
        .col(uuid("id").primary_key())
        .col(uuid("workspace_id"))
        .col(text("format"))
        .col(json_binary("search"))
        .col(text("state"))
        .col(big_integer("sequence"))
        .col(big_integer("written_rows"))
        .col(big_integer_null("expected_rows"))
        .col(big_integer("written_bytes"))
        .col(big_integer("stored_bytes"))
        .col(big_integer("checksum"))
        .col(integer("chunks"))
        .col(timestamp_with_time_zone_null("position_at"))
        .col(uuid_null("position_id"))
        .col(text_null("failure"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone_null("started_at"))
        .col(timestamp_with_time_zone_null("finished_at"))
        .col(timestamp_with_time_zone_null("expires_at"))
        .col(timestamp_with_time_zone("run_at"))
        .col(integer("attempts"))
        .col(timestamp_with_time_zone_null("lease_until"))
        .col(big_integer("fence"))
        .to_owned()
}

fn chunks() -> TableCreateStatement {
    Table::create()
        .table("payment_export_chunks")
        .col(uuid("export_id"))
        .col(integer("number"))
        .col(uuid("workspace_id"))
        .col(blob("content"))
        .primary_key(Index::create().col("export_id").col("number"))
        .to_owned()
}
