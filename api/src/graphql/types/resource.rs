use async_graphql::Enum;

use crate::{domain::import::Resource, graphql::flat::enum_leaf};

/// A kind of object of a Stripe account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Resource")]
pub(in crate::graphql) enum StripeResource {
    /// The account's balance.
    Balance,
    /// The ledger: every movement of the balance, with its fees.
    BalanceTransactions,
    /// Transfers to connected accounts.
    Transfers,
    /// Charges: the attempts to take a payment.
    Charges,
    /// Refunds of charges.
    Refunds,
    /// Events: what happened in the last thirty days.
    Events,
    /// Files, such as the results of reports.
    Files,
    /// Disputes of charges.
    Disputes,
    /// Payment intents: payments over all their attempts.
    PaymentIntents,
    /// Stored payment methods.
    PaymentMethods,
    /// Payouts to the bank.
    Payouts,
    /// Products.
    Products,
    /// Setup intents: attempts to store a payment method.
    SetupIntents,
    /// Payment methods of the older Sources API.
    Sources,
    /// Payment methods of the older Tokens API.
    Tokens,
    /// Credit notes.
    CreditNotes,
    /// Subscriptions.
    Subscriptions,
    /// Terminal hardware that was ordered.
    TerminalSkus,
    /// Stripe's own financial reports.
    FinancialReports,
}

enum_leaf!(StripeResource);
