//! What any schema of ours must have: words for everything, and Relay's shapes.

use super::schema::{Field, InputValue, ObjectType, Schema, TypeDefinition, innermost, name_of};

const BUILT_IN: [&str; 5] = ["Boolean", "Float", "ID", "Int", "String"];

/// Every type, field, argument, input field and enum value without a description.
pub(super) fn undescribed(schema: &Schema) -> Vec<String> {
    let mut found = Vec::new();
    let mut look = |place: String, description: Option<&str>| {
        if description.is_none_or(|text| text.trim().is_empty()) {
            found.push(format!("{place}: no description"));
        }
    };
    for (name, definition) in &schema.types {
        if BUILT_IN.contains(&name.as_str()) {
            continue;
        }
        look(name.clone(), description_of(definition));
        for field in fields_of(definition) {
            look(
                format!("{name}.{}", field.name),
                field.description.as_deref(),
            );
            for argument in &field.arguments {
                let place = format!("{name}.{}({})", field.name, argument.name);
                look(place, argument.description.as_deref());
            }
        }
        match definition {
            TypeDefinition::Enum(definition) => {
                for value in &definition.values {
                    look(
                        format!("{name}.{}", value.name),
                        value.description.as_deref(),
                    );
                }
            }
            TypeDefinition::InputObject(definition) => {
                for field in &definition.fields {
                    look(
                        format!("{name}.{}", field.name),
                        field.description.as_deref(),
                    );
                }
            }
            _ => {}
        }
    }
    found
}

fn description_of(definition: &TypeDefinition) -> Option<&str> {
    match definition {
        TypeDefinition::Scalar(definition) => definition.description.as_deref(),
        TypeDefinition::Object(definition) => definition.description.as_deref(),
        TypeDefinition::Interface(definition) => definition.description.as_deref(),
        TypeDefinition::Union(definition) => definition.description.as_deref(),
        TypeDefinition::Enum(definition) => definition.description.as_deref(),
        TypeDefinition::InputObject(definition) => definition.description.as_deref(),
    }
}

fn fields_of(definition: &TypeDefinition) -> &[Field] {
    match definition {
        TypeDefinition::Object(definition) => &definition.fields,
        TypeDefinition::Interface(definition) => &definition.fields,
        _ => &[],
    }
}

/// What Relay's object identification and connections ask for and the schema does not have.
pub(super) fn not_relay(schema: &Schema) -> Vec<String> {
    let mut found = Vec::new();
    identification(schema, &mut found);
    page_info(schema, &mut found);
    for object in schema.objects() {
        if is_connection(object) {
            connection(schema, object, &mut found);
        } else if object.name.ends_with("Edge") {
            edge(object, &mut found);
        }
    }
    for definition in schema.types.values() {
        for field in fields_of(definition) {
            let pages = schema
                .object(innermost(&field.field_type))
                .is_some_and(is_connection);
            if pages {
                let place = format!("{}.{}", name_of(definition), field.name);
                paging_arguments(&place, &field.arguments, &mut found);
            }
        }
    }
    found
}

/// `DataConnection` is a node of that name, not a page of `Data`.
fn is_connection(object: &ObjectType) -> bool {
    object.name.ends_with("Connection")
        && !object
            .implements_interfaces
            .iter()
            .any(|name| name == "Node")
}

fn identification(schema: &Schema, found: &mut Vec<String>) {
    match schema.types.get("Node") {
        Some(TypeDefinition::Interface(node)) => {
            want_field("Node", &node.fields, "id", &["ID!"], found);
        }
        _ => found.push("Node: the interface is missing".to_owned()),
    }
    let query = schema.roots[0]
        .as_deref()
        .and_then(|name| schema.object(name));
    let Some(query) = query else {
        found.push("schema: no query type".to_owned());
        return;
    };
    if let Some(node) = want_field(&query.name, &query.fields, "node", &["Node"], found) {
        want_argument("node", &node.arguments, "id", "ID!", found);
    }
    if let Some(nodes) = want_field(&query.name, &query.fields, "nodes", &["[Node]!"], found) {
        want_argument("nodes", &nodes.arguments, "ids", "[ID!]!", found);
    }
}

fn page_info(schema: &Schema, found: &mut Vec<String>) {
    let Some(info) = schema.object("PageInfo") else {
        found.push("PageInfo: the type is missing".to_owned());
        return;
    };
    for name in ["hasNextPage", "hasPreviousPage"] {
        want_field("PageInfo", &info.fields, name, &["Boolean!"], found);
    }
    for name in ["startCursor", "endCursor"] {
        want_field(
            "PageInfo",
            &info.fields,
            name,
            &["String", "String!"],
            found,
        );
    }
}

fn connection(schema: &Schema, object: &ObjectType, found: &mut Vec<String>) {
    let name = &object.name;
    want_field(name, &object.fields, "pageInfo", &["PageInfo!"], found);
    let Some(edges) = object.fields.iter().find(|field| field.name == "edges") else {
        found.push(format!("{name}.edges: missing"));
        return;
    };
    let edge = innermost(&edges.field_type);
    if !edges.field_type.to_string().starts_with('[')
        || !edge.ends_with("Edge")
        || schema.object(edge).is_none()
    {
        found.push(format!(
            "{name}.edges: {}, not a list of edges",
            edges.field_type
        ));
    }
}

fn edge(object: &ObjectType, found: &mut Vec<String>) {
    let name = &object.name;
    want_field(
        name,
        &object.fields,
        "cursor",
        &["String", "String!"],
        found,
    );
    match object.fields.iter().find(|field| field.name == "node") {
        None => found.push(format!("{name}.node: missing")),
        Some(node) if node.field_type.to_string().contains('[') => {
            found.push(format!("{name}.node: {}, a list", node.field_type));
        }
        Some(_) => {}
    }
}

fn paging_arguments(place: &str, arguments: &[InputValue], found: &mut Vec<String>) {
    for (name, kind) in [
        ("first", "Int"),
        ("after", "String"),
        ("last", "Int"),
        ("before", "String"),
    ] {
        want_argument(place, arguments, name, kind, found);
    }
}

fn want_field<'a>(
    owner: &str,
    fields: &'a [Field],
    name: &str,
    kinds: &[&str],
    found: &mut Vec<String>,
) -> Option<&'a Field> {
    let field = fields.iter().find(|field| field.name == name);
    match field.map(|field| field.field_type.to_string()) {
        None => found.push(format!("{owner}.{name}: missing")),
        Some(kind) if !kinds.contains(&kind.as_str()) => {
            found.push(format!("{owner}.{name}: {kind}, not {}", kinds[0]));
        }
        Some(_) => {}
    }
    field
}

fn want_argument(
    owner: &str,
    arguments: &[InputValue],
    name: &str,
    kind: &str,
    found: &mut Vec<String>,
) {
    match arguments.iter().find(|argument| argument.name == name) {
        None => found.push(format!("{owner}: argument {name} is missing")),
        Some(argument) if argument.value_type.to_string() != kind => {
            found.push(format!(
                "{owner}: argument {name} is {}, not {kind}",
                argument.value_type
            ));
        }
        Some(_) => {}
    }
}
