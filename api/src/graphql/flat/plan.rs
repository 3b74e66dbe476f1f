//! How objects of a flat type are written down, made once for all of them.

use std::sync::Arc;

use async_graphql::ContextSelectionSet;

use super::{
    Flat, Selections, Text,
    field::{Kind, Show},
    kept,
};

/// What is selected of a flat type, ready to be told of any number of objects.
pub(super) struct Plan<T: Flat> {
    /// How each value is told, with the JSON that comes before it: its key, and what parts it from the one before.
    steps: Vec<(String, Step<T>)>,
}

enum Step<T: Flat> {
    Typename,
    Leaf(&'static Show<T>),
    Part(Show<T>),
}

impl<T: Flat> Plan<T> {
    /// The plan of what is selected here, as [`Self::of`] has it.
    pub(super) fn kept(ctx: &ContextSelectionSet<'_>) -> Arc<Option<Self>> {
        let selections = || Selections::of(ctx, &ctx.item.node);
        kept(ctx, ctx.item.pos, || Self::of(&selections()))
    }

    /// The plan of these selections; none where something is selected that only the ordinary way can resolve.
    pub(super) fn of(selections: &Selections<'_>) -> Option<Self> {
        let selected = selections.fields(T::NAME)?;
        let mut steps = Vec::with_capacity(selected.len());
        for (key, fields) in selected {
            let first = fields.first()?;
            if fields.iter().any(|field| !field.directives.is_empty()) {
                return None;
            }
            let before = if steps.is_empty() { '{' } else { ',' };
            let step = match first.name.node.as_str() {
                "__typename" => Step::Typename,
                name => match &T::field(name)?.kind {
                    Kind::Leaf { show, .. } => Step::Leaf(show),
                    Kind::Part { plan, .. } => Step::Part(plan(&selections.below(&fields))?),
                    Kind::Loaded => return None,
                },
            };
            // Names have nothing to be escaped.
            steps.push((format!("{before}\"{key}\":"), step));
        }
        Some(Self { steps })
    }

    /// Writes an object.
    pub(super) fn show(&self, of: &T::Of, into: &mut Text) {
        if self.steps.is_empty() {
            // As the library does where everything was skipped.
            return into.null();
        }
        for (key, step) in &self.steps {
            into.push(key);
            match step {
                Step::Typename => into.quoted(T::NAME),
                Step::Leaf(show) => show(of, into),
                Step::Part(show) => show(of, into),
            }
        }
        into.push("}");
    }
}
