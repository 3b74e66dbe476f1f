//! How `schema.graphql` says what a field costs, in the words of the GraphQL cost directives that other tools read.

use async_graphql::TypeDirective;

/// What the field costs each time that it is resolved; a field without it costs 1.
#[TypeDirective(name = "cost", location = "FieldDefinition")]
pub(in crate::graphql) fn cost(weight: u32) {}

/// How long the list is taken to be. Pages are taken to be full, other lists without it count as one entry.
#[TypeDirective(name = "listSize", location = "FieldDefinition")]
pub(in crate::graphql) fn list_size(assumed_size: usize) {}
