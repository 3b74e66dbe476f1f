//! The other resources, and objects set aside.

use sea_orm_migration::{
    prelude::*,
    schema::{json_binary, text, text_null, timestamp_with_time_zone, uuid},
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
        manager.create_table(stripe_objects()).await?;
        manager.create_table(quarantined_objects()).await?;
        manager
            .create_index(
                Index::create()
                    .name("stripe_objects_connection_kind_created_at_idx")
                    .table("stripe_objects")
                    .col("connection_id")
                    .col("kind")
                    .col("created_at")
                    .col("id")
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("quarantined_objects_connection_id_idx")
                    .table("quarantined_objects")
                    .col("connection_id")
                    .col("observed_at")
                    .to_owned(),
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("quarantined_objects").to_owned())
            .await?;
        manager
            .drop_table(Table::drop().table("stripe_objects").to_owned())
            .await?;
        Ok(())
    }
}

fn stripe_objects() -> TableCreateStatement {
    Table::create()
        .table("stripe_objects")
        .col(uuid("id").primary_key())
        .col(uuid("workspace_id"))
        .col(uuid("connection_id"))
        .col(text("kind"))
        .col(text("stripe_id"))
        .col(json_binary("body"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("observed_at"))
        .to_owned()
}

fn quarantined_objects() -> TableCreateStatement {
    Table::create()
        .table("quarantined_objects")
        .col(uuid("id").primary_key())
        .col(uuid("workspace_id"))
        .col(uuid("connection_id"))
        .col(text("resource"))
        .col(text_null("stripe_id"))
        .col(text("reason"))
        .col(text_null("request_id"))
        .col(timestamp_with_time_zone("observed_at"))
        .to_owned()
}
