//! What to ask of a list (Stripe contract section 5).

/// The lists that Inlet reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ListResource {
    Charges,
    Refunds,
    Disputes,
    PaymentIntents,
    BalanceTransactions,
    Payouts,
    Transfers,
    SetupIntents,
    CreditNotes,
    Subscriptions,
    Products,
    PaymentMethods,
    Files,
    Events,
    ReportRuns,
}

impl ListResource {
    /// Where the list is.
    #[must_use]
    pub fn path(self) -> &'static str {
        match self {
            Self::Charges => "/v1/charges",
            Self::Refunds => "/v1/refunds",
            Self::Disputes => "/v1/disputes",
            Self::PaymentIntents => "/v1/payment_intents",
            Self::BalanceTransactions => "/v1/balance_transactions",
            Self::Payouts => "/v1/payouts",
            Self::Transfers => "/v1/transfers",
            Self::SetupIntents => "/v1/setup_intents",
            Self::CreditNotes => "/v1/credit_notes",
            Self::Subscriptions => "/v1/subscriptions",
            Self::Products => "/v1/products",
            Self::PaymentMethods => "/v1/payment_methods",
            Self::Files => "/v1/files",
            Self::Events => "/v1/events",
            Self::ReportRuns => "/v1/reporting/report_runs",
        }
    }

    /// Expansions that save a read per object, each needing the permission of what it expands
    /// (Stripe contract section 5.3).
    #[must_use]
    pub fn expansions(self) -> &'static [&'static str] {
        match self {
            Self::Charges | Self::Refunds => &[
                "data.balance_transaction",
                "data.failure_balance_transaction",
            ],
            _ => &[],
        }
    }

    /// Whether the list can be cut by `created` (Stripe contract section 5.2).
    #[must_use]
    pub fn filters_created(self) -> bool {
        self != Self::PaymentMethods
    }
}

/// One page of a list, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListRequest {
    pub resource: ListResource,
    /// Unix seconds, inclusive.
    pub created_gte: Option<i64>,
    /// Unix seconds, exclusive.
    pub created_lt: Option<i64>,
    /// Only the members of this automatic payout: balance transactions know which they are in.
    pub payout: Option<String>,
    /// The id of the last object of the page before.
    pub starting_after: Option<String>,
    /// 1 to 100; what lies outside is brought to the nearest.
    pub limit: u8,
    /// Only what the credential may read.
    pub expand: Vec<&'static str>,
}

impl ListRequest {
    /// The first full page of a list, without filters.
    #[must_use]
    pub fn new(resource: ListResource) -> Self {
        Self {
            resource,
            created_gte: None,
            created_lt: None,
            payout: None,
            starting_after: None,
            limit: 100,
            expand: Vec::new(),
        }
    }

    /// The query's pairs, with Stripe's brackets.
    pub(super) fn query(&self) -> Vec<(&'static str, String)> {
        let mut query = vec![("limit", self.limit.clamp(1, 100).to_string())];
        if let Some(second) = self.created_gte {
            query.push(("created[gte]", second.to_string()));
        }
        if let Some(second) = self.created_lt {
            query.push(("created[lt]", second.to_string()));
        }
        if let Some(id) = &self.payout {
            query.push(("payout", id.clone()));
        }
        if let Some(id) = &self.starting_after {
            query.push(("starting_after", id.clone()));
        }
        if self.resource == ListResource::Subscriptions {
            // Without it the canceled ones are left out.
            query.push(("status", "all".to_owned()));
        }
        query.extend(
            self.expand
                .iter()
                .map(|field| ("expand[]", (*field).to_owned())),
        );
        query
    }
}
