//! Workspaces, API tokens and the audit log.

use sea_orm_migration::{
    prelude::*,
    schema::{
        json_binary, text, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid, uuid_null,
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
        manager.create_table(workspaces()).await?;
        manager.create_table(api_tokens()).await?;
        manager.create_table(audit_log()).await?;
        manager
            .create_index(
                Index::create()
                    .name("workspaces_name_key")
                    .table("workspaces")
                    .col("name")
                    .unique()
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("api_tokens_secret_hash_key")
                    .table("api_tokens")
                    .col("secret_hash")
                    .unique()
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("api_tokens_workspace_id_idx")
                    .table("api_tokens")
                    .col("workspace_id")
                    .col("created_at")
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("audit_log_workspace_id_at_idx")
                    .table("audit_log")
                    .col("workspace_id")
                    .col("at")
                    .to_owned(),
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("audit_log").to_owned())
            .await?;
        manager
            .drop_table(Table::drop().table("api_tokens").to_owned())
            .await?;
        manager
            .drop_table(Table::drop().table("workspaces").to_owned())
            .await?;
        Ok(())
    }
}

fn workspaces() -> TableCreateStatement {
    Table::create()
        .table("workspaces")
        .col(uuid("id").primary_key())
        .col(text("name"))
        .col(timestamp_with_time_zone("created_at"))
        .to_owned()
}

fn api_tokens() -> TableCreateStatement {
    Table::create()
        .table("api_tokens")
        .col(uuid("id").primary_key())
        .col(uuid("workspace_id"))
        .col(text("name"))
        .col(text("secret_hash"))
        .col(text("hint"))
        .col(json_binary("scopes"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone_null("expires_at"))
        .col(timestamp_with_time_zone_null("last_used_at"))
        .col(timestamp_with_time_zone_null("revoked_at"))
        .foreign_key(
            ForeignKey::create()
                .from("api_tokens", "workspace_id")
                .to("workspaces", "id"),
        )
        .to_owned()
}

fn audit_log() -> TableCreateStatement {
    Table::create()
        .table("audit_log")
        .col(uuid("id").primary_key())
        .col(uuid("workspace_id"))
        .col(timestamp_with_time_zone("at"))
        .col(text("action"))
        .col(uuid_null("token_id"))
        .col(uuid("subject_id"))
        .col(json_binary("detail"))
        .foreign_key(
            ForeignKey::create()
                .from("audit_log", "workspace_id")
                .to("workspaces", "id"),
        )
        .to_owned()
}
