//! What is looked at before a document is: in time proportional to its length.
//!
//! The library's own limits walk a document as if every fragment stood where it is spread. Fragments that spread each
//! other twice make that walk double with each of them, so their size is reckoned first, once for each.

use std::collections::HashMap;

use async_graphql::{
    Name, Positioned,
    parser::types::{ExecutableDocument, FragmentDefinition, Selection, SelectionSet},
};

use super::error::{ApiError, Code};

/// The most selections of a document with all fragments in their places; pages do not count here.
const MAX_SELECTIONS: usize = 10_000;

/// How deep selections and fragments may go here, so that the stack suffices; the library allows less.
const MAX_DEPTH: usize = 100;

/// Refuses a document that is small to write and endless to read.
pub(super) fn check(document: &ExecutableDocument) -> Result<(), ApiError> {
    let mut sizes = Sizes {
        fragments: &document.fragments,
        known: HashMap::new(),
    };
    let mut total = 0_usize;
    for (_, operation) in document.operations.iter() {
        total = total.saturating_add(sizes.of(&operation.node.selection_set.node, 0)?);
    }
    for name in document.fragments.keys() {
        total = total.saturating_add(sizes.of_fragment(name, 0)?);
    }
    if total > MAX_SELECTIONS {
        return Err(too_much());
    }
    Ok(())
}

/// Whether a document asks for the schema, in whatever place.
pub(super) fn introspects(document: &ExecutableDocument) -> bool {
    let operations = document
        .operations
        .iter()
        .map(|(_, operation)| &operation.node.selection_set);
    let fragments = document
        .fragments
        .values()
        .map(|fragment| &fragment.node.selection_set);
    operations
        .chain(fragments)
        .any(|selection| asks_for_schema(&selection.node))
}

/// Only asked once the depth is known to be bounded.
fn asks_for_schema(selection: &SelectionSet) -> bool {
    selection.items.iter().any(|item| match &item.node {
        Selection::Field(field) => {
            let name = field.node.name.node.as_str();
            matches!(name, "__schema" | "__type") || asks_for_schema(&field.node.selection_set.node)
        }
        Selection::InlineFragment(fragment) => asks_for_schema(&fragment.node.selection_set.node),
        Selection::FragmentSpread(_) => false,
    })
}

fn too_much() -> ApiError {
    ApiError::new(Code::QueryTooComplex, "The query selects too much at once.")
}

struct Sizes<'a> {
    fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>,
    /// None while the fragment is being looked at.
    known: HashMap<&'a Name, Option<usize>>,
}

impl<'a> Sizes<'a> {
    fn of(&mut self, selection: &'a SelectionSet, depth: usize) -> Result<usize, ApiError> {
        if depth > MAX_DEPTH {
            return Err(too_much());
        }
        let below = depth + 1;
        let mut size = 0_usize;
        for item in &selection.items {
            let inner = match &item.node {
                Selection::Field(field) => self.of(&field.node.selection_set.node, below)?,
                Selection::InlineFragment(fragment) => {
                    self.of(&fragment.node.selection_set.node, below)?
                }
                Selection::FragmentSpread(spread) => {
                    self.of_fragment(&spread.node.fragment_name.node, below)?
                }
            };
            size = size.saturating_add(inner).saturating_add(1);
        }
        Ok(size)
    }

    fn of_fragment(&mut self, name: &'a Name, depth: usize) -> Result<usize, ApiError> {
        match self.known.get(name) {
            Some(Some(size)) => return Ok(*size),
            Some(None) => {
                return Err(ApiError::bad_input(format!(
                    "The fragment `{name}` spreads itself."
                )));
            }
            None => {}
        }
        // An unknown fragment is for the validation to name.
        let Some(fragment) = self.fragments.get(name) else {
            return Ok(0);
        };
        self.known.insert(name, None);
        let size = self.of(&fragment.node.selection_set.node, depth)?;
        self.known.insert(name, Some(size));
        Ok(size)
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use async_graphql::parser::parse_query;

    use super::*;

    fn checked(query: &str) -> Result<(), Code> {
        check(&parse_query(query).unwrap()).map_err(|error| error.code())
    }

    /// Fragments that each spread the next one twice.
    fn doubling(count: usize) -> String {
        let mut query = "{ ...f0 }".to_owned();
        for index in 0..count {
            let next = index + 1;
            write!(
                query,
                " fragment f{index} on Query {{ ...f{next} ...f{next} }}"
            )
            .unwrap();
        }
        write!(query, " fragment f{count} on Query {{ __typename }}").unwrap();
        query
    }

    #[test]
    fn fragments_that_double_are_refused_at_once() {
        assert_eq!(checked(&doubling(3)), Ok(()));
        for count in [14, 30, 60] {
            assert_eq!(checked(&doubling(count)), Err(Code::QueryTooComplex));
        }
    }

    #[test]
    fn fragments_in_a_circle_are_refused() {
        let own = "{ ...a } fragment a on Query { ...a ...a }";
        let two =
            "{ __typename } fragment a on Query { x { ...b } } fragment b on Query { ...a ...a }";

        assert_eq!(checked(own), Err(Code::BadUserInput));
        assert_eq!(checked(two), Err(Code::BadUserInput));
    }

    #[test]
    fn a_long_chain_of_fragments_is_refused() {
        let mut query = "{ ...f0 }".to_owned();
        for index in 0..10_000 {
            write!(query, " fragment f{index} on Query {{ ...f{} }}", index + 1).unwrap();
        }

        assert_eq!(checked(&query), Err(Code::QueryTooComplex));
    }

    #[test]
    fn what_is_long_is_refused_and_what_is_not_passes() {
        let fields = |count: usize| format!("{{ {} }}", "a ".repeat(count));

        assert_eq!(checked(&fields(10_000)), Ok(()));
        assert_eq!(checked(&fields(10_001)), Err(Code::QueryTooComplex));
        assert_eq!(checked("{ a ...unknown }"), Ok(()));
    }
}
