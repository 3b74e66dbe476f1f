//! Which payout holds which payment, and what is still to be asked about payouts and fees.

use sea_orm_migration::{
    prelude::*,
    schema::{
        boolean, integer, text, text_null, timestamp_with_time_zone, timestamp_with_time_zone_null,
        uuid,
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
        manager
            .alter_table(
                Table::alter()
                    .table("balance_transactions")
                    .add_column(text_null("payout_id"))
                    .to_owned(),
            )
            .await?;
        manager.create_table(payout_links()).await?;
        manager
            .create_index(
                Index::create()
                    .name("payout_links_due_idx")
                    .table("payout_links")
                    .col("connection_id")
                    .col("run_at")
                    .and_where(Expr::col("run_at").is_not_null())
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("payments_awaiting_fees_idx")
                    .table("payments")
                    .col("connection_id")
                    .col("created_at")
                    .col("id")
                    .and_where(Expr::col("status").eq("succeeded"))
                    .and_where(Expr::col("fee_minor").is_null())
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_index(
                Index::drop()
                    .name("payments_awaiting_fees_idx")
                    .table("payments")
                    .to_owned(),
            )
            .await?;
        manager
            .drop_table(Table::drop().table("payout_links").to_owned())
            .await?;
        manager
            .alter_table(
                Table::alter()
                    .table("balance_transactions")
                    .drop_column("payout_id")
                    .to_owned(),
            )
            .await
    }
}

fn payout_links() -> TableCreateStatement {
    Table::create()
        .table("payout_links")
        .col(uuid("id").primary_key())
        .col(uuid("workspace_id"))
        .col(uuid("connection_id"))
        .col(text("payout_id"))
        .col(text("state"))
        .col(boolean("complete"))
        .col(text_null("cursor"))
        .col(integer("attempts"))
        .col(timestamp_with_time_zone_null("run_at"))
        .col(timestamp_with_time_zone("observed_at"))
        .foreign_key(
            ForeignKey::create()
                .from("payout_links", "workspace_id")
                .to("workspaces", "id"),
        )
        .foreign_key(
            ForeignKey::create()
                .from("payout_links", "connection_id")
                .to("connections", "id"),
        )
        .to_owned()
}
