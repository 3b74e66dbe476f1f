//! What was answered to a mutation that was sent with an idempotency key.

use sea_orm_migration::{
    prelude::*,
    schema::{blob_null, text, timestamp_with_time_zone, uuid},
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
        manager
            .create_table(
                Table::create()
                    .table("idempotency_keys")
                    .col(uuid("id").primary_key())
                    .col(uuid("workspace_id"))
                    .col(text("fingerprint"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone("claimed_at"))
                    .col(blob_null("answer_sealed"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("idempotency_keys_created_at_idx")
                    .table("idempotency_keys")
                    .col("workspace_id")
                    .col("created_at")
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("idempotency_keys").to_owned())
            .await
    }
}
