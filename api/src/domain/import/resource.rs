//! The resources of a Stripe account that the permission guide names.

use serde::{Deserialize, Serialize};

use crate::{
    domain::permission::{GUIDE, allows},
    storage::ConnectionRow,
    stripe::Probe,
};

/// A resource; the order is the order of import.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resource {
    /// Payments: what dashboards show first.
    Charges,
    /// Refunds of payments.
    Refunds,
    /// Disputes of payments.
    Disputes,
    /// Payments as a whole, over all attempts.
    PaymentIntents,
    /// The balance, now.
    Balance,
    /// The ledger.
    BalanceTransactions,
    /// Transfers to connected accounts.
    Transfers,
    /// Events of the last thirty days.
    Events,
    /// Files: what they are, not what is in them.
    Files,
    /// Stored payment methods.
    PaymentMethods,
    /// Payouts to the bank.
    Payouts,
    /// Products.
    Products,
    /// Attempts to save a payment method.
    SetupIntents,
    /// The older Sources API.
    Sources,
    /// The older Tokens API.
    Tokens,
    /// Credit notes.
    CreditNotes,
    /// Subscriptions.
    Subscriptions,
    /// Terminal hardware.
    TerminalSkus,
    /// Stripe's own reports.
    FinancialReports,
}

/// What can be imported, first things first.
const IMPORTABLE: [Resource; 19] = [
    Resource::Charges,
    Resource::Refunds,
    Resource::Disputes,
    Resource::PaymentIntents,
    Resource::Balance,
    Resource::BalanceTransactions,
    Resource::Transfers,
    Resource::Events,
    Resource::Files,
    Resource::PaymentMethods,
    Resource::Payouts,
    Resource::Products,
    Resource::SetupIntents,
    Resource::Sources,
    Resource::Tokens,
    Resource::CreditNotes,
    Resource::Subscriptions,
    Resource::TerminalSkus,
    Resource::FinancialReports,
];

impl Resource {
    /// What can be imported, first things first.
    #[must_use]
    pub fn importable() -> &'static [Self] {
        &IMPORTABLE
    }

    /// Its name in the database.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Charges => "charges",
            Self::Refunds => "refunds",
            Self::Disputes => "disputes",
            Self::PaymentIntents => "payment_intents",
            Self::Balance => "balance",
            Self::BalanceTransactions => "balance_transactions",
            Self::Transfers => "transfers",
            Self::Events => "events",
            Self::Files => "files",
            Self::PaymentMethods => "payment_methods",
            Self::Payouts => "payouts",
            Self::Products => "products",
            Self::SetupIntents => "setup_intents",
            Self::Sources => "sources",
            Self::Tokens => "tokens",
            Self::CreditNotes => "credit_notes",
            Self::Subscriptions => "subscriptions",
            Self::TerminalSkus => "terminal_skus",
            Self::FinancialReports => "financial_reports",
        }
    }

    /// The resource of this name; none for what this version does not import.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        IMPORTABLE
            .into_iter()
            .find(|resource| resource.name() == name)
    }

    /// Which goes first.
    pub(super) fn rank(self) -> i32 {
        self as i32
    }

    /// The row of the guide that grants it.
    pub(super) fn probe(self) -> Probe {
        match self {
            Self::Charges | Self::Refunds => Probe::ChargesAndRefunds,
            Self::Disputes => Probe::PaymentDisputes,
            Self::PaymentIntents => Probe::PaymentIntents,
            Self::Balance => Probe::Balance,
            Self::BalanceTransactions => Probe::BalanceTransactionSources,
            Self::Transfers => Probe::BalanceTransfers,
            Self::Events => Probe::Events,
            Self::Files => Probe::Files,
            Self::PaymentMethods => Probe::PaymentMethods,
            Self::Payouts => Probe::Payouts,
            Self::Products => Probe::Products,
            Self::SetupIntents => Probe::SetupIntents,
            Self::Sources => Probe::Sources,
            Self::Tokens => Probe::Tokens,
            Self::CreditNotes => Probe::CreditNotes,
            Self::Subscriptions => Probe::Subscriptions,
            Self::TerminalSkus => Probe::TerminalSkus,
            Self::FinancialReports => Probe::FinancialReports,
        }
    }

    /// Whether a connection's credentials grant it.
    pub(in crate::domain) fn granted(self, connection: &ConnectionRow) -> bool {
        allows(connection, self.probe())
    }

    /// Whether an import without it would be none.
    #[must_use]
    pub fn is_required(self) -> bool {
        let mut rows = GUIDE.iter();
        rows.any(|row| row.probe == self.probe() && row.required)
    }

    /// Whether the ledger may be read, and with it be expanded.
    pub(in crate::domain) fn ledger_granted(connection: &ConnectionRow) -> bool {
        allows(connection, Probe::BalanceTransactionSources)
    }

    /// What to expand in its list: only what the credentials grant, or the whole list would be refused.
    #[must_use]
    pub fn expansions(self, connection: &ConnectionRow) -> Vec<&'static str> {
        match self.list() {
            Some(list) if Self::ledger_granted(connection) => list.expansions().to_vec(),
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_imported_is_found_by_name() {
        for resource in Resource::importable() {
            assert_eq!(Resource::named(resource.name()), Some(*resource));
        }
        assert_eq!(Resource::named("coupons"), None);
    }
}
