//! Payouts whose list of payments is to be read, or was.

use sea_orm::entity::prelude::*;

/// A row of `payout_links`: one for each automatic payout. Its id is that of the payout's object.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "payout_links")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub workspace_id: Uuid,
    pub connection_id: Uuid,
    /// The payout's id at Stripe.
    pub payout_id: String,
    /// The payout's state that the list is, or was, read in: each one once.
    pub state: String,
    /// Whether nothing is added to the list in this state: then it is never read again.
    pub complete: bool,
    /// Behind which entry the list goes on.
    pub cursor: Option<String>,
    /// Failed tries since the last page.
    pub attempts: i32,
    /// When to read on; none once the list was read.
    pub run_at: Option<DateTimeUtc>,
    /// When the state was true at Stripe.
    pub observed_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
