//! Lists of flat objects.

use std::borrow::Cow;

use async_graphql::{
    ContainerType, ContextSelectionSet, OutputType, Positioned, ServerResult, Value,
    parser::types::Field, registry::Registry, resolver_utils::resolve_list,
};

use super::{Form, Held, Plan, Text};

/// What one entry may be longer than the first, in bytes.
const SPARE: usize = 16;

/// Room is made for so many entries at most: the first one may be unusually long.
const MOST: usize = 100;

/// A list of objects of a flat type, for which the selections are read once.
#[derive(Clone, Debug)]
pub(in crate::graphql) struct Rows<T>(Vec<T>);

impl<T> FromIterator<T> for Rows<T> {
    fn from_iter<I: IntoIterator<Item = T>>(rows: I) -> Self {
        Self(rows.into_iter().collect())
    }
}

impl<T: Held + ContainerType> OutputType for Rows<T> {
    fn type_name() -> Cow<'static, str> {
        Vec::<T>::type_name()
    }

    fn qualified_type_name() -> String {
        Vec::<T>::qualified_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        Vec::<T>::create_type_info(registry)
    }

    async fn resolve(
        &self,
        ctx: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        match &*Plan::<T>::kept(ctx) {
            Some(plan) => {
                let mut text = Text::default();
                let mut ends = Vec::with_capacity(self.0.len());
                for row in &self.0 {
                    plan.show(row.of(), &mut text);
                    if ends.is_empty() {
                        // The others are about as long as the first.
                        text.reserve((text.len() + SPARE) * (self.0.len() - 1).min(MOST));
                    }
                    ends.push(text.len());
                }
                Ok(Value::List(text.finish_each(&ends, Form::of(ctx))?))
            }
            None => resolve_list(ctx, field, &self.0, Some(self.0.len())).await,
        }
    }
}
