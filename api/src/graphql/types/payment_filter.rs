use async_graphql::{ID, InputObject};

use super::payment::PaymentStatus;
use crate::{
    domain::payment::PaymentSearch,
    graphql::{
        node_id,
        scalar::{CountryCode, CurrencyCode, DateTime, Decimal},
    },
    ids::ConnectionId,
};

/// A span of time; an end that is left out is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, InputObject)]
pub(in crate::graphql) struct DateTimeRange {
    /// At this moment or later.
    pub(in crate::graphql) gte: Option<DateTime>,
    /// Before this moment.
    pub(in crate::graphql) lt: Option<DateTime>,
}

/// A range of amounts; an end that is left out is open.
#[derive(Clone, Debug, Default, PartialEq, Eq, InputObject)]
pub(in crate::graphql) struct MoneyRange {
    /// This amount or more.
    gte: Option<Decimal>,
    /// This amount or less.
    lte: Option<Decimal>,
}

/// A pair that metadata must hold.
#[derive(Clone, Debug, PartialEq, Eq, InputObject)]
pub(in crate::graphql) struct MetadataMatch {
    /// The key.
    key: String,
    /// Its value, exactly.
    value: String,
}

/// All that is given must hold; within a list any may.
#[derive(Clone, Debug, Default, PartialEq, Eq, InputObject)]
pub(in crate::graphql) struct PaymentFilter {
    /// Of these data connections.
    connection_ids: Option<Vec<ID>>,
    /// Created at Stripe in this span of time.
    created_at: Option<DateTimeRange>,
    /// Of any of these statuses.
    statuses: Option<Vec<PaymentStatus>>,
    /// In any of these currencies.
    currencies: Option<Vec<CurrencyCode>>,
    /// In major units of the payment's own currency.
    amount: Option<MoneyRange>,
    /// By any of these methods, as Stripe names them, e.g. `card`.
    method_types: Option<Vec<String>>,
    /// With a card of any of these brands, as Stripe names them, e.g. `visa`.
    card_brands: Option<Vec<String>>,
    /// With a card of any of these kinds: `credit`, `debit`, `prepaid`, `unknown`.
    card_fundings: Option<Vec<String>>,
    /// With a card issued in any of these countries.
    card_countries: Option<Vec<CountryCode>>,
    /// With a card of any of these BINs, exactly as `CardDetails` tells them.
    bins: Option<Vec<String>>,
    /// With a card of any of these banks, exactly as `CardDetails` tells them.
    issuers: Option<Vec<String>>,
    /// Declined for any of these reasons, as Stripe names them, e.g. `insufficient_funds`.
    decline_codes: Option<Vec<String>>,
    /// Whether anything was given back.
    refunded: Option<bool>,
    /// Whether it was ever disputed.
    disputed: Option<bool>,
    /// Whether real money moved.
    livemode: Option<bool>,
    /// Of the customer of this id at Stripe.
    customer_id: Option<String>,
    /// Of the payment intent of this id at Stripe.
    payment_intent_id: Option<String>,
    /// Of any of these ids at Stripe.
    stripe_ids: Option<Vec<String>>,
    /// Payments whose metadata holds every pair given.
    metadata: Option<Vec<MetadataMatch>>,
}

impl PaymentFilter {
    /// The search that the filter describes, within one connection where one is given.
    pub(in crate::graphql) fn into_search(self, within: Option<ConnectionId>) -> PaymentSearch {
        let span = self.created_at.unwrap_or_default();
        let amount = self.amount.unwrap_or_default();
        let metadata = self.metadata.unwrap_or_default();
        PaymentSearch {
            connections: connections(self.connection_ids, within),
            created_from: span.gte.map(|at| at.0),
            created_until: span.lt.map(|at| at.0),
            statuses: all(self.statuses, Into::into),
            currencies: all(self.currencies, |code| code.0),
            amount_from: amount.gte.map(|amount| amount.0),
            amount_to: amount.lte.map(|amount| amount.0),
            method_types: self.method_types,
            card_brands: self.card_brands,
            card_fundings: self.card_fundings,
            card_countries: all(self.card_countries, |code| code.0),
            bins: self.bins,
            issuers: self.issuers,
            decline_codes: self.decline_codes,
            refunded: self.refunded,
            disputed: self.disputed,
            livemode: self.livemode,
            customer_id: self.customer_id,
            payment_intent_id: self.payment_intent_id,
            stripe_ids: self.stripe_ids,
            metadata: metadata
                .into_iter()
                .map(|pair| (pair.key, pair.value))
                .collect(),
        }
    }
}

fn all<T, U>(values: Option<Vec<T>>, read: impl Fn(T) -> U) -> Option<Vec<U>> {
    values.map(|values| values.into_iter().map(read).collect())
}

/// The connections to search. An id that is none of a connection is one of a connection without payments.
fn connections(ids: Option<Vec<ID>>, within: Option<ConnectionId>) -> Option<Vec<ConnectionId>> {
    let Some(ids) = ids else {
        return within.map(|connection| vec![connection]);
    };
    let known = ids.iter().filter_map(|id| node_id::decode(id));
    Some(
        known
            .filter(|id| within.is_none_or(|within| within == *id))
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::ids::PaymentId;

    const OURS: ConnectionId = ConnectionId(Uuid::from_u128(1));
    const OTHER: ConnectionId = ConnectionId(Uuid::from_u128(2));

    fn searched(ids: Option<&[ID]>, within: Option<ConnectionId>) -> Option<Vec<ConnectionId>> {
        let filter = PaymentFilter {
            connection_ids: ids.map(<[ID]>::to_vec),
            ..PaymentFilter::default()
        };
        filter.into_search(within).connections
    }

    #[test]
    fn a_filter_stays_within_its_connection() {
        let (ours, other) = (node_id::encode(OURS), node_id::encode(OTHER));

        assert_eq!(searched(None, None), None);
        assert_eq!(searched(None, Some(OURS)), Some(vec![OURS]));
        assert_eq!(
            searched(Some(&[ours.clone(), other.clone()]), None),
            Some(vec![OURS, OTHER])
        );
        assert_eq!(
            searched(Some(&[ours, other.clone()]), Some(OURS)),
            Some(vec![OURS])
        );
        assert_eq!(searched(Some(&[other]), Some(OURS)), Some(vec![]));
    }

    #[test]
    fn an_id_of_something_else_finds_nothing() {
        let payment = node_id::encode(PaymentId(OURS.0));

        assert_eq!(
            searched(Some(&[payment, ID::from("x\0")]), None),
            Some(vec![])
        );
        assert_eq!(searched(Some(&[]), None), Some(vec![]));
    }
}
