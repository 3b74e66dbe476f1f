//! The inbox of live events, and the tasks that keep connections live.

use sea_orm_migration::{
    prelude::*,
    schema::{
        big_integer, integer, text, text_null, timestamp_with_time_zone,
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
        manager.create_table(inbox_events()).await?;
        manager.create_table(connection_tasks()).await?;
        manager
            .create_index(
                Index::create()
                    .name("inbox_events_pending_idx")
                    .table("inbox_events")
                    .col("connection_id")
                    .col("run_at")
                    .and_where(Expr::col("state").eq("pending"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("inbox_events_connection_id_idx")
                    .table("inbox_events")
                    .col("connection_id")
                    .col("received_at")
                    .to_owned(),
            )
            .await?;
        // What the platform's webhook looks for.
        manager
            .create_index(
                Index::create()
                    .name("connections_account_idx")
                    .table("connections")
                    .col("stripe_account_id")
                    .col("livemode")
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_index(
                Index::drop()
                    .name("connections_account_idx")
                    .table("connections")
                    .to_owned(),
            )
            .await?;
        manager
            .drop_table(Table::drop().table("connection_tasks").to_owned())
            .await?;
        manager
            .drop_table(Table::drop().table("inbox_events").to_owned())
            .await
    }
}

fn inbox_events() -> TableCreateStatement {
    Table::create()
        .table("inbox_events")
        .col(uuid("id").primary_key())
        .col(uuid("workspace_id"))
        .col(uuid("connection_id"))
        .col(text("stripe_id"))
        .col(text("event_type"))
        .col(text("object_kind"))
        .col(text("object_id"))
        .col(text_null("object"))
        .col(text_null("api_version"))
        .col(text("state"))
        .col(integer("attempts"))
        .col(text_null("reason"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("received_at"))
        .col(timestamp_with_time_zone("run_at"))
        .col(timestamp_with_time_zone_null("settled_at"))
        .foreign_key(
            ForeignKey::create()
                .from("inbox_events", "workspace_id")
                .to("workspaces", "id"),
        )
        .foreign_key(
            ForeignKey::create()
                .from("inbox_events", "connection_id")
                .to("connections", "id"),
        )
        .to_owned()
}

fn connection_tasks() -> TableCreateStatement {
    Table::create()
        .table("connection_tasks")
        .col(uuid("id").primary_key())
        .col(uuid("workspace_id"))
        .col(uuid("connection_id"))
        .col(text("kind"))
        .col(timestamp_with_time_zone("run_at"))
        .col(timestamp_with_time_zone_null("since_at"))
        .col(timestamp_with_time_zone_null("through_at"))
        .col(integer("attempts"))
        .col(uuid_null("lease_owner"))
        .col(timestamp_with_time_zone_null("lease_until"))
        .col(big_integer("fence"))
        .foreign_key(
            ForeignKey::create()
                .from("connection_tasks", "workspace_id")
                .to("workspaces", "id"),
        )
        .foreign_key(
            ForeignKey::create()
                .from("connection_tasks", "connection_id")
                .to("connections", "id"),
        )
        .to_owned()
}
