use async_graphql::{Enum, InputObject};

use crate::storage;

/// What a list of payments is ordered by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum)]
pub(in crate::graphql) enum PaymentOrderField {
    /// By the time of creation at Stripe.
    #[default]
    CreatedAt,
    /// By the amount in major units, whatever the currency.
    Amount,
}

/// Which end of an order comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum)]
pub(in crate::graphql) enum OrderDirection {
    /// The smallest or the oldest first.
    Asc,
    /// The largest or the newest first.
    #[default]
    Desc,
}

/// The order of a list of payments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, InputObject)]
pub(in crate::graphql) struct PaymentOrder {
    /// What to order by.
    #[graphql(default)]
    field: PaymentOrderField,
    /// Which end comes first.
    #[graphql(default)]
    direction: OrderDirection,
}

impl From<PaymentOrder> for storage::PaymentOrder {
    fn from(order: PaymentOrder) -> Self {
        Self {
            by: match order.field {
                PaymentOrderField::CreatedAt => storage::PaymentSort::CreatedAt,
                PaymentOrderField::Amount => storage::PaymentSort::Amount,
            },
            descending: order.direction == OrderDirection::Desc,
        }
    }
}
