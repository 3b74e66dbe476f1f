//! Sources and tokens that charges name.

use sea_orm_migration::{
    prelude::*,
    schema::{text, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid},
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
        let table = Table::create()
            .table("stripe_references")
            .col(uuid("id").primary_key())
            .col(uuid("workspace_id"))
            .col(uuid("connection_id"))
            .col(text("resource"))
            .col(text("stripe_id"))
            .col(timestamp_with_time_zone_null("fetched_at"))
            .col(timestamp_with_time_zone("observed_at"))
            .to_owned();
        manager.create_table(table).await?;
        // What is still to be fetched for a connection.
        let index = Index::create()
            .name("stripe_references_fetched_idx")
            .table("stripe_references")
            .col("connection_id")
            .col("resource")
            .col("fetched_at")
            .to_owned();
        manager.create_index(index).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("stripe_references").to_owned())
            .await
    }
}
