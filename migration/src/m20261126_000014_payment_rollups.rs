//! Sums over payments by the hour, and which hours are to be summed up again: at first those of every connection.

use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, boolean, json_binary, text, text_null, timestamp_with_time_zone, uuid},
    sea_orm::prelude::{DateTimeUtc, Json},
};

/// Hours since 1970 until the year 10000: all that payments can be of.
const ALL_HOURS: &str = "[[0, 70389528]]";

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    // All or nothing, on SQLite too.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(payment_rollups()).await?;
        for (name, first) in [
            ("payment_rollups_workspace_created_at_idx", "workspace_id"),
            ("payment_rollups_connection_created_at_idx", "connection_id"),
        ] {
            manager
                .create_index(
                    Index::create()
                        .name(name)
                        .table("payment_rollups")
                        .col(first)
                        .col("created_at")
                        .to_owned(),
                )
                .await?;
        }
        manager.create_table(rollup_marks()).await?;
        manager
            .create_index(
                Index::create()
                    .name("rollup_marks_connection_idx")
                    .table("rollup_marks")
                    .col("connection_id")
                    .to_owned(),
            )
            .await?;
        manager.execute(mark_what_is_there()?).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("rollup_marks").to_owned())
            .await?;
        manager
            .drop_table(Table::drop().table("payment_rollups").to_owned())
            .await
    }
}

fn mark_what_is_there() -> Result<InsertStatement, DbErr> {
    let json = |text: &str| {
        text.parse::<Json>()
            .map(Expr::value)
            .map_err(|error| DbErr::Json(error.to_string()))
    };
    let connections = Query::select()
        .column("workspace_id")
        .column("id")
        .expr(json(ALL_HOURS)?)
        .expr(json("[]")?)
        .expr(Expr::value(DateTimeUtc::UNIX_EPOCH))
        .from("connections")
        .to_owned();
    let mut insert = Query::insert();
    insert
        .into_table("rollup_marks")
        .columns([
            "workspace_id",
            "connection_id",
            "hours",
            "payments",
            "observed_at",
        ])
        .select_from(connections)
        .map_err(|error| DbErr::Migration(error.to_string()))?;
    Ok(insert)
}

fn payment_rollups() -> TableCreateStatement {
    Table::create()
        .table("payment_rollups")
        .col(big_integer("id").auto_increment().primary_key())
        .col(uuid("workspace_id"))
        .col(uuid("connection_id"))
        .col(timestamp_with_time_zone("created_at"))
        .col(boolean("livemode"))
        .col(text("currency"))
        .col(text("status"))
        .col(text("method_type"))
        .col(text_null("card_brand"))
        .col(text_null("card_funding"))
        .col(text_null("card_country"))
        .col(text_null("card_wallet"))
        .col(text_null("settlement_currency"))
        .col(big_integer("attempts"))
        .col(big_integer("succeeded"))
        .col(big_integer("failed"))
        .col(big_integer("captured_minor"))
        .col(big_integer("refunded_minor"))
        .col(big_integer("fee_minor"))
        .col(big_integer("refunds"))
        .col(big_integer("disputes"))
        .col(big_integer("disputed_minor"))
        .to_owned()
}

fn rollup_marks() -> TableCreateStatement {
    Table::create()
        .table("rollup_marks")
        .col(big_integer("id").auto_increment().primary_key())
        .col(uuid("workspace_id"))
        .col(uuid("connection_id"))
        .col(json_binary("hours"))
        .col(json_binary("payments"))
        .col(timestamp_with_time_zone("observed_at"))
        .to_owned()
}
