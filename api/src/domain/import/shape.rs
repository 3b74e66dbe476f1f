//! How each resource is read from Stripe (Stripe contract sections 5.2 and 8).

use super::Resource;
use crate::stripe::{ListResource, Unlisted};

/// How a resource is imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A list, in windows over `created`.
    Windows(ListResource),
    /// A list that no time cuts, followed from its newest object on.
    WholeList(ListResource),
    /// One object without an id, as it is now.
    Snapshot,
    /// Objects that no list has: each is fetched once by the id that an imported object names.
    ById(Unlisted),
    /// What happened lately; the recovery of events looks for it.
    Recovery,
    /// A report that Stripe runs, and whose file is read once.
    Report,
    /// Stripe's API has nothing of it.
    Nothing,
}

impl Resource {
    /// How it is imported.
    #[must_use]
    pub fn shape(self) -> Shape {
        match self {
            Self::Charges => Shape::Windows(ListResource::Charges),
            Self::Refunds => Shape::Windows(ListResource::Refunds),
            Self::Disputes => Shape::Windows(ListResource::Disputes),
            Self::PaymentIntents => Shape::Windows(ListResource::PaymentIntents),
            Self::BalanceTransactions => Shape::Windows(ListResource::BalanceTransactions),
            Self::Transfers => Shape::Windows(ListResource::Transfers),
            Self::Files => Shape::Windows(ListResource::Files),
            Self::Payouts => Shape::Windows(ListResource::Payouts),
            Self::Products => Shape::Windows(ListResource::Products),
            Self::SetupIntents => Shape::Windows(ListResource::SetupIntents),
            Self::CreditNotes => Shape::Windows(ListResource::CreditNotes),
            Self::Subscriptions => Shape::Windows(ListResource::Subscriptions),
            Self::PaymentMethods => Shape::WholeList(ListResource::PaymentMethods),
            Self::Balance => Shape::Snapshot,
            Self::Sources => Shape::ById(Unlisted::Sources),
            Self::Tokens => Shape::ById(Unlisted::Tokens),
            Self::Events => Shape::Recovery,
            Self::FinancialReports => Shape::Report,
            Self::TerminalSkus => Shape::Nothing,
        }
    }

    /// The list to read; none for what has no list.
    #[must_use]
    pub fn list(self) -> Option<ListResource> {
        match self.shape() {
            Shape::Windows(list) | Shape::WholeList(list) => Some(list),
            _ => None,
        }
    }

    /// How many objects a request brings at most.
    pub(super) fn page_size(self) -> f64 {
        match self.shape() {
            Shape::ById(_) => 1.0,
            _ => 100.0,
        }
    }

    /// Whether its history has a length in time, which tells how much of it is imported.
    pub(super) fn has_history(self) -> bool {
        matches!(self.shape(), Shape::Windows(_))
    }

    /// The resource that has to be imported first: its objects name those of this one, or are filled in by them.
    #[must_use]
    pub fn waits_for(self) -> Option<Self> {
        matches!(self.shape(), Shape::ById(_) | Shape::Report).then_some(Self::Charges)
    }

    /// What is to be said of its import; none where there is nothing special about it.
    pub(super) fn remark(self) -> Option<&'static str> {
        match self.shape() {
            Shape::Recovery => Some(
                "Events tell of changes, not of history: those since the import began are looked for as soon as it has \
                 ended.",
            ),
            Shape::Nothing => {
                Some("Stripe's API does not offer this resource: there is nothing to import.")
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_lists_that_can_be_cut_are_cut() {
        for resource in Resource::importable() {
            match resource.shape() {
                Shape::Windows(list) => assert!(list.filters_created(), "{resource:?}"),
                Shape::WholeList(list) => assert!(!list.filters_created(), "{resource:?}"),
                _ => assert_eq!(resource.list(), None, "{resource:?}"),
            }
        }
    }
}
