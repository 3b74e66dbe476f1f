//! Payments. No unique key over the Stripe id is needed: the primary key is derived from it.

use sea_orm_migration::{
    prelude::*,
    schema::{
        big_integer, big_integer_null, boolean, integer_null, json_binary, text, text_null,
        timestamp_with_time_zone, uuid,
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
        manager.create_table(payments()).await?;
        manager
            .create_index(
                Index::create()
                    .name("payments_workspace_created_at_idx")
                    .table("payments")
                    .col("workspace_id")
                    .col("created_at")
                    .col("id")
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("payments_connection_created_at_idx")
                    .table("payments")
                    .col("connection_id")
                    .col("created_at")
                    .col("id")
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("payments_workspace_amount_idx")
                    .table("payments")
                    .col("workspace_id")
                    .col("amount_thousandths")
                    .col("id")
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("payments_workspace_customer_id_idx")
                    .table("payments")
                    .col("workspace_id")
                    .col("customer_id")
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("payments_workspace_payment_intent_id_idx")
                    .table("payments")
                    .col("workspace_id")
                    .col("payment_intent_id")
                    .to_owned(),
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("payments").to_owned())
            .await?;
        Ok(())
    }
}

fn payments() -> TableCreateStatement {
    Table::create()
        .table("payments")
        .col(uuid("id").primary_key())
        .col(uuid("workspace_id"))
        .col(uuid("connection_id"))
        .col(text("stripe_id"))
        .col(text_null("payment_intent_id"))
        .col(text("status"))
        .col(boolean("livemode"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("observed_at"))
        .col(text("currency"))
        .col(big_integer("amount_minor"))
        .col(big_integer("amount_thousandths"))
        .col(big_integer("amount_captured_minor"))
        .col(big_integer("amount_refunded_minor"))
        .col(boolean("disputed"))
        .col(text_null("balance_transaction_id"))
        .col(text_null("settlement_currency"))
        .col(big_integer_null("fee_minor"))
        .col(big_integer_null("net_minor"))
        .col(text_null("exchange_rate"))
        .col(text_null("payout_id"))
        .col(text_null("customer_id"))
        .col(text_null("customer_country"))
        .col(text_null("customer_postal_code"))
        .col(text_null("description"))
        .col(text_null("statement_descriptor"))
        .col(text_null("stored_credential"))
        .col(json_binary("metadata"))
        .col(text("method_type"))
        .col(text_null("card_brand"))
        .col(text_null("card_network"))
        .col(text_null("card_last4"))
        .col(text_null("card_bin"))
        .col(text_null("card_issuer"))
        .col(text_null("card_country"))
        .col(text_null("card_funding"))
        .col(integer_null("card_exp_month"))
        .col(integer_null("card_exp_year"))
        .col(text_null("card_fingerprint"))
        .col(text_null("card_wallet"))
        .col(text_null("three_d_secure_result"))
        .col(text_null("three_d_secure_version"))
        .col(text_null("three_d_secure_flow"))
        .col(text_null("check_address_line1"))
        .col(text_null("check_postal_code"))
        .col(text_null("check_cvc"))
        .col(text_null("network_transaction_id"))
        .col(text_null("outcome_network_status"))
        .col(text_null("outcome_type"))
        .col(text_null("outcome_reason"))
        .col(text_null("outcome_seller_message"))
        .col(text_null("risk_level"))
        .col(integer_null("risk_score"))
        .col(text_null("failure_code"))
        .col(text_null("failure_message"))
        .col(text_null("decline_code"))
        .col(text_null("network_decline_code"))
        .col(text_null("network_advice_code"))
        .to_owned()
}
