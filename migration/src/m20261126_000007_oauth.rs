//! Connections by OAuth: which kind, how long the access is good, and who renews it.

use sea_orm_migration::{
    prelude::*,
    schema::{text_null, timestamp_with_time_zone_null},
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TIMES: [&str; 3] = ["access_expires_at", "refresh_lease_until", "granted_at"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    // All or nothing, on SQLite too.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    // SQLite takes one column at a time.
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(add(text_null("oauth_kind"))).await?;
        for name in TIMES {
            manager
                .alter_table(add(timestamp_with_time_zone_null(name)))
                .await?;
        }
        manager
            .create_index(
                Index::create()
                    .name("connections_access_expires_at_idx")
                    .table("connections")
                    .col("access_expires_at")
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let index = "connections_access_expires_at_idx";
        manager
            .drop_index(Index::drop().name(index).table("connections").to_owned())
            .await?;
        for name in TIMES.into_iter().chain(["oauth_kind"]) {
            let mut table = Table::alter();
            table.table("connections").drop_column(name);
            manager.alter_table(table).await?;
        }
        Ok(())
    }
}

fn add(mut column: ColumnDef) -> TableAlterStatement {
    let mut table = Table::alter();
    table.table("connections").add_column(&mut column);
    table
}
