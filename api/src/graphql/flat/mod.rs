//! Flat types: objects all of whose fields are known as soon as their row is.
//!
//! The library resolves every field of every row by a future of its own. A page of flat rows is resolved in one walk
//! instead: the selections are read once, into a [`Plan`], and each row is then written down from it, as JSON.
//! What such a type is stands in one place, its table of [`Field`]s ([`flat!`]): from it come the schema and its descriptions, the
//! plan, and the [columns](columns_under) that have to be read.
//!
//! A table may name fields that need a loader too. Where one of them is selected, the whole object is resolved in the
//! ordinary way, which takes the values of the others from the same table.

mod columns;
mod declare;
mod field;
mod kept;
mod leaf;
mod object;
mod plan;
mod rows;
mod selection;
#[cfg(test)]
mod tests;
mod text;
mod told;

use std::{any::Any, sync::Arc};

use async_graphql::{
    Context, Description, ServerResult, Value,
    registry::{MetaField, Registry},
};

pub(super) use columns::columns_under;
pub(super) use declare::{flat, flat_part};
pub(super) use field::Field;
pub(super) use kept::Kept;
pub(super) use leaf::{Leaf, enum_leaf};
pub(super) use object::{register, resolve, resolve_field};
pub(super) use rows::Rows;
pub(super) use text::{Text, Whole, text_of};
pub(super) use told::{Told, Wording};

use kept::kept;
use plan::Plan;
use selection::Selections;
use text::Form;

/// An object type whose fields are told from a value at hand.
pub(super) trait Flat: Description + Sized + Send + Sync + 'static {
    /// What the fields are told from: a row, or a part of one.
    type Of: Send + Sync + 'static;

    /// The type's name.
    const NAME: &'static str;

    /// The type's fields, in the order of the schema.
    fn fields() -> &'static [Field<Self>];

    /// The field of this name.
    fn field(name: &str) -> Option<&'static Field<Self>> {
        Self::fields().iter().find(|field| field.name == name)
    }
}

/// A flat type by a value that holds what its fields are told from, so that it can be what a resolver answers.
pub(super) trait Held: Flat {
    /// What the fields are told from.
    fn of(&self) -> &Self::Of;

    /// What the fields are told from, where many are told of the same one.
    fn shared(&self) -> Option<Arc<dyn Any + Send + Sync>> {
        None
    }

    /// The fields that need a loader, as the schema has them.
    fn loaded(_: &mut Registry) -> Vec<(String, MetaField)> {
        Vec::new()
    }

    /// Resolves such a field.
    fn load(&self, _: &Context<'_>) -> impl Future<Output = ServerResult<Option<Value>>> + Send {
        std::future::ready(Ok(None))
    }
}
