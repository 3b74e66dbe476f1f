//! What a list of payments may be filtered by, as conditions over columns. Every value is a bound parameter.

use chrono::{DateTime, Utc};
use entity::payment::Column;
use sea_orm::{ColumnTrait, Condition, DbBackend, sea_query::Expr};

use super::{PaymentStatus, named::own};
use crate::ids::{ConnectionId, PaymentId, WorkspaceId};

/// All that is given must hold; within a list any may. An empty list holds for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct PaymentFilter {
    /// Payments of these connections.
    pub connections: Option<Vec<ConnectionId>>,
    /// Payments of these ids.
    pub ids: Option<Vec<PaymentId>>,
    /// Payments of these ids at Stripe; no index leads to them, so `ids` must narrow the search.
    pub stripe_ids: Option<Vec<String>>,
    /// Created at or after.
    pub created_from: Option<DateTime<Utc>>,
    /// Created before.
    pub created_until: Option<DateTime<Utc>>,
    /// Any of these statuses.
    pub statuses: Option<Vec<PaymentStatus>>,
    /// ISO 4217, lower case.
    pub currencies: Option<Vec<String>>,
    /// Thousandths of the major unit, inclusive.
    pub amount_from: Option<i64>,
    /// Thousandths of the major unit, inclusive.
    pub amount_to: Option<i64>,
    /// Stripe's `payment_method_details.type`.
    pub method_types: Option<Vec<String>>,
    /// Stripe's brand names.
    pub card_brands: Option<Vec<String>>,
    /// credit, debit, prepaid, unknown.
    pub card_fundings: Option<Vec<String>>,
    /// ISO 3166-1 alpha-2, upper case.
    pub card_countries: Option<Vec<String>>,
    /// The first six to eight digits.
    pub bins: Option<Vec<String>>,
    /// Names of banks, exactly.
    pub issuers: Option<Vec<String>>,
    /// Decline codes.
    pub decline_codes: Option<Vec<String>>,
    /// Whether anything was refunded.
    pub refunded: Option<bool>,
    /// Whether it was ever disputed.
    pub disputed: Option<bool>,
    /// The mode.
    pub livemode: Option<bool>,
    /// `cus_…`
    pub customer_id: Option<String>,
    /// `pi_…`
    pub payment_intent_id: Option<String>,
    /// Pairs that the metadata must hold, all of them.
    pub metadata: Vec<(String, String)>,
}

impl PaymentFilter {
    /// Whether it leaves every payment.
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether rollups tell apart what it asks for.
    pub(super) fn is_rolled_up(&self) -> bool {
        // Named one by one: a new one has to be judged.
        let Self {
            connections: _,
            created_from: _,
            created_until: _,
            statuses: _,
            currencies: _,
            method_types: _,
            card_brands: _,
            card_fundings: _,
            card_countries: _,
            livemode: _,
            ids,
            stripe_ids,
            amount_from,
            amount_to,
            bins,
            issuers,
            decline_codes,
            refunded,
            disputed,
            customer_id,
            payment_intent_id,
            metadata,
        } = self;
        let lists = [stripe_ids, bins, issuers, decline_codes];
        ids.is_none()
            && lists.into_iter().all(Option::is_none)
            && [amount_from, amount_to].into_iter().all(Option::is_none)
            && [refunded, disputed].into_iter().all(Option::is_none)
            && [customer_id, payment_intent_id]
                .into_iter()
                .all(Option::is_none)
            && metadata.is_empty()
    }

    pub(super) fn condition(&self, workspace: WorkspaceId, backend: DbBackend) -> Condition {
        let any = |column: Column, values: &Option<Vec<String>>| {
            values.as_ref().map(|values| column.is_in(values))
        };
        let is = |column: Column, value: &Option<String>| value.as_ref().map(|v| column.eq(v));
        let refunded = |yes| {
            if yes {
                Column::AmountRefundedMinor.gt(0)
            } else {
                Column::AmountRefundedMinor.lte(0)
            }
        };
        let ids = |ids: &Vec<ConnectionId>| Column::ConnectionId.is_in(ids.iter().map(|id| id.0));
        let given = [
            self.connections.as_ref().map(ids),
            self.ids
                .as_ref()
                .map(|ids| Column::Id.is_in(ids.iter().map(|id| id.0))),
            any(Column::StripeId, &self.stripe_ids),
            self.created_from.map(|at| Column::CreatedAt.gte(at)),
            self.created_until.map(|at| Column::CreatedAt.lt(at)),
            self.statuses
                .as_ref()
                .map(|statuses| Column::Status.is_in(statuses.iter().copied())),
            any(Column::Currency, &self.currencies),
            self.amount_from
                .map(|amount| Column::AmountThousandths.gte(amount)),
            self.amount_to
                .map(|amount| Column::AmountThousandths.lte(amount)),
            any(Column::MethodType, &self.method_types),
            any(Column::CardBrand, &self.card_brands),
            any(Column::CardFunding, &self.card_fundings),
            any(Column::CardCountry, &self.card_countries),
            any(Column::CardBin, &self.bins),
            any(Column::CardIssuer, &self.issuers),
            any(Column::DeclineCode, &self.decline_codes),
            self.refunded.map(refunded),
            self.disputed.map(|yes| Column::Disputed.eq(yes)),
            self.livemode.map(|yes| Column::Livemode.eq(yes)),
            is(Column::CustomerId, &self.customer_id),
            is(Column::PaymentIntentId, &self.payment_intent_id),
        ];
        let pairs = self
            .metadata
            .iter()
            .map(|pair| metadata_holds(pair, backend));
        let own = if self.ids.is_some() {
            own(Column::WorkspaceId, workspace.0)
        } else {
            Column::WorkspaceId.eq(workspace.0)
        };
        given
            .into_iter()
            .flatten()
            .chain(pairs)
            .fold(Condition::all().add(own), Condition::add)
    }
}

fn metadata_holds((key, value): &(String, String), backend: DbBackend) -> Expr {
    let sql = match backend {
        DbBackend::Sqlite => {
            "EXISTS (SELECT 1 FROM json_each(payments.metadata) WHERE json_each.key = ? AND json_each.value = ?)"
        }
        _ => "payments.metadata ->> $1 = $2",
    };
    Expr::cust_with_values(sql, [key.as_str(), value.as_str()])
}
