//! Webhook endpoints at Stripe.

use sea_orm_migration::{
    prelude::*,
    schema::{
        blob_null, boolean, json_binary, text, text_null, timestamp_with_time_zone,
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
        manager.create_table(webhook_endpoints()).await?;
        for (name, state) in [
            ("webhook_endpoints_live_key", "live"),
            ("webhook_endpoints_creating_key", "creating"),
        ] {
            manager
                .create_index(
                    Index::create()
                        .name(name)
                        .table("webhook_endpoints")
                        .col("connection_id")
                        .unique()
                        .and_where(Expr::col("state").eq(state))
                        .to_owned(),
                )
                .await?;
        }
        manager
            .create_index(
                Index::create()
                    .name("webhook_endpoints_connection_id_idx")
                    .table("webhook_endpoints")
                    .col("connection_id")
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("webhook_endpoints_check_at_idx")
                    .table("webhook_endpoints")
                    .col("check_at")
                    .and_where(Expr::col("state").eq("live"))
                    .to_owned(),
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("webhook_endpoints").to_owned())
            .await?;
        Ok(())
    }
}

fn webhook_endpoints() -> TableCreateStatement {
    Table::create()
        .table("webhook_endpoints")
        .col(uuid("id").primary_key())
        .col(uuid("workspace_id"))
        .col(uuid("connection_id"))
        .col(text("state"))
        .col(text("url"))
        .col(text_null("stripe_id"))
        .col(blob_null("secret_sealed"))
        .col(text("idempotency_key"))
        .col(text_null("api_version"))
        .col(text_null("problem"))
        .col(boolean("disabled"))
        .col(json_binary("missing_events"))
        .col(json_binary("conflicting"))
        .col(json_binary("removed"))
        .col(timestamp_with_time_zone_null("reenabled_at"))
        .col(timestamp_with_time_zone_null("remade_at"))
        .col(timestamp_with_time_zone_null("retiring_until"))
        .col(uuid_null("lease_owner"))
        .col(timestamp_with_time_zone_null("lease_until"))
        .col(timestamp_with_time_zone_null("last_event_at"))
        .col(timestamp_with_time_zone_null("checked_at"))
        .col(timestamp_with_time_zone("check_at"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .foreign_key(
            ForeignKey::create()
                .from("webhook_endpoints", "workspace_id")
                .to("workspaces", "id"),
        )
        .foreign_key(
            ForeignKey::create()
                .from("webhook_endpoints", "connection_id")
                .to("connections", "id"),
        )
        .to_owned()
}
