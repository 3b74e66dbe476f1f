//! Sums over the payments of an hour, for charts.

use sea_orm::entity::prelude::*;

use crate::payment::Status;

/// A row of `payment_rollups`: what the payments of a connection and an hour come to that have all of these in common.
/// Several rows may have the same in common: whoever reads them adds them up.
///
/// Columns that payments have too are named as there, so that both are filtered and grouped in the same words.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "payment_rollups")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub workspace_id: Uuid,
    pub connection_id: Uuid,
    /// The begin of the hour in which the payments were created.
    pub created_at: DateTimeUtc,
    pub livemode: bool,
    pub currency: String,
    pub status: Status,
    pub method_type: String,
    pub card_brand: Option<String>,
    pub card_funding: Option<String>,
    pub card_country: Option<String>,
    pub card_wallet: Option<String>,
    pub settlement_currency: Option<String>,

    pub attempts: i64,
    pub succeeded: i64,
    pub failed: i64,
    pub captured_minor: i64,
    pub refunded_minor: i64,
    /// In the settlement currency.
    pub fee_minor: i64,
    pub refunds: i64,
    pub disputes: i64,
    pub disputed_minor: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
