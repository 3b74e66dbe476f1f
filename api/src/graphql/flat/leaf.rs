//! Values without fields.

use async_graphql::{ID, OutputType};

use super::Text;
use crate::graphql::scalar::{BigInt, CountryCode, CurrencyCode, DateTime, Decimal, Json};

/// A type that a field without selections may have.
pub(in crate::graphql) trait Leaf: OutputType {
    /// Writes the value, as the library does.
    fn write(self, into: &mut Text);
}

impl<L: Leaf + Sync> Leaf for Option<L> {
    fn write(self, into: &mut Text) {
        match self {
            Some(value) => value.write(into),
            None => into.null(),
        }
    }
}

impl Leaf for String {
    fn write(self, into: &mut Text) {
        into.string(&self);
    }
}

impl Leaf for ID {
    fn write(self, into: &mut Text) {
        into.string(&self.0);
    }
}

impl Leaf for bool {
    fn write(self, into: &mut Text) {
        into.value(&self);
    }
}

impl Leaf for i32 {
    fn write(self, into: &mut Text) {
        into.value(&self);
    }
}

impl Leaf for f64 {
    fn write(self, into: &mut Text) {
        into.value(&self);
    }
}

impl Leaf for BigInt {
    fn write(self, into: &mut Text) {
        into.quoted(self);
    }
}

impl Leaf for DateTime {
    fn write(self, into: &mut Text) {
        into.quoted(self);
    }
}

impl Leaf for Decimal {
    fn write(self, into: &mut Text) {
        into.string(&self.0);
    }
}

impl Leaf for CurrencyCode {
    fn write(self, into: &mut Text) {
        into.string(&self.to_string());
    }
}

impl Leaf for CountryCode {
    fn write(self, into: &mut Text) {
        into.string(&self.to_string());
    }
}

impl Leaf for Json {
    fn write(self, into: &mut Text) {
        into.value(&self.0);
    }
}

/// Implements [`Leaf`] for an enumeration.
macro_rules! enum_leaf {
    ($type:ty) => {
        impl $crate::graphql::flat::Leaf for $type {
            fn write(self, into: &mut $crate::graphql::flat::Text) {
                let items = <Self as async_graphql::resolver_utils::EnumType>::items();
                let item = items.iter().find(|item| item.value == self);
                match item {
                    Some(item) => into.quoted(item.name),
                    None => into.null(),
                }
            }
        }
    };
}

pub(in crate::graphql) use enum_leaf;
