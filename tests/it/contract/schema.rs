//! A parsed schema, its definitions by name.

use std::collections::BTreeMap;

use graphql_parser::schema::{self, Definition, ParseError};

pub(super) type TypeDefinition = schema::TypeDefinition<'static, String>;
pub(super) type ObjectType = schema::ObjectType<'static, String>;
pub(super) type Field = schema::Field<'static, String>;
pub(super) type InputValue = schema::InputValue<'static, String>;
pub(super) type Type = schema::Type<'static, String>;

pub(super) struct Schema {
    pub(super) types: BTreeMap<String, TypeDefinition>,
    /// The names of the root types: query, mutation, subscription.
    pub(super) roots: [Option<String>; 3],
}

impl Schema {
    pub(super) fn parse(text: &str) -> Result<Self, ParseError> {
        let document = schema::parse_schema::<String>(text)?.into_static();
        let mut types = BTreeMap::new();
        let mut named_roots = None;
        for definition in document.definitions {
            match definition {
                Definition::TypeDefinition(definition) => {
                    types.insert(name_of(&definition).to_owned(), definition);
                }
                Definition::SchemaDefinition(roots) => {
                    named_roots = Some([roots.query, roots.mutation, roots.subscription]);
                }
                Definition::DirectiveDefinition(_) | Definition::TypeExtension(_) => {}
            }
        }
        // Without a `schema` block the roots are the types of these names.
        let roots = named_roots.unwrap_or_else(|| {
            ["Query", "Mutation", "Subscription"]
                .map(|name| types.contains_key(name).then(|| name.to_owned()))
        });
        Ok(Self { types, roots })
    }

    /// The object types, by name.
    pub(super) fn objects(&self) -> impl Iterator<Item = &ObjectType> {
        self.types
            .values()
            .filter_map(|definition| match definition {
                TypeDefinition::Object(object) => Some(object),
                _ => None,
            })
    }

    pub(super) fn object(&self, name: &str) -> Option<&ObjectType> {
        self.objects().find(|object| object.name == name)
    }
}

pub(super) fn name_of(definition: &TypeDefinition) -> &str {
    match definition {
        TypeDefinition::Scalar(definition) => &definition.name,
        TypeDefinition::Object(definition) => &definition.name,
        TypeDefinition::Interface(definition) => &definition.name,
        TypeDefinition::Union(definition) => &definition.name,
        TypeDefinition::Enum(definition) => &definition.name,
        TypeDefinition::InputObject(definition) => &definition.name,
    }
}

/// The name inside all lists and non-nulls.
pub(super) fn innermost(kind: &Type) -> &str {
    match kind {
        Type::NamedType(name) => name,
        Type::ListType(inner) | Type::NonNullType(inner) => innermost(inner),
    }
}
