//! Data connections.

use sea_orm_migration::{
    prelude::*,
    schema::{
        blob_null, boolean, json_binary, text, text_null, timestamp_with_time_zone,
        timestamp_with_time_zone_null, uuid,
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
        manager.create_table(connections()).await?;
        manager
            .create_index(
                Index::create()
                    .name("connections_name_key")
                    .table("connections")
                    .col("workspace_id")
                    .col("name_key")
                    .unique()
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("connections_account_key")
                    .table("connections")
                    .col("workspace_id")
                    .col("stripe_account_id")
                    .col("livemode")
                    .unique()
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("connections_created_at_idx")
                    .table("connections")
                    .col("workspace_id")
                    .col("created_at")
                    .col("id")
                    .to_owned(),
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("connections").to_owned())
            .await?;
        Ok(())
    }
}

fn connections() -> TableCreateStatement {
    Table::create()
        .table("connections")
        .col(uuid("id").primary_key())
        .col(uuid("workspace_id"))
        .col(text("name"))
        .col(text("name_key"))
        .col(text("auth_method"))
        .col(boolean("livemode"))
        .col(text("status"))
        .col(text_null("status_reason"))
        .col(text_null("status_message"))
        .col(text_null("stripe_account_id"))
        .col(text_null("account_name"))
        .col(text_null("account_country"))
        .col(text_null("account_currency"))
        .col(text_null("api_key_hint"))
        .col(blob_null("credential_sealed"))
        .col(json_binary("permissions"))
        .col(timestamp_with_time_zone_null("synced_through"))
        .col(timestamp_with_time_zone_null("purge_requested_at"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .foreign_key(
            ForeignKey::create()
                .from("connections", "workspace_id")
                .to("workspaces", "id"),
        )
        .to_owned()
}
