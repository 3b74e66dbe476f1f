//! Which operation of a document is to be executed.

use async_graphql::{
    Name,
    parser::types::{
        DocumentOperations, ExecutableDocument, OperationDefinition, OperationType, Selection,
        SelectionSet,
    },
};

use super::error::ApiError;

/// The operation of this name; without a name, the only one (GraphQL specification, `GetOperation`). None where that does
/// not tell, which the library refuses.
pub(super) fn chosen<'a>(
    document: &'a ExecutableDocument,
    name: Option<&str>,
) -> Option<&'a OperationDefinition> {
    let operation = match (&document.operations, name) {
        (DocumentOperations::Single(operation), _) => Some(operation),
        (DocumentOperations::Multiple(operations), Some(name)) => operations.get(name),
        // An operation with a name of its own may be the only one too.
        (DocumentOperations::Multiple(operations), None) => {
            let mut operations = operations.values();
            operations.next().filter(|_| operations.next().is_none())
        }
    };
    operation.map(|operation| &operation.node)
}

/// Refuses a subscription that is not one field, selected directly (GraphQL specification, "Single Root Field"): the library
/// would follow several at once, and none that a fragment selects.
pub(super) fn check_subscription(operation: &OperationDefinition) -> Result<(), ApiError> {
    let is_one = match operation.selection_set.node.items.as_slice() {
        [one] => matches!(one.node, Selection::Field(_)),
        _ => false,
    };
    if operation.ty == OperationType::Subscription && !is_one {
        return Err(ApiError::bad_input(
            "A subscription selects exactly one field of Subscription, and not by a fragment: send several subscriptions instead.",
        ));
    }
    Ok(())
}

/// What an operation selects of which type.
pub(super) fn root(operation: &OperationDefinition) -> (Name, &SelectionSet) {
    let name = match operation.ty {
        OperationType::Query => "Query",
        OperationType::Mutation => "Mutation",
        OperationType::Subscription => "Subscription",
    };
    (Name::new(name), &operation.selection_set.node)
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::*;

    #[test]
    fn a_subscription_is_one_field() {
        for (query, fine) in [
            ("subscription { a { b c } }", true),
            ("subscription { a { ...F } } fragment F on A { b }", true),
            ("subscription { a b }", false),
            ("subscription { x: a y: a }", false),
            ("subscription { ... { a } }", false),
            (
                "subscription { ...F } fragment F on Subscription { a }",
                false,
            ),
            ("query { a b ...F } fragment F on Query { c }", true),
        ] {
            let document = parse_query(query).unwrap();
            let checked = check_subscription(chosen(&document, None).unwrap());
            assert_eq!(checked.is_ok(), fine, "{query}");
        }
    }

    #[test]
    fn the_only_operation_needs_no_name() {
        let chosen = |query: &str, name| {
            let document = parse_query(query).unwrap();
            chosen(&document, name).map(|operation| operation.ty)
        };

        for query in ["mutation { a }", "mutation M { a }"] {
            assert_eq!(chosen(query, None), Some(OperationType::Mutation));
        }
        assert_eq!(
            chosen("mutation M { a }", Some("M")),
            Some(OperationType::Mutation)
        );
        assert_eq!(chosen("mutation M { a }", Some("N")), None);
        assert_eq!(chosen("mutation M { a } query Q { a }", None), None);
        assert_eq!(
            chosen("mutation M { a } query Q { a }", Some("Q")),
            Some(OperationType::Query)
        );
    }
}
