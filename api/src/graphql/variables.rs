//! Variables that an operation requires: without them the request is wrong as a whole (GraphQL specification,
//! "Coercing Variable Values"); the library would only fail the fields that use them.

use async_graphql::{
    Value, Variables,
    parser::types::{BaseType, ExecutableDocument, Type},
};

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

/// Whether the values that are given are of their types, as far as the types are GraphQL's own and no lists; of all others
/// only the library's validation can tell.
pub(super) fn are_plain(
    document: &ExecutableDocument,
    operation: Option<&str>,
    variables: &Variables,
) -> bool {
    let chosen = chosen(document, operation);
    let mut definitions = chosen
        .into_iter()
        .flat_map(|chosen| &chosen.variable_definitions);
    definitions.all(|definition| {
        let definition = &definition.node;
        let given = variables.get(&definition.name.node);
        given.is_none_or(|value| is_plain(value, &definition.var_type.node))
    })
}

fn is_plain(value: &Value, ty: &Type) -> bool {
    let BaseType::Named(name) = &ty.base else {
        return false;
    };
    match value {
        Value::Null => ty.nullable,
        Value::String(_) => matches!(name.as_str(), "String" | "ID"),
        Value::Boolean(_) => name == "Boolean",
        Value::Number(number) => {
            let whole = number.as_i64().and_then(|whole| i32::try_from(whole).ok());
            name == "Int" && whole.is_some()
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::{parser::parse_query, value};

    use super::*;

    #[test]
    fn values_of_graphql_s_own_types_are_told_from_all_others() {
        let are_plain = |types: &str, values: Value| {
            let document = parse_query(format!("query({types}) {{ a }}")).unwrap();
            are_plain(&document, None, &Variables::from_value(values))
        };

        for (ty, value) in [
            ("String", value!("x")),
            ("String", value!(null)),
            ("ID!", value!("x")),
            ("Int!", value!(50)),
            ("Boolean", value!(false)),
        ] {
            assert!(
                are_plain(&format!("$a: {ty}"), value!({ "a": value.clone() })),
                "{ty} {value}"
            );
        }
        for (ty, value) in [
            ("String!", value!(null)),
            ("String", value!(1)),
            ("Int", value!("1")),
            ("Int", value!(2_147_483_648_i64)),
            ("Int", value!(1.5)),
            ("Boolean", value!("true")),
            ("[ID!]", value!(["x"])),
            ("[ID!]", value!("x")),
            ("PaymentFilter", value!({})),
            ("DateTime", value!("x")),
        ] {
            assert!(
                !are_plain(&format!("$a: {ty}"), value!({ "a": value.clone() })),
                "{ty} {value}"
            );
        }
        assert!(are_plain(
            "$a: PaymentFilter, $b: Int",
            value!({ "b": 1, "c": "x" })
        ));
    }
}
