//! Nulls where the GraphQL specification wants them after an error.
//!
//! The library leaves a field that failed out of its object. Clients are generated to rely on the specification
//! ("Handling Execution Errors"): such a field is null, and where it must not be, its parent is, and so on upwards.

use std::collections::HashMap;

use async_graphql::{
    Name, PathSegment, Positioned, Response, Value,
    indexmap::IndexMap,
    parser::{
        parse_query, parse_schema,
        types::{
            BaseType, ExecutableDocument, FieldDefinition, Selection, SelectionSet, Type, TypeKind,
            TypeSystemDefinition,
        },
    },
};

use super::operation::{chosen, root};

/// The types of all fields.
#[derive(Debug, Default)]
pub(super) struct FieldTypes(HashMap<Name, HashMap<Name, Type>>);

/// A selection of fields of a type.
type Selected<'a> = (Name, &'a SelectionSet);

impl FieldTypes {
    /// Reads the types out of a schema.
    pub(super) fn read(sdl: &str) -> Self {
        let Ok(document) = parse_schema(sdl) else {
            return Self::default();
        };
        let types = document
            .definitions
            .into_iter()
            .filter_map(|definition| match definition {
                TypeSystemDefinition::Type(definition) => Some(definition.node),
                _ => None,
            });
        let fields = types.filter_map(|definition| match definition.kind {
            TypeKind::Object(object) => Some((definition.name.node, by_name(object.fields))),
            TypeKind::Interface(object) => Some((definition.name.node, by_name(object.fields))),
            _ => None,
        });
        Self(fields.collect())
    }

    /// Puts null into an answer's data wherever its errors ask for it.
    pub(super) fn complete(&self, answer: &mut Response, query: &str, operation: Option<&str>) {
        if answer.errors.iter().all(|error| error.path.is_empty()) {
            return;
        }
        let Ok(document) = parse_query(query) else {
            return;
        };
        let Some(root) = chosen(&document, operation).map(root) else {
            return;
        };
        let walk = Walk {
            types: self,
            document: &document,
        };
        let failed = answer.errors.iter().filter(|error| !error.path.is_empty());
        let mut nulls: Vec<_> = failed
            .map(|error| walk.landing(vec![root.clone()], &error.path))
            .collect();
        // What is null in the end hides whatever was put below it before.
        nulls.sort_unstable_by_key(|path| std::cmp::Reverse(path.len()));
        for path in nulls {
            put_null(&mut answer.data, path);
        }
    }
}

fn by_name(fields: Vec<Positioned<FieldDefinition>>) -> HashMap<Name, Type> {
    fields
        .into_iter()
        .map(|field| (field.node.name.node, field.node.ty.node))
        .collect()
}

struct Walk<'a> {
    types: &'a FieldTypes,
    document: &'a ExecutableDocument,
}

impl<'a> Walk<'a> {
    /// Where the null of an error lands: at the error, or at the nearest place above it that may be null.
    fn landing<'p>(&self, root: Vec<Selected<'a>>, path: &'p [PathSegment]) -> &'p [PathSegment] {
        let mut landing = 0;
        let mut at: Option<Type> = None;
        let mut selected = root;
        for (depth, segment) in path.iter().enumerate() {
            let next = match segment {
                PathSegment::Field(key) => self.field(&selected, key).map(|(ty, below)| {
                    selected = below;
                    ty
                }),
                PathSegment::Index(_) => at.and_then(|list| match list.base {
                    BaseType::List(item) => Some(*item),
                    BaseType::Named(_) => None,
                }),
            };
            // What is not understood stays as it is, from the last place that is.
            let Some(ty) = next else { break };
            if ty.nullable {
                landing = depth + 1;
            }
            at = Some(ty);
        }
        &path[..landing]
    }

    /// The type of the field that answers under a key, and what is selected of it.
    fn field(&self, selected: &[Selected<'a>], key: &str) -> Option<(Type, Vec<Selected<'a>>)> {
        let mut found = Vec::new();
        for (parent, selection) in selected {
            self.collect(parent, selection, key, &mut found);
        }
        let (ty, _) = found.first()?;
        let (ty, name) = (ty.clone(), named(&ty.base));
        Some((
            ty,
            found
                .into_iter()
                .map(|(_, selection)| (name.clone(), selection))
                .collect(),
        ))
    }

    fn collect(
        &self,
        parent: &Name,
        selection: &'a SelectionSet,
        key: &str,
        found: &mut Vec<(Type, &'a SelectionSet)>,
    ) {
        for item in &selection.items {
            match &item.node {
                Selection::Field(field) if field.node.response_key().node == key => {
                    let fields = self.types.0.get(parent);
                    let ty = fields.and_then(|fields| fields.get(&field.node.name.node));
                    found.extend(ty.map(|ty| (ty.clone(), &field.node.selection_set.node)));
                }
                Selection::Field(_) => {}
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    if let Some(fragment) = self.document.fragments.get(name) {
                        let on = &fragment.node.type_condition.node.on.node;
                        self.collect(on, &fragment.node.selection_set.node, key, found);
                    }
                }
                Selection::InlineFragment(fragment) => {
                    let on = fragment
                        .node
                        .type_condition
                        .as_ref()
                        .map(|on| &on.node.on.node);
                    let inner = &fragment.node.selection_set.node;
                    self.collect(on.unwrap_or(parent), inner, key, found);
                }
            }
        }
    }
}

fn named(base: &BaseType) -> Name {
    match base {
        BaseType::Named(name) => name.clone(),
        BaseType::List(item) => named(&item.base),
    }
}

fn put_null(value: &mut Value, path: &[PathSegment]) {
    let Some((segment, rest)) = path.split_first() else {
        *value = Value::Null;
        return;
    };
    match segment {
        PathSegment::Field(key) => {
            // The library has nothing to show for an object all of whose fields failed.
            if *value == Value::Null {
                *value = Value::Object(IndexMap::new());
            }
            if let Value::Object(object) = value {
                put_null(object.entry(Name::new(key)).or_insert(Value::Null), rest);
            }
        }
        PathSegment::Index(index) => {
            if let Value::List(items) = value
                && let Some(item) = items.get_mut(*index)
            {
                put_null(item, rest);
            }
        }
    }
}

#[cfg(test)]
#[expect(clippy::unused_async, reason = "resolvers are asynchronous")]
mod tests {
    use async_graphql::{EmptyMutation, EmptySubscription, Error, Object, Schema};
    use serde_json::json;

    use super::*;

    struct Query;

    struct Thing(i32);

    #[Object]
    impl Query {
        async fn ok(&self) -> i32 {
            1
        }

        async fn bad(&self) -> Result<i32, Error> {
            Err(Error::new("bad"))
        }

        async fn none(&self) -> Result<Option<i32>, Error> {
            Err(Error::new("none"))
        }

        async fn thing(&self) -> Thing {
            Thing(1)
        }

        async fn maybe(&self) -> Option<Thing> {
            Some(Thing(1))
        }

        async fn all(&self) -> Vec<Thing> {
            vec![Thing(1), Thing(2)]
        }

        async fn some(&self) -> Vec<Option<Thing>> {
            vec![Some(Thing(1)), None, Some(Thing(2))]
        }
    }

    #[Object]
    impl Thing {
        async fn id(&self) -> i32 {
            self.0
        }

        /// Fails for the second thing.
        async fn bad(&self) -> Result<i32, Error> {
            if self.0 == 1 {
                Ok(1)
            } else {
                Err(Error::new("bad"))
            }
        }

        async fn worse(&self) -> Result<i32, Error> {
            Err(Error::new("worse"))
        }

        async fn none(&self) -> Result<Option<i32>, Error> {
            Err(Error::new("none"))
        }
    }

    async fn data(query: &str) -> serde_json::Value {
        let schema = Schema::new(Query, EmptyMutation, EmptySubscription);
        let types = FieldTypes::read(&schema.sdl());
        let mut answer = schema.execute(query).await;
        types.complete(&mut answer, query, None);
        answer.data.into_json().unwrap()
    }

    #[tokio::test]
    async fn a_field_that_may_be_null_is_null() {
        assert_eq!(data("{ ok none }").await, json!({ "ok": 1, "none": null }));
        assert_eq!(data("{ none }").await, json!({ "none": null }));
        assert_eq!(
            data("{ ok thing { none } }").await,
            json!({ "ok": 1, "thing": { "none": null } })
        );
        assert_eq!(
            data("{ a: some { n: none id } }").await,
            json!({ "a": [{ "n": null, "id": 1 }, null, { "n": null, "id": 2 }] }),
        );
    }

    #[tokio::test]
    async fn a_field_that_must_not_be_null_makes_its_parent_null() {
        assert_eq!(data("{ ok bad }").await, json!(null));
        assert_eq!(data("{ ok thing { id worse } }").await, json!(null));
        assert_eq!(
            data("{ ok maybe { id worse } }").await,
            json!({ "ok": 1, "maybe": null })
        );
        assert_eq!(
            data("{ ok maybe { none worse } }").await,
            json!({ "ok": 1, "maybe": null })
        );
        assert_eq!(
            data("{ ok maybe { worse none } }").await,
            json!({ "ok": 1, "maybe": null })
        );
        assert_eq!(data("{ ok all { id bad } }").await, json!(null));
        assert_eq!(
            data("{ ok some { bad } }").await,
            json!({ "ok": 1, "some": [{ "bad": 1 }, null, null] }),
        );
    }

    #[tokio::test]
    async fn fragments_are_followed() {
        let query = "{ ok ...Q } fragment Q on Query { m: maybe { ... on Thing { ...T } } }
            fragment T on Thing { id w: worse }";
        assert_eq!(data(query).await, json!({ "ok": 1, "m": null }));
    }

    #[tokio::test]
    async fn an_answer_without_errors_stays_as_it_is() {
        assert_eq!(
            data("{ ok thing { id } }").await,
            json!({ "ok": 1, "thing": { "id": 1 } })
        );
        assert_eq!(data("{ unknown }").await, json!(null));
    }
}
