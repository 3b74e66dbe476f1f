//! The sums themselves, as SQL: over payments and what hangs on them, or over what was summed up of them.

use chrono::{DateTime, Utc};
use entity::{dispute, payment, payment_rollup, refund};
use sea_orm::{
    Condition, EntityTrait, IdenStatic, JoinType,
    sea_query::{Expr, ExprTrait, IntoIden, IntoTableRef, Query, SelectStatement, TableRef},
};

use super::hours::{Span, time};
use crate::ids::ConnectionId;

/// What payments are grouped by, beside the currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StatsColumn {
    /// The connection.
    Connection,
    /// What became of the payment.
    Status,
    /// Stripe's `payment_method_details.type`.
    MethodType,
    /// Stripe's name of the brand.
    CardBrand,
    /// credit, debit, prepaid, unknown.
    CardFunding,
    /// Where the card was issued.
    CardCountry,
    /// The wallet that the card was in.
    CardWallet,
    /// The bank; not summed up.
    CardIssuer,
    /// The first digits; not summed up.
    CardBin,
    /// Why the issuer declined; not summed up.
    DeclineCode,
}

/// What the payments of a group have in common in one column; those that have nothing there come last.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StatsKey {
    /// The connection.
    Connection(ConnectionId),
    /// The value.
    Text(String),
    /// No value.
    Missing,
}

/// What is summed up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// What was summed up before, under the name of the payments: filters and groups are the same.
    Rollups,
    /// Payments.
    Payments,
    /// Refunds of payments.
    Refunds,
    /// Disputes of payments.
    Disputes,
}

/// What is summed up, in the order in which every source selects it.
pub(super) const MEASURES: [payment_rollup::Column; 9] = {
    use payment_rollup::Column::{
        Attempts, CapturedMinor, DisputedMinor, Disputes, Failed, FeeMinor, RefundedMinor, Refunds,
        Succeeded,
    };
    [
        Attempts,
        Succeeded,
        Failed,
        CapturedMinor,
        RefundedMinor,
        FeeMinor,
        Refunds,
        Disputes,
        DisputedMinor,
    ]
};

/// No amount at Stripe has so many digits. One that has counts as so much, so that no absurd object breaks a sum.
const MOST_MINOR: i64 = 1_000_000_000_000_000;

/// A list of spans: their places, and where they begin and end.
const SPANS: &str = "spans";

/// The place of a payment's span.
pub(super) const SPAN: &str = r#""spans"."column1""#;

const IN_SPAN: &str = r#""payments"."created_at" >= "spans"."column2" AND "payments"."created_at" < "spans"."column3""#;

const NOTHING: &str = "CAST(0 AS bigint)";

/// A zero-amount payment only verifies the card.
const SUCCEEDED: &str = r#""payments"."status" = 'succeeded' AND "payments"."amount_minor" > 0"#;
const FAILED: &str = r#""payments"."status" = 'failed' AND "payments"."amount_minor" > 0"#;

/// Whether the money was taken: what is released again of an authorisation is `refunded` at Stripe, and no refund
/// (Stripe contract section 7.3).
const TAKEN: &str = r#""payments"."status" = 'succeeded'"#;

impl StatsColumn {
    pub(super) const fn column(self) -> payment::Column {
        use payment::Column;
        match self {
            Self::Connection => Column::ConnectionId,
            Self::Status => Column::Status,
            Self::MethodType => Column::MethodType,
            Self::CardBrand => Column::CardBrand,
            Self::CardFunding => Column::CardFunding,
            Self::CardCountry => Column::CardCountry,
            Self::CardWallet => Column::CardWallet,
            Self::CardIssuer => Column::CardIssuer,
            Self::CardBin => Column::CardBin,
            Self::DeclineCode => Column::DeclineCode,
        }
    }

    /// Whether rollups know it.
    pub(super) const fn is_rolled_up(self) -> bool {
        !matches!(self, Self::CardIssuer | Self::CardBin | Self::DeclineCode)
    }
}

impl Source {
    /// The sums of a source, grouped by keys: these are selected first, then the measures. With `spans` they are of the
    /// payments in each of these spans, found one after the other.
    pub(super) fn sums(self, keys: Vec<Expr>, spans: Option<&[Span]>) -> SelectStatement {
        let mut select = Query::select();
        let places = (1..=keys.len()).map(|place| Expr::cust(place.to_string()));
        // By their places: an expression with parameters is another one each time that it is written.
        select.add_group_by(places);
        select.exprs(keys);
        select.exprs(self.measures().map(Expr::cust));
        let (table, name) = (self.table(), payment::Entity.into_iden());
        match spans {
            // One span after the other: SQLite keeps to the order of a cross join, which has no condition of its own.
            Some(spans) => select
                .from_values(numbered(spans), SPANS)
                .join_as(JoinType::CrossJoin, table, name, Condition::all())
                .and_where(Expr::cust(IN_SPAN)),
            None => select.from_as(table, name),
        };
        match self {
            Self::Rollups | Self::Payments => &mut select,
            Self::Refunds => with_parts(
                &mut select,
                refund::Entity,
                refund::Column::PaymentId,
                spans,
            )
            .and_where(Expr::cust(TAKEN))
            .and_where(
                Expr::col((refund::Entity, refund::Column::Status))
                    .is_not_in(["failed", "canceled"]),
            ),
            Self::Disputes => with_parts(
                &mut select,
                dispute::Entity,
                dispute::Column::PaymentId,
                spans,
            ),
        };
        select
    }

    /// What there is a row of for each payment, or for many.
    fn table(self) -> TableRef {
        match self {
            Self::Rollups => payment_rollup::Entity.into_table_ref(),
            Self::Payments | Self::Refunds | Self::Disputes => payment::Entity.into_table_ref(),
        }
    }

    fn measures(self) -> [String; 9] {
        let nothing = || NOTHING.to_owned();
        match self {
            Self::Rollups => {
                MEASURES.map(|measure| sum(&format!("\"payments\".\"{}\"", measure.as_str())))
            }
            Self::Payments => [
                "COUNT(*)".to_owned(),
                format!("COUNT(CASE WHEN {SUCCEEDED} THEN 1 END)"),
                format!("COUNT(CASE WHEN {FAILED} THEN 1 END)"),
                taken("amount_captured_minor"),
                taken("amount_refunded_minor"),
                sum(&bounded(r#""payments"."fee_minor""#)),
                nothing(),
                nothing(),
                nothing(),
            ],
            Self::Refunds => {
                let mut measures = std::array::from_fn(|_| nothing());
                measures[6] = String::from("COUNT(*)");
                measures
            }
            Self::Disputes => {
                let own = r#""disputes"."currency" = "payments"."currency""#;
                let amount = bounded(r#""disputes"."amount_minor""#);
                let mut measures = std::array::from_fn(|_| nothing());
                measures[7] = String::from("COUNT(*)");
                measures[8] = sum(&format!("CASE WHEN {own} THEN {amount} END"));
                measures
            }
        }
    }
}

/// Spans with their places, for [`SPANS`].
fn numbered(spans: &[Span]) -> impl Iterator<Item = (i64, DateTime<Utc>, DateTime<Utc>)> {
    (0..)
        .zip(spans)
        .map(|(place, span)| (place, time(span.from), time(span.until)))
}

/// Goes on from payments to their parts in another table, of which a column names the payment.
fn with_parts<'s, E: EntityTrait>(
    select: &'s mut SelectStatement,
    table: E,
    column: E::Column,
    spans: Option<&[Span]>,
) -> &'s mut SelectStatement {
    let id = Expr::col((payment::Entity, payment::Column::Id));
    let is_of = id.equals((table, column));
    match spans {
        Some(_) => select.cross_join(table).and_where(is_of),
        None => select.inner_join(table, is_of),
    }
}

fn taken(column: &str) -> String {
    let amount = bounded(&format!("\"payments\".\"{column}\""));
    sum(&format!("CASE WHEN {TAKEN} THEN {amount} END"))
}

/// PostgreSQL's sums of integers are of another type.
fn sum(expression: &str) -> String {
    format!("CAST(COALESCE(SUM({expression}), 0) AS bigint)")
}

fn bounded(amount: &str) -> String {
    format!(
        "CASE WHEN {amount} > {MOST_MINOR} THEN {MOST_MINOR} WHEN {amount} < -{MOST_MINOR} THEN -{MOST_MINOR} ELSE {amount} END"
    )
}
