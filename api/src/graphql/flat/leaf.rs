//! Values without fields.

use async_graphql::{ID, OutputType, Value};

use crate::graphql::scalar::{BigInt, CountryCode, CurrencyCode, DateTime, Decimal, Json};

/// A type that a field without selections may have.
pub(in crate::graphql) trait Leaf: OutputType {
    /// The value, as the library writes it.
    fn value(self) -> Value;
}

impl<L: Leaf + Sync> Leaf for Option<L> {
    fn value(self) -> Value {
        self.map_or(Value::Null, Leaf::value)
    }
}

impl Leaf for String {
    fn value(self) -> Value {
        Value::String(self)
    }
}

impl Leaf for ID {
    fn value(self) -> Value {
        Value::String(self.0)
    }
}

impl Leaf for bool {
    fn value(self) -> Value {
        Value::Boolean(self)
    }
}

impl Leaf for i32 {
    fn value(self) -> Value {
        self.into()
    }
}

/// Scalars of the contract say themselves how they are written.
macro_rules! scalar_leaves {
    ($($scalar:ty),+) => {$(
        impl Leaf for $scalar {
            fn value(self) -> Value {
                async_graphql::ScalarType::to_value(&self)
            }
        }
    )+};
}

scalar_leaves!(BigInt, CountryCode, CurrencyCode, DateTime, Decimal, Json);

/// Implements [`Leaf`] for an enumeration.
macro_rules! enum_leaf {
    ($type:ty) => {
        impl $crate::graphql::flat::Leaf for $type {
            fn value(self) -> async_graphql::Value {
                async_graphql::resolver_utils::enum_value(self)
            }
        }
    };
}

pub(in crate::graphql) use enum_leaf;
