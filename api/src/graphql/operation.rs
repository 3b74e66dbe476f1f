//! Which operation of a document is to be executed.

use async_graphql::{
    Name,
    parser::types::{
        DocumentOperations, ExecutableDocument, OperationDefinition, OperationType, SelectionSet,
    },
};

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
