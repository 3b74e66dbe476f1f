//! Readers that forgive what Stripe may change without notice.

use std::{collections::BTreeMap, fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{self, IgnoredAny, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer},
};
use serde_json::Value;

use super::Expandable;

/// An object where there is one; null or anything else is `None`.
pub(in crate::stripe) fn object<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    deserializer.deserialize_any(MaybeObject(PhantomData))
}

/// The id of a reference, whether or not it was expanded; a deleted object has an id too.
pub(super) fn id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    #[derive(Deserialize)]
    struct Reference {
        id: String,
    }
    let reference = Option::<Expandable<Reference>>::deserialize(deserializer)?;
    Ok(reference.map(|reference| match reference {
        Expandable::Id(id) => id,
        Expandable::Object(object) => object.id,
    }))
}

/// A list where there is one; null counts as empty.
pub(super) fn list<'de, T, D>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// What `serde_json` itself names JSON that it keeps as it is.
const RAW_VALUE: &str = "$serde_json::private::RawValue";

/// Metadata is text only by Stripe's word; other values are kept as their JSON.
pub(in crate::stripe) fn metadata<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, String>, D::Error> {
    let entries: Option<BTreeMap<String, Value>> = object(deserializer)?;
    // Whoever reads the pair as a value of any kind would take what it says for JSON, and for more than a pair.
    let as_name = |name: String| match name.strip_prefix('$') {
        Some(rest) if name == RAW_VALUE => rest.to_owned(),
        _ => name,
    };
    let as_text = |value| match value {
        Value::String(text) => text,
        other => other.to_string(),
    };
    Ok(entries
        .unwrap_or_default()
        .into_iter()
        .map(|(name, value)| (as_name(name), as_text(value)))
        .collect())
}

/// A small number that may come as an integer, a float or a text.
pub(super) fn small_number<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<i32>, D::Error> {
    let number = match Value::deserialize(deserializer)? {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    let rounded = number
        .map(f64::round)
        .filter(|number| number.abs() <= f64::from(i32::MAX));
    // Whole numbers of this size print without a fraction, which spares a lossy cast.
    Ok(rounded.and_then(|number| format!("{number:.0}").parse().ok()))
}

struct MaybeObject<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for MaybeObject<T> {
    type Value = Option<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object or null")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Some)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_u64<E: de::Error>(self, _: u64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_str<E: de::Error>(self, _: &str) -> Result<Self::Value, E> {
        Ok(None)
    }
}
