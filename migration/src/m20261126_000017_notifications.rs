//! Notifications to partners: where they go, the messages, and which payments are to be told of.

use sea_orm_migration::{
    prelude::*,
    schema::{
        big_integer, blob_null, integer, json_binary, json_binary_null, text, text_null,
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
        manager.create_table(endpoints()).await?;
        manager.create_table(deliveries()).await?;
        manager.create_table(marks()).await?;
        let index = |name: &'static str, table: &'static str, columns: &[&'static str]| {
            let mut index = Index::create().name(name).table(table).to_owned();
            for column in columns {
                index.col(*column);
            }
            index
        };
        let on_deliveries = "notification_deliveries";
        for created in [
            index(
                "notification_endpoints_workspace_id_idx",
                "notification_endpoints",
                &["workspace_id"],
            ),
            index(
                "notification_deliveries_pending_idx",
                on_deliveries,
                &["endpoint_id", "run_at"],
            )
            .and_where(Expr::col("state").eq("pending"))
            .to_owned(),
            index(
                "notification_deliveries_endpoint_id_idx",
                on_deliveries,
                &["endpoint_id", "created_at", "id"],
            ),
            index(
                "notification_deliveries_created_at_idx",
                on_deliveries,
                &["created_at"],
            ),
            index(
                "notification_marks_connection_id_idx",
                "notification_marks",
                &["connection_id"],
            ),
        ] {
            manager.create_index(created).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [
            "notification_marks",
            "notification_deliveries",
            "notification_endpoints",
        ] {
            manager
                .drop_table(Table::drop().table(table).to_owned())
                .await?;
        }
        // A kind of work that the version before does not know.
        let tells = Query::delete()
            .from_table("connection_tasks")
            .and_where(Expr::col("kind").eq("tell"))
            .to_owned();
        manager.execute(tells).await
    }
}

fn endpoints() -> TableCreateStatement {
    Table::create()
        .table("notification_endpoints")
        .col(uuid("id").primary_key())
        .col(uuid("workspace_id"))
        .col(text("url"))
        .col(text_null("description"))
        .col(json_binary("event_types"))
        .col(json_binary_null("connections"))
        .col(text("state"))
        .col(text_null("disabled_reason"))
        .col(timestamp_with_time_zone_null("disabled_at"))
        .col(blob_null("secret_sealed"))
        .col(blob_null("old_secret_sealed"))
        .col(timestamp_with_time_zone_null("old_secret_until"))
        .col(timestamp_with_time_zone_null("failing_since"))
        .col(timestamp_with_time_zone_null("paused_until"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .foreign_key(
            ForeignKey::create()
                .from("notification_endpoints", "workspace_id")
                .to("workspaces", "id"),
        )
        .to_owned()
}

fn deliveries() -> TableCreateStatement {
    Table::create()
        .table("notification_deliveries")
        .col(uuid("id").primary_key())
        .col(uuid("workspace_id"))
        .col(uuid("endpoint_id"))
        .col(uuid_null("connection_id"))
        .col(text("event_type"))
        .col(json_binary("data"))
        .col(text("state"))
        .col(integer("tries"))
        .col(json_binary("attempts"))
        .col(timestamp_with_time_zone("run_at"))
        .col(uuid_null("lease_owner"))
        .col(timestamp_with_time_zone_null("lease_until"))
        .col(big_integer("fence"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone_null("settled_at"))
        .to_owned()
}

fn marks() -> TableCreateStatement {
    Table::create()
        .table("notification_marks")
        .col(big_integer("id").auto_increment().primary_key())
        .col(uuid("workspace_id"))
        .col(uuid("connection_id"))
        .col(blob_null("payments"))
        .to_owned()
}
