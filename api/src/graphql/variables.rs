//! Variables that an operation requires: without them the request is wrong as a whole (GraphQL specification,
//! "Coercing Variable Values"); the library would only fail the fields that use them.

use async_graphql::{Value, Variables, parser::types::ExecutableDocument};

use super::{error::ApiError, operation::chosen};

/// Refuses an operation whose required variables are not all given.
pub(super) fn check(
    document: &ExecutableDocument,
    operation: Option<&str>,
    variables: &Variables,
) -> Result<(), ApiError> {
    let chosen = chosen(document, operation);
    let definitions = chosen
        .into_iter()
        .flat_map(|chosen| &chosen.variable_definitions);
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
