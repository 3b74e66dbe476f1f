//! Keyset pages: where a page starts is a row's position, never an offset.

use std::fmt::Write;

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, DbBackend, Order, Statement,
    sea_query::{Expr, ExprTrait, SelectStatement, Value},
};
use uuid::Uuid;

/// A page asked for: so many rows after a position, in the list's order or against it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PageRequest<P> {
    /// At most so many rows.
    pub limit: u64,
    /// The row after which the page starts; none for the list's end.
    pub position: Option<P>,
    /// Walk from the end towards the start; rows still come in the list's order.
    pub backward: bool,
}

/// Rows of a page, in the list's order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slice<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Whether more rows lie beyond, in the direction walked.
    pub has_more: bool,
}

/// The position of a row in a list by time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimePosition {
    /// The row's time.
    pub at: DateTime<Utc>,
    /// The row, among those of the same time.
    pub id: Uuid,
}

/// What small pages are rounded up to.
const STEPS: [u64; 4] = [10, 25, 50, 100];

/// Orders a query by two columns and starts it behind a position; fetches one row more than asked for, to know
/// whether there are more.
pub(super) fn keyset<C: ColumnTrait>(
    query: &mut SelectStatement,
    columns: (C, C),
    descending: bool,
    page: &PageRequest<(Value, Value)>,
) {
    order_behind(query, columns, descending, page);
    query.limit(page.limit + 1);
}

/// The same for lists whose best plan is the same for all values. Given a limit as a value, PostgreSQL plans a statement
/// anew each time, as it takes the plan for any limit to be far worse; given it as text, it keeps the plan. So that few
/// texts are kept, a few rows too many may be fetched, which [`slice`] cuts off.
pub(super) fn planned_keyset<C: ColumnTrait>(
    mut query: SelectStatement,
    backend: DbBackend,
    columns: (C, C),
    descending: bool,
    page: &PageRequest<(Value, Value)>,
) -> Statement {
    order_behind(&mut query, columns, descending, page);
    let mut statement = backend.build(&query);
    let limit = STEPS.into_iter().find(|step| page.limit <= *step);
    let limit = limit.unwrap_or_else(|| page.limit.next_multiple_of(100));
    // Writing to a string succeeds.
    let _ = write!(statement.sql, " LIMIT {}", limit + 1);
    statement
}

fn order_behind<C: ColumnTrait>(
    query: &mut SelectStatement,
    columns: (C, C),
    descending: bool,
    page: &PageRequest<(Value, Value)>,
) {
    let downward = descending != page.backward;
    let order = if downward { Order::Desc } else { Order::Asc };
    let columns = [columns.0.as_column_ref(), columns.1.as_column_ref()];
    for column in columns.clone() {
        query.order_by(column, order.clone());
    }
    if let Some((first, second)) = page.position.clone() {
        let row = Expr::tuple(columns.map(Expr::col));
        let position = Expr::tuple([Expr::val(first), Expr::val(second)]);
        query.and_where(if downward {
            row.lt(position)
        } else {
            row.gt(position)
        });
    }
}

/// Cuts off what was fetched beyond the page and puts the rows into the list's order.
pub(super) fn slice<T, P>(mut rows: Vec<T>, page: &PageRequest<P>) -> Slice<T> {
    let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
    let has_more = rows.len() > limit;
    rows.truncate(limit);
    if page.backward {
        rows.reverse();
    }
    Slice { rows, has_more }
}

impl PageRequest<TimePosition> {
    pub(super) fn values(&self) -> PageRequest<(Value, Value)> {
        PageRequest {
            limit: self.limit,
            position: self
                .position
                .map(|position| (position.at.into(), position.id.into())),
            backward: self.backward,
        }
    }
}

#[cfg(test)]
mod tests {
    use entity::payment::{Column, Entity};
    use sea_orm::sea_query::Query;

    use super::*;

    #[test]
    fn a_kept_plan_has_its_limit_in_the_text_rounded_up() {
        for (asked, expected) in [
            (1, 11),
            (25, 26),
            (26, 51),
            (50, 51),
            (101, 201),
            (1_000, 1_001),
        ] {
            assert_limit(asked, expected);
        }
    }

    fn assert_limit(asked: u64, expected: u64) {
        let mut query = Query::select();
        query.column(Column::Id).from(Entity);
        let page = PageRequest {
            limit: asked,
            position: Some((7_i64.into(), Uuid::nil().into())),
            backward: false,
        };
        let by = (Column::CreatedAt, Column::Id);

        let statement = planned_keyset(query, DbBackend::Postgres, by, true, &page);

        let end = format!(" LIMIT {expected}");
        assert!(statement.sql.ends_with(&end), "{}", statement.sql);
        let values = statement.values.unwrap();
        assert_eq!(values.0, [7_i64.into(), Uuid::nil().into()]);
    }
}
