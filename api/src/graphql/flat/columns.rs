//! Which columns of a payment are needed for what is selected.

use std::marker::PhantomData;

use async_graphql::Context;

use super::{Flat, Selections, field::Kind, kept};
use crate::storage::PaymentColumns;

/// Fields, one in the other, each with the type that has it.
type Path<'a> = &'a [(&'a str, &'a str)];

/// What is kept of a place in a document.
struct Columns<T>(PaymentColumns, PhantomData<fn() -> T>);

/// The columns for what the field being resolved selects of a flat type below any of these paths. A field of the schema
/// must always ask for the same ones.
pub(in crate::graphql) fn columns_under<T: Flat>(
    ctx: &Context<'_>,
    paths: &[Path<'_>],
) -> PaymentColumns {
    let set = &ctx.item.node.selection_set;
    let columns = kept(ctx, set.pos, || {
        let selections = Selections::of(ctx, &set.node);
        let each = paths
            .iter()
            .map(|path| columns_at::<T>(selections.clone(), path));
        let columns = each.fold(PaymentColumns::default(), PaymentColumns::and);
        Columns::<T>(columns, PhantomData)
    });
    columns.0
}

fn columns_at<T: Flat>(mut selections: Selections<'_>, path: Path<'_>) -> PaymentColumns {
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
