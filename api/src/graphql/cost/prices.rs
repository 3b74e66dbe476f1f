//! What the fields of the schema cost, read from the schema itself.

use std::collections::HashMap;

use async_graphql::{
    Name, Positioned, Value,
    parser::{
        parse_schema,
        types::{BaseType, ConstDirective, FieldDefinition, Type, TypeKind, TypeSystemDefinition},
    },
};

/// The prices of all fields, by type and field.
#[derive(Debug, Default)]
pub(in crate::graphql) struct Prices(HashMap<Name, HashMap<Name, Price>>);

/// What one field costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Price {
    /// Each time that it is resolved.
    pub(super) weight: u64,
    /// How often what is selected of it is resolved.
    pub(super) length: Length,
    /// The type of what is selected of it.
    pub(super) of: Name,
}

/// How long a list may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Length {
    /// It is no list.
    One,
    /// A page: not a list itself, but what the lengths of its lists depend on.
    Page,
    /// A list of the page that it is on.
    OfPage,
    /// As long as a list among its arguments.
    Ids,
    /// As long as this.
    Assumed(u64),
}

impl Prices {
    /// Reads the prices out of a schema; none where it cannot be read.
    pub(in crate::graphql) fn read(sdl: &str) -> Self {
        let Ok(document) = parse_schema(sdl) else {
            return Self::default();
        };
        let definitions = document.definitions.into_iter();
        let types = definitions.filter_map(|definition| match definition {
            TypeSystemDefinition::Type(definition) => Some(definition.node),
            _ => None,
        });
        let prices = types.filter_map(|definition| {
            let name = definition.name.node;
            let fields = match definition.kind {
                TypeKind::Object(object) => object.fields,
                TypeKind::Interface(interface) => interface.fields,
                _ => return None,
            };
            let on_page = fields
                .iter()
                .any(|field| field.node.name.node == "pageInfo");
            let prices = fields.into_iter().map(|field| price(field, on_page));
            Some((name, prices.collect()))
        });
        Self(prices.collect())
    }

    /// What a field of a type costs; none of a field that there is not.
    pub(super) fn of(&self, parent: &Name, field: &Name) -> Option<&Price> {
        self.0.get(parent)?.get(field)
    }
}

fn price(field: Positioned<FieldDefinition>, on_page: bool) -> (Name, Price) {
    let field = field.node;
    let takes = |name: &str| {
        field
            .arguments
            .iter()
            .any(|argument| argument.node.name.node == name)
    };
    let told = |directive, argument| number(&field.directives, directive, argument);
    let length = if takes("first") && takes("last") {
        Length::Page
    } else if takes("ids") {
        Length::Ids
    } else if !is_list(&field.ty.node) {
        Length::One
    } else if on_page {
        Length::OfPage
    } else {
        Length::Assumed(told("listSize", "assumedSize").unwrap_or(1))
    };
    let price = Price {
        weight: told("cost", "weight").unwrap_or(1),
        length,
        of: named(&field.ty.node.base),
    };
    (field.name.node, price)
}

fn number(directives: &[Positioned<ConstDirective>], name: &str, argument: &str) -> Option<u64> {
    let mut directives = directives.iter().map(|directive| &directive.node);
    let directive = directives.find(|directive| directive.name.node == name)?;
    match &directive.get_argument(argument)?.node {
        Value::Number(number) => number.as_u64(),
        _ => None,
    }
}

fn is_list(ty: &Type) -> bool {
    matches!(ty.base, BaseType::List(_))
}

fn named(base: &BaseType) -> Name {
    match base {
        BaseType::Named(name) => name.clone(),
        BaseType::List(item) => named(&item.base),
    }
}
