//! What is read of each account a day: Stripe gives every account an allocation of reads.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, date, uuid},
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
        manager.create_table(stripe_reads()).await?;
        manager
            .create_index(
                Index::create()
                    .name("stripe_reads_connection_id_idx")
                    .table("stripe_reads")
                    .col("connection_id")
                    .col("day")
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("stripe_reads").to_owned())
            .await
    }
}

fn stripe_reads() -> TableCreateStatement {
    Table::create()
        .table("stripe_reads")
        .col(uuid("id").primary_key())
        .col(uuid("workspace_id"))
        .col(uuid("connection_id"))
        .col(date("day"))
        .col(big_integer("reads"))
        .foreign_key(
            ForeignKey::create()
                .from("stripe_reads", "workspace_id")
                .to("workspaces", "id"),
        )
        .foreign_key(
            ForeignKey::create()
                .from("stripe_reads", "connection_id")
                .to("connections", "id"),
        )
        .to_owned()
}
