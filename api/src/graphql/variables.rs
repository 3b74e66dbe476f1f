//! Variables that an operation requires: without them the request is wrong as a whole (GraphQL specification,
//! "Coercing Variable Values"); the library would only fail the fields that use them.

use async_graphql::{
    Value, Variables,
    parser::types::{DocumentOperations, ExecutableDocument},
};

use super::error::ApiError;

/// Refuses an operation whose required variables are not all given.
pub(super) fn check(
    document: &ExecutableDocument,
    operation: Option<&str>,
    variables: &Variables,
) -> Result<(), ApiError> {
    let chosen = match (&document.operations, operation) {
        (DocumentOperations::Single(operation), _) => Some(operation),
        (DocumentOperations::Multiple(operations), Some(name)) => operations.get(name),
        (DocumentOperations::Multiple(_), None) => None,
    };
    let definitions = chosen
        .into_iter()
        .flat_map(|chosen| &chosen.node.variable_definitions);
    for definition in definitions {
        let definition = &definition.node;
        let given = variables.get(&definition.name.node);
        let required = !definition.var_type.node.nullable && definition.default_value.is_none();
        if required && given.is_none_or(|value| *value == Value::Null) {
            let name = &definition.name.node;
            return Err(ApiError::bad_input(format!(
                "The variable ${name} is required."
            )));
        }
    }
    Ok(())
}
