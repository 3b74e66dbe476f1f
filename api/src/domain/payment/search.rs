//! Searching payments: what a caller may ask for, checked before it reaches the database.

use std::sync::Arc;

use chrono::{DateTime, Datelike, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    domain::{Gateway, money::parse_thousandths},
    ids::{ConnectionId, PaymentId, WorkspaceId},
    storage::{
        PageRequest, PaymentColumns, PaymentFilter, PaymentOrder, PaymentPosition, PaymentStatus,
        ReadPayment, Slice, StorageError,
    },
};

/// What payments to find. All that is given must hold; within a list any may. One that was stored by another version is
/// not read with a part of it left out: it would find more.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PaymentSearch {
    /// Of these connections; unknown ones have no payments.
    pub connections: Option<Vec<ConnectionId>>,
    /// Created at or after.
    pub created_from: Option<DateTime<Utc>>,
    /// Created before.
    pub created_until: Option<DateTime<Utc>>,
    /// Any of these statuses.
    pub statuses: Option<Vec<PaymentStatus>>,
    /// ISO 4217, in any case.
    pub currencies: Option<Vec<String>>,
    /// In major units, inclusive: an exact decimal.
    pub amount_from: Option<String>,
    /// In major units, inclusive: an exact decimal.
    pub amount_to: Option<String>,
    /// Stripe's types, e.g. `card`.
    pub method_types: Option<Vec<String>>,
    /// Stripe's names, e.g. `visa`.
    pub card_brands: Option<Vec<String>>,
    /// credit, debit, prepaid, unknown.
    pub card_fundings: Option<Vec<String>>,
    /// ISO 3166-1 alpha-2, in any case.
    pub card_countries: Option<Vec<String>>,
    /// First digits, as stored.
    pub bins: Option<Vec<String>>,
    /// Names of banks, exactly.
    pub issuers: Option<Vec<String>>,
    /// Decline codes, exactly.
    pub decline_codes: Option<Vec<String>>,
    /// Whether anything was refunded.
    pub refunded: Option<bool>,
    /// Whether it was ever disputed.
    pub disputed: Option<bool>,
    /// The mode.
    pub livemode: Option<bool>,
    /// `cus_…`
    pub customer_id: Option<String>,
    /// `pi_…`
    pub payment_intent_id: Option<String>,
    /// `ch_…`, of any connection.
    pub stripe_ids: Option<Vec<String>>,
    /// Pairs that the metadata must hold.
    pub metadata: Vec<(String, String)>,
}

/// Why payments cannot be searched so.
#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    /// A part of the search makes no sense.
    #[error("{field}: {message}")]
    Invalid {
        /// The filter's field.
        field: &'static str,
        /// For a person.
        message: &'static str,
    },
    /// The database failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// At most so many values in a list of a filter.
const MOST_VALUES: usize = 100;

/// At most so many ids in one statement; databases take more parameters, but not without end.
const MOST_IDS: usize = 20_000;

/// The longest text in a filter, in bytes: longer than anything of Stripe's that is filtered by.
const LONGEST_TEXT: usize = 2_000;

impl Gateway {
    /// A page of the payments that a search finds, with these columns, the id and what they are ordered by; all others are
    /// empty.
    pub async fn list_payments(
        &self,
        workspace: WorkspaceId,
        search: &PaymentSearch,
        order: PaymentOrder,
        page: &PageRequest<PaymentPosition>,
        columns: PaymentColumns,
    ) -> Result<Slice<Arc<ReadPayment>>, SearchError> {
        let filter = self.filter(workspace, search).await?;
        Ok(self
            .store()
            .list_payments(workspace, &filter, order, page, columns)
            .await?)
    }

    /// How many payments a search finds.
    pub async fn count_payments(
        &self,
        workspace: WorkspaceId,
        search: &PaymentSearch,
    ) -> Result<u64, SearchError> {
        let filter = self.filter(workspace, search).await?;
        Ok(self.store().count_payments(workspace, &filter).await?)
    }

    pub(in crate::domain) async fn filter(
        &self,
        workspace: WorkspaceId,
        search: &PaymentSearch,
    ) -> Result<PaymentFilter, SearchError> {
        let filter = search.checked()?;
        let Some(stripe_ids) = &search.stripe_ids else {
            return Ok(filter);
        };
        // A payment's id follows from its connection and its Stripe id, so the primary key finds it.
        let connections = match &search.connections {
            Some(connections) => connections.clone(),
            None => self.store().list_connection_ids(workspace).await?,
        };
        if connections.len() * stripe_ids.len() > MOST_IDS {
            return Err(SearchError::Invalid {
                field: "stripeIds",
                message: "name fewer ids, or the connections to look in: with so many connections it is too much at once.",
            });
        }
        let ids = connections.iter().flat_map(|connection| {
            stripe_ids
                .iter()
                .map(|stripe_id| PaymentId::of(*connection, stripe_id))
        });
        Ok(PaymentFilter {
            ids: Some(ids.collect()),
            ..filter
        })
    }
}

impl PaymentSearch {
    /// What the payments that are watched are filtered by; their ids come with each change.
    pub(super) fn watched(&self) -> Result<PaymentFilter, SearchError> {
        Ok(PaymentFilter {
            stripe_ids: self.stripe_ids.clone(),
            ..self.checked()?
        })
    }

    fn checked(&self) -> Result<PaymentFilter, SearchError> {
        self.check_span()?;
        many("connectionIds", self.connections.as_deref())?;
        many("statuses", self.statuses.as_deref())?;
        texts("stripeIds", self.stripe_ids.as_deref())?;
        if self.metadata.len() > MOST_VALUES {
            return Err(too_many("metadata"));
        }
        for (key, value) in &self.metadata {
            text("metadata", key)?;
            text("metadata", value)?;
        }
        Ok(PaymentFilter {
            connections: self.connections.clone(),
            ids: None,
            stripe_ids: None,
            created_from: self.created_from,
            created_until: self.created_until,
            statuses: self.statuses.clone(),
            currencies: lower(texts("currencies", self.currencies.as_deref())?),
            amount_from: amount(self.amount_from.as_deref(), true)?,
            amount_to: amount(self.amount_to.as_deref(), false)?,
            method_types: texts("methodTypes", self.method_types.as_deref())?,
            card_brands: texts("cardBrands", self.card_brands.as_deref())?,
            card_fundings: texts("cardFundings", self.card_fundings.as_deref())?,
            card_countries: upper(texts("cardCountries", self.card_countries.as_deref())?),
            bins: texts("bins", self.bins.as_deref())?,
            issuers: texts("issuers", self.issuers.as_deref())?,
            decline_codes: texts("declineCodes", self.decline_codes.as_deref())?,
            refunded: self.refunded,
            disputed: self.disputed,
            livemode: self.livemode,
            customer_id: self
                .customer_id
                .as_deref()
                .map(|id| text("customerId", id))
                .transpose()?,
            payment_intent_id: self
                .payment_intent_id
                .as_deref()
                .map(|id| text("paymentIntentId", id))
                .transpose()?,
            metadata: self.metadata.clone(),
        })
    }

    fn check_span(&self) -> Result<(), SearchError> {
        let invalid = |message| {
            Err(SearchError::Invalid {
                field: "createdAt",
                message,
            })
        };
        let out_of_range = |time: &DateTime<Utc>| !(1970..=9999).contains(&time.year());
        let ends = [self.created_from, self.created_until];
        if ends.iter().flatten().any(out_of_range) {
            return invalid("give times between the years 1970 and 9999.");
        }
        match (self.created_from, self.created_until) {
            (Some(from), Some(until)) if from >= until => invalid("gte must be before lt."),
            _ => Ok(()),
        }
    }
}

fn amount(decimal: Option<&str>, up: bool) -> Result<Option<i64>, SearchError> {
    let invalid = SearchError::Invalid {
        field: "amount",
        message: "give a decimal number in major units, such as \"10.50\", of at most fifteen digits before the point.",
    };
    decimal
        .map(|text| parse_thousandths(text, up).ok_or(invalid))
        .transpose()
}

fn many<T>(field: &'static str, values: Option<&[T]>) -> Result<(), SearchError> {
    match values {
        Some(values) if values.len() > MOST_VALUES => Err(too_many(field)),
        _ => Ok(()),
    }
}

fn texts(
    field: &'static str,
    values: Option<&[String]>,
) -> Result<Option<Vec<String>>, SearchError> {
    many(field, values)?;
    let checked = |values: &[String]| values.iter().map(|value| text(field, value)).collect();
    values.map(checked).transpose()
}

/// PostgreSQL cannot hold the NUL character, so on both databases nothing is found by it.
fn text(field: &'static str, value: &str) -> Result<String, SearchError> {
    if value.contains('\0') {
        let message = "the text contains the character NUL, which no payment has.";
        return Err(SearchError::Invalid { field, message });
    }
    if value.len() > LONGEST_TEXT {
        return Err(SearchError::Invalid {
            field,
            message: "the text is too long.",
        });
    }
    Ok(value.to_owned())
}

fn too_many(field: &'static str) -> SearchError {
    SearchError::Invalid {
        field,
        message: "give at most 100 values.",
    }
}

fn lower(values: Option<Vec<String>>) -> Option<Vec<String>> {
    values.map(|values| {
        values
            .iter()
            .map(|value| value.to_ascii_lowercase())
            .collect()
    })
}

fn upper(values: Option<Vec<String>>) -> Option<Vec<String>> {
    values.map(|values| {
        values
            .iter()
            .map(|value| value.to_ascii_uppercase())
            .collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_for_everything_has_no_conditions() {
        let filter = PaymentSearch::default().checked().unwrap();

        // Storage keeps the plan of such a list.
        assert_eq!(filter, PaymentFilter::default());
    }
}
