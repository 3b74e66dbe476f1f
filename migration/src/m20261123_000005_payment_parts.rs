//! Refunds, disputes and balance transactions.

use sea_orm_migration::{
    prelude::*,
    schema::{
        big_integer, json_binary, text, text_null, timestamp_with_time_zone,
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
        manager.create_table(refunds()).await?;
        manager.create_table(disputes()).await?;
        manager.create_table(balance_transactions()).await?;
        manager
            .create_index(
                Index::create()
                    .name("refunds_payment_id_idx")
                    .table("refunds")
                    .col("payment_id")
                    .col("created_at")
                    .col("id")
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("refunds_connection_created_at_idx")
                    .table("refunds")
                    .col("connection_id")
                    .col("created_at")
                    .col("id")
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("disputes_payment_id_idx")
                    .table("disputes")
                    .col("payment_id")
                    .col("created_at")
                    .col("id")
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("disputes_connection_created_at_idx")
                    .table("disputes")
                    .col("connection_id")
                    .col("created_at")
                    .col("id")
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("balance_transactions_connection_created_at_idx")
                    .table("balance_transactions")
                    .col("connection_id")
                    .col("created_at")
                    .col("id")
                    .to_owned(),
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("balance_transactions").to_owned())
            .await?;
        manager
            .drop_table(Table::drop().table("disputes").to_owned())
            .await?;
        manager
            .drop_table(Table::drop().table("refunds").to_owned())
            .await?;
        Ok(())
    }
}

fn refunds() -> TableCreateStatement {
    Table::create()
        .table("refunds")
        .col(uuid("id").primary_key())
        .col(uuid("workspace_id"))
        .col(uuid("connection_id"))
        .col(text("stripe_id"))
        .col(uuid_null("payment_id"))
        .col(text("status"))
        .col(text("currency"))
        .col(big_integer("amount_minor"))
        .col(text_null("reason"))
        .col(text_null("failure_reason"))
        .col(text_null("balance_transaction_id"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("observed_at"))
        .to_owned()
}

fn disputes() -> TableCreateStatement {
    Table::create()
        .table("disputes")
        .col(uuid("id").primary_key())
        .col(uuid("workspace_id"))
        .col(uuid("connection_id"))
        .col(text("stripe_id"))
        .col(uuid_null("payment_id"))
        .col(text("status"))
        .col(text("currency"))
        .col(big_integer("amount_minor"))
        .col(text("reason"))
        .col(text_null("network_reason_code"))
        .col(timestamp_with_time_zone_null("evidence_due_by"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("observed_at"))
        .to_owned()
}

fn balance_transactions() -> TableCreateStatement {
    Table::create()
        .table("balance_transactions")
        .col(uuid("id").primary_key())
        .col(uuid("workspace_id"))
        .col(uuid("connection_id"))
        .col(text("stripe_id"))
        .col(text("kind"))
        .col(text_null("reporting_category"))
        .col(text_null("status"))
        .col(text("currency"))
        .col(big_integer("amount_minor"))
        .col(big_integer("fee_minor"))
        .col(big_integer("net_minor"))
        .col(text_null("exchange_rate"))
        .col(json_binary("fee_details"))
        .col(text_null("source_id"))
        .col(timestamp_with_time_zone_null("available_at"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("observed_at"))
        .to_owned()
}
