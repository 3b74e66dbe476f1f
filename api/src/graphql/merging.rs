//! Whether something of an answer has to be put together from several fields.

use std::collections::HashSet;

use async_graphql::{
    Name,
    parser::types::{ExecutableDocument, Selection, SelectionSet},
};

/// Whether two fields that have fields of their own may answer under one key (GraphQL specification, `MergeSelectionSets`):
/// the library resolves each of them by itself and puts their values together afterwards. Types and directives are not
/// looked at, so that it may also be said where it never happens. The document has passed the guard, which keeps the
/// repetition of fragments within bounds.
pub(super) fn merges(document: &ExecutableDocument) -> bool {
    let mut operations = document.operations.iter();
    operations.any(|(_, operation)| {
        let set = &operation.node.selection_set.node;
        merges_in(document, set, &mut HashSet::new())
    })
}

/// `keys` are those of the fields with fields of their own that stand beside this selection.
fn merges_in<'a>(
    document: &'a ExecutableDocument,
    set: &'a SelectionSet,
    keys: &mut HashSet<&'a Name>,
) -> bool {
    set.items.iter().any(|item| match &item.node {
        Selection::Field(field) => {
            let below = &field.node.selection_set.node;
            !below.items.is_empty()
                && (!keys.insert(&field.node.response_key().node)
                    || merges_in(document, below, &mut HashSet::new()))
        }
        Selection::InlineFragment(fragment) => {
            merges_in(document, &fragment.node.selection_set.node, keys)
        }
        Selection::FragmentSpread(spread) => {
            let fragment = document.fragments.get(&spread.node.fragment_name.node);
            fragment.is_some_and(|fragment| {
                merges_in(document, &fragment.node.selection_set.node, keys)
            })
        }
    })
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::*;

    #[test]
    fn two_fields_with_fields_under_one_key_are_merged() {
        for (query, merged) in [
            ("{ a { b { c } d { c } } }", false),
            ("{ a { b { c } } x: a { b { c } } }", false),
            ("{ a { b } a { c } }", true),
            ("{ x: a { b } x: a { c } }", true),
            ("{ a { b b c: b } }", false),
            ("{ a { ... { b { c } } b { d } } }", true),
            (
                "{ a { ...F } d { ...F } } fragment F on A { b { c } }",
                false,
            ),
            ("{ a { ...F b { d } } } fragment F on A { b { c } }", true),
            (
                "{ a { ...F ...G } } fragment F on A { ...G } fragment G on A { b { c } }",
                true,
            ),
            (
                "query A { a { b } } query B { a { b { c } b { d } } }",
                true,
            ),
            ("query A { a { b } } query B { a { b } }", false),
        ] {
            assert_eq!(merges(&parse_query(query).unwrap()), merged, "{query}");
        }
    }
}
