//! What is selected of an object, with fragments in their places and fields under one key together.

use std::collections::HashMap;

use async_graphql::{
    ContextBase, Name, Positioned,
    indexmap::IndexMap,
    parser::types::{Field, FragmentDefinition, Selection, SelectionSet},
    registry::Registry,
};

/// The selections of an object: several where fields under one key are merged. `@skip` and `@include` were followed
/// before anything is resolved.
#[derive(Clone)]
pub(in crate::graphql) struct Selections<'a> {
    fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>,
    registry: &'a Registry,
    sets: Vec<&'a SelectionSet>,
}

/// Fields by the keys of the answer, in its order.
pub(super) type Selected<'a> = IndexMap<&'a Name, Vec<&'a Field>>;

impl<'a> Selections<'a> {
    /// A selection of the operation of this context.
    pub(super) fn of<I>(ctx: &ContextBase<'a, I>, set: &'a SelectionSet) -> Self {
        Self {
            fragments: &ctx.query_env.fragments,
            registry: &ctx.schema_env.registry,
            sets: vec![set],
        }
    }

    /// What is selected of fields that were selected under one key.
    pub(super) fn below(&self, fields: &[&'a Field]) -> Self {
        Self {
            sets: fields
                .iter()
                .map(|field| &field.selection_set.node)
                .collect(),
            ..*self
        }
    }

    /// The fields that are selected of an object of this type; none where a fragment is not there.
    pub(super) fn fields(&self, ty: &str) -> Option<Selected<'a>> {
        let mut selected = IndexMap::new();
        for set in &self.sets {
            self.collect(ty, set, &mut selected)?;
        }
        Some(selected)
    }

    fn collect(&self, ty: &str, set: &'a SelectionSet, into: &mut Selected<'a>) -> Option<()> {
        for item in &set.items {
            let (condition, set) = match &item.node {
                Selection::Field(field) => {
                    let key = &field.node.response_key().node;
                    into.entry(key).or_default().push(&field.node);
                    continue;
                }
                Selection::InlineFragment(fragment) => {
                    let fragment = &fragment.node;
                    (fragment.type_condition.as_ref(), &fragment.selection_set)
                }
                Selection::FragmentSpread(spread) => {
                    let fragment = &self.fragments.get(&spread.node.fragment_name.node)?.node;
                    (Some(&fragment.type_condition), &fragment.selection_set)
                }
            };
            if condition.is_none_or(|condition| self.is(ty, &condition.node.on.node)) {
                self.collect(ty, &set.node, into)?;
            }
        }
        Some(())
    }

    /// Whether an object of this type is also of another one: the same, or an interface that it has.
    fn is(&self, ty: &str, other: &str) -> bool {
        let interfaces = || self.registry.implements.get(ty);
        ty == other || interfaces().is_some_and(|interfaces| interfaces.contains(other))
    }
}
