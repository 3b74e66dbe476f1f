//! Whether a schema gives clients at least what a contract promises them.

use graphql_parser::schema::TypeDefinition::{Enum, InputObject, Interface, Object, Scalar, Union};

use super::schema::{Field, InputValue, Schema, Type, TypeDefinition};

/// What the schema lacks or has weakened, one line each. It may add, it may return more than it
/// promised (non-null for nullable), and it may ask for less.
pub(super) fn breaches(contract: &Schema, schema: &Schema) -> Vec<String> {
    let mut breaches = Vec::new();
    for (name, promised) in &contract.types {
        match schema.types.get(name) {
            Some(actual) => compare_types(name, promised, actual, &mut breaches),
            None => breaches.push(format!("{name}: the type is missing")),
        }
    }
    for (operation, (promised, actual)) in ["query", "mutation", "subscription"]
        .iter()
        .zip(contract.roots.iter().zip(&schema.roots))
    {
        if promised.is_some() && promised != actual {
            let [promised, actual] =
                [promised, actual].map(|name| name.as_deref().unwrap_or("nothing"));
            breaches.push(format!("schema: {operation} is {actual}, not {promised}"));
        }
    }
    breaches
}

fn compare_types(
    name: &str,
    promised: &TypeDefinition,
    actual: &TypeDefinition,
    breaches: &mut Vec<String>,
) {
    match (promised, actual) {
        (Scalar(_), Scalar(_)) => {}
        (Object(promised), Object(actual)) => {
            let has = &actual.implements_interfaces;
            all_present(
                name,
                "interface",
                &promised.implements_interfaces,
                has,
                breaches,
            );
            compare_fields(name, &promised.fields, &actual.fields, breaches);
        }
        (Interface(promised), Interface(actual)) => {
            let has = &actual.implements_interfaces;
            all_present(
                name,
                "interface",
                &promised.implements_interfaces,
                has,
                breaches,
            );
            compare_fields(name, &promised.fields, &actual.fields, breaches);
        }
        (Union(promised), Union(actual)) => {
            all_present(name, "member", &promised.types, &actual.types, breaches);
        }
        (Enum(promised), Enum(actual)) => {
            let [promised, actual] = [promised, actual].map(|definition| {
                definition
                    .values
                    .iter()
                    .map(|value| value.name.clone())
                    .collect::<Vec<_>>()
            });
            all_present(name, "value", &promised, &actual, breaches);
        }
        (InputObject(promised), InputObject(actual)) => {
            compare_inputs(name, "field", &promised.fields, &actual.fields, breaches);
        }
        _ => breaches.push(format!("{name}: is of another kind")),
    }
}

fn all_present(
    owner: &str,
    what: &str,
    promised: &[String],
    actual: &[String],
    breaches: &mut Vec<String>,
) {
    for name in promised.iter().filter(|name| !actual.contains(name)) {
        breaches.push(format!("{owner}: {what} {name} is missing"));
    }
}

fn compare_fields(owner: &str, promised: &[Field], actual: &[Field], breaches: &mut Vec<String>) {
    for promised in promised {
        let place = format!("{owner}.{}", promised.name);
        let Some(actual) = actual.iter().find(|field| field.name == promised.name) else {
            breaches.push(format!("{place}: the field is missing"));
            continue;
        };
        if !gives(&promised.field_type, &actual.field_type) {
            breaches.push(format!(
                "{place}: {}, not {}",
                actual.field_type, promised.field_type
            ));
        }
        compare_inputs(
            &place,
            "argument",
            &promised.arguments,
            &actual.arguments,
            breaches,
        );
    }
}

/// Arguments of a field, or fields of an input object.
fn compare_inputs(
    owner: &str,
    what: &str,
    promised: &[InputValue],
    actual: &[InputValue],
    breaches: &mut Vec<String>,
) {
    for promised in promised {
        let name = &promised.name;
        let Some(actual) = actual.iter().find(|input| input.name == *name) else {
            breaches.push(format!("{owner}: {what} {name} is missing"));
            continue;
        };
        let (asked, wanted) = (&actual.value_type, &promised.value_type);
        if !takes(wanted, asked) {
            breaches.push(format!("{owner}: {what} {name} is {asked}, not {wanted}"));
        }
        if promised.default_value != actual.default_value {
            let [wanted, asked] = [promised, actual].map(shown_default);
            breaches.push(format!(
                "{owner}: {what} {name} defaults to {asked}, not {wanted}"
            ));
        }
    }
    for added in actual
        .iter()
        .filter(|input| promised.iter().all(|known| known.name != input.name))
    {
        if matches!(added.value_type, Type::NonNullType(_)) && added.default_value.is_none() {
            breaches.push(format!(
                "{owner}: {what} {} is new and required",
                added.name
            ));
        }
    }
}

fn shown_default(input: &InputValue) -> String {
    input
        .default_value
        .as_ref()
        .map_or_else(|| "nothing".to_owned(), ToString::to_string)
}

/// An output of the actual type can stand where the promised one is expected.
fn gives(promised: &Type, actual: &Type) -> bool {
    match (promised, actual) {
        (Type::NonNullType(promised), Type::NonNullType(actual))
        | (Type::ListType(promised), Type::ListType(actual)) => gives(promised, actual),
        (Type::NonNullType(_), _) => false,
        (promised, Type::NonNullType(actual)) => gives(promised, actual),
        (promised, actual) => promised == actual,
    }
}

/// Every input of the promised type is taken by the actual one.
fn takes(promised: &Type, actual: &Type) -> bool {
    match (promised, actual) {
        (Type::NonNullType(promised), Type::NonNullType(actual))
        | (Type::ListType(promised), Type::ListType(actual)) => takes(promised, actual),
        (_, Type::NonNullType(_)) => false,
        (Type::NonNullType(promised), actual) => takes(promised, actual),
        (promised, actual) => promised == actual,
    }
}
