//! How objects of a flat type are written down, made once for all of them.

use async_graphql::{Name, Value, indexmap::IndexMap};

use super::{
    Flat, Selections,
    field::{Kind, Show},
};

/// What is selected of a flat type, ready to be told of any number of objects.
pub(super) struct Plan<T: Flat> {
    /// An object with all keys and no values yet. Copying it is cheaper than putting keys in one by one.
    blank: IndexMap<Name, Value>,
    /// How each value is told, in the order of the keys.
    steps: Vec<Step<T>>,
}

enum Step<T: Flat> {
    Typename,
    Leaf(&'static Show<T>),
    Part(Show<T>),
}

impl<T: Flat> Plan<T> {
    /// The plan of these selections; none where something is selected that only the ordinary way can resolve.
    pub(super) fn of(selections: &Selections<'_>) -> Option<Self> {
        let selected = selections.fields(T::NAME)?;
        let mut steps = Vec::with_capacity(selected.len());
        for fields in selected.values() {
            let first = fields.first()?;
            if fields.iter().any(|field| !field.directives.is_empty()) {
                return None;
            }
            steps.push(match first.name.node.as_str() {
                "__typename" => Step::Typename,
                name => match &T::field(name)?.kind {
                    Kind::Leaf { show, .. } => Step::Leaf(show),
                    Kind::Part { plan, .. } => Step::Part(plan(&selections.below(fields))?),
                    Kind::Loaded => return None,
                },
            });
        }
        let blank = selected.into_keys().map(|key| (key.clone(), Value::Null));
        Some(Self {
            blank: blank.collect(),
            steps,
        })
    }

    /// An object.
    pub(super) fn show(&self, of: &T::Of) -> Value {
        if self.steps.is_empty() {
            // As the library does where everything was skipped.
            return Value::Null;
        }
        let mut object = self.blank.clone();
        for (value, step) in object.values_mut().zip(&self.steps) {
            *value = match step {
                Step::Typename => Value::String(T::NAME.to_owned()),
                Step::Leaf(show) => show(of),
                Step::Part(show) => show(of),
            };
        }
        Value::Object(object)
    }
}
