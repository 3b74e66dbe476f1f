//! Which columns of a payment are needed for what is selected.

use async_graphql::Context;

use super::{Flat, Selections, field::Kind};
use crate::storage::PaymentColumns;

/// The columns for what the field being resolved selects of a flat type below these fields, one in the other.
pub(in crate::graphql) fn columns_under<T: Flat>(
    ctx: &Context<'_>,
    path: &[(&str, &str)],
) -> PaymentColumns {
    let mut selections = Selections::of(ctx, &ctx.item.node.selection_set.node);
    for (ty, name) in path {
        let Some(selected) = selections.fields(ty) else {
            return PaymentColumns::ALL;
        };
        let named = selected
            .into_values()
            .flatten()
            .filter(|field| field.name.node == *name);
        selections = selections.below(&named.collect::<Vec<_>>());
    }
    columns_of::<T>(&selections)
}

/// The columns for selections of a flat type; all of them where something is selected that its table does not have.
pub(super) fn columns_of<T: Flat>(selections: &Selections<'_>) -> PaymentColumns {
    let Some(selected) = selections.fields(T::NAME) else {
        return PaymentColumns::ALL;
    };
    let mut columns = PaymentColumns::default();
    for fields in selected.values() {
        let name = fields.first().map_or("", |field| field.name.node.as_str());
        if name == "__typename" {
            continue;
        }
        let Some(field) = T::field(name) else {
            return PaymentColumns::ALL;
        };
        columns = columns.and(PaymentColumns::of(field.columns));
        if let Kind::Part { columns: own, .. } = field.kind {
            columns = columns.and(own(&selections.below(fields)));
        }
    }
    columns
}
