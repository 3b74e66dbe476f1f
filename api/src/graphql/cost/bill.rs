//! What one operation may cost, and what its answer did cost.

use async_graphql::{
    Name, Value, Variables,
    parser::types::{ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet},
};

use super::prices::{Length, Price, Prices};
use crate::graphql::{
    flat::text_of,
    operation::{chosen, root},
    paging::PageSizes,
};

/// The cost of an operation, by what decides it: the lengths of its lists.
///
/// Fragments count wherever they are spread, and fields that are selected twice count twice: it never costs more than
/// what is reckoned here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::graphql) struct Bill {
    /// What all that is resolved once costs.
    fixed: u64,
    /// The lists in it.
    lists: Vec<List>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct List {
    /// The keys in the answer that lead to the list.
    path: Vec<Name>,
    /// How long it is at most.
    most: u64,
    /// What each entry costs.
    entry: Bill,
}

/// What is needed to reckon.
struct Reckoning<'a> {
    prices: &'a Prices,
    document: &'a ExecutableDocument,
    operation: &'a OperationDefinition,
    variables: &'a Variables,
    pages: PageSizes,
}

impl Bill {
    /// The bill of the operation of a document that is to be executed; none where there is none.
    ///
    /// The document must not hold more with its fragments in place than [`guard`](crate::graphql::guard) lets through.
    pub(in crate::graphql) fn of(
        prices: &Prices,
        document: &ExecutableDocument,
        operation: Option<&str>,
        variables: &Variables,
        pages: PageSizes,
    ) -> Option<Self> {
        let operation = chosen(document, operation)?;
        let (root, selection) = root(operation);
        let reckoning = Reckoning {
            prices,
            document,
            operation,
            variables,
            pages,
        };
        let mut bill = Self::default();
        reckoning.add(&mut bill, &root, selection, &[], pages.usual);
        Some(bill)
    }

    /// What the operation costs at most: with every page full.
    pub(in crate::graphql) fn most(&self) -> u64 {
        let lists = self.lists.iter();
        let lists = lists.map(|list| list.most.saturating_mul(list.entry.most()));
        lists.fold(self.fixed, u64::saturating_add)
    }

    /// What the answer cost: with its lists as long as they were.
    pub(in crate::graphql) fn of_answer(&self, answer: &Value) -> u64 {
        let lists = self.lists.iter().map(|list| list.of_answer(answer));
        lists.fold(self.fixed, u64::saturating_add)
    }
}

impl List {
    fn of_answer(&self, answer: &Value) -> u64 {
        self.below(answer, &self.path)
    }

    /// What the entries cost that stand `path` below a value.
    fn below(&self, value: &Value, path: &[Name]) -> u64 {
        match (value, path) {
            (Value::Object(fields), [key, path @ ..]) => {
                fields.get(key).map_or(0, |value| self.below(value, path))
            }
            (Value::List(entries), []) => self.of_entries(entries),
            _ => {
                // What was written already is read once more, for how long its lists are.
                let json = text_of(value).and_then(|json| serde_json::from_slice(json).ok());
                json.map_or(0, |value: Value| self.below(&value, path))
            }
        }
    }

    fn of_entries(&self, entries: &[Value]) -> u64 {
        if self.entry.lists.is_empty() {
            let entries = u64::try_from(entries.len()).unwrap_or(u64::MAX);
            return entries.saturating_mul(self.entry.fixed);
        }
        let costs = entries.iter().map(|entry| self.entry.of_answer(entry));
        costs.fold(0, u64::saturating_add)
    }
}

impl<'a> Reckoning<'a> {
    /// Adds what a selection costs to a bill whose value is `path` above.
    fn add(
        &self,
        bill: &mut Bill,
        parent: &Name,
        selection: &'a SelectionSet,
        path: &[Name],
        page: u64,
    ) {
        for item in &selection.items {
            match &item.node {
                Selection::Field(field) => self.add_field(bill, parent, &field.node, path, page),
                Selection::InlineFragment(fragment) => {
                    let on = fragment.node.type_condition.as_ref();
                    let on = on.map_or(parent, |on| &on.node.on.node);
                    self.add(bill, on, &fragment.node.selection_set.node, path, page);
                }
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    if let Some(fragment) = self.document.fragments.get(name) {
                        let on = &fragment.node.type_condition.node.on.node;
                        self.add(bill, on, &fragment.node.selection_set.node, path, page);
                    }
                }
            }
        }
    }

    fn add_field(
        &self,
        bill: &mut Bill,
        parent: &Name,
        field: &'a Field,
        path: &[Name],
        page: u64,
    ) {
        // Introspection is of no use to anybody who wants data, and made of small things.
        let unknown = Price {
            weight: 1,
            length: Length::One,
            of: Name::new(""),
        };
        let price = self.prices.of(parent, &field.name.node).unwrap_or(&unknown);
        bill.fixed = bill.fixed.saturating_add(price.weight);
        if field.selection_set.node.items.is_empty() {
            return;
        }
        let mut path = path.to_vec();
        path.push(field.response_key().node.clone());
        let selection = &field.selection_set.node;
        let most = match price.length {
            Length::One => return self.add(bill, &price.of, selection, &path, page),
            Length::Page => {
                let page = self.page(field);
                return self.add(bill, &price.of, selection, &path, page);
            }
            Length::OfPage => page,
            Length::Ids => self.ids(field),
            Length::Assumed(length) => length,
        };
        let mut entry = Bill::default();
        self.add(&mut entry, &price.of, selection, &[], self.pages.usual);
        bill.lists.push(List { path, most, entry });
    }

    /// How many entries a page may have; a larger one than there are is refused when it is resolved.
    fn page(&self, field: &Field) -> u64 {
        let size =
            ["first", "last"]
                .into_iter()
                .find_map(|name| match self.argument(field, name)? {
                    Value::Number(number) => number.as_u64(),
                    _ => None,
                });
        size.unwrap_or(self.pages.usual).min(self.pages.most)
    }

    fn ids(&self, field: &Field) -> u64 {
        let length = match self.argument(field, "ids") {
            Some(Value::List(ids)) => ids.len(),
            // One in place of a list is a list of one (GraphQL specification, "Input Coercion" of lists).
            _ => 1,
        };
        u64::try_from(length).unwrap_or(u64::MAX)
    }

    /// What an argument is, with variables and their defaults in place.
    fn argument(&self, field: &Field, name: &str) -> Option<Value> {
        let value = &field.get_argument(name)?.node;
        let filled = value.clone().into_const_with(|variable| {
            let given = self.variables.get(&variable).cloned();
            let definitions = self.operation.variable_definitions.iter();
            let mut definitions = definitions.map(|definition| &definition.node);
            let default = || {
                let definition = definitions.find(|definition| definition.name.node == variable)?;
                Some(definition.default_value.as_ref()?.node.clone())
            };
            given.or_else(default).ok_or(())
        });
        filled.ok()
    }
}
