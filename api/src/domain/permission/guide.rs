//! The guide: twenty rows, in the order and with the names of Stripe's dashboard.

use crate::stripe::Probe;

/// What a row asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Reading only.
    Read,
    /// Reading and writing.
    Write,
}

/// A row of the form in which Stripe's dashboard makes a restricted key.
#[derive(Debug, PartialEq, Eq)]
pub struct Permission {
    /// The row's name in the dashboard.
    pub resource: &'static str,
    /// What to choose in the row.
    pub access: Access,
    /// What Inlet uses it for.
    pub purpose: &'static str,
    /// Nothing works without it.
    pub required: bool,
    /// How it is found out.
    pub probe: Probe,
}

const fn read(resource: &'static str, probe: Probe, purpose: &'static str) -> Permission {
    Permission {
        resource,
        access: Access::Read,
        purpose,
        required: false,
        probe,
    }
}

/// The same, where nothing works without it.
const fn required(permission: &Permission) -> Permission {
    Permission {
        resource: permission.resource,
        access: permission.access,
        purpose: permission.purpose,
        required: true,
        probe: permission.probe,
    }
}

const fn write(resource: &'static str, probe: Probe, purpose: &'static str) -> Permission {
    Permission {
        resource,
        access: Access::Write,
        purpose,
        required: false,
        probe,
    }
}

/// Every row, in the dashboard's order.
pub static GUIDE: [Permission; 20] = [
    read(
        "Balance",
        Probe::Balance,
        "Shows the balance, and confirms the key's mode.",
    ),
    required(&read(
        "Balance Transaction Sources",
        Probe::BalanceTransactionSources,
        "Gives fees, net amounts and exchange rates of payments, refunds and disputes.",
    )),
    read(
        "Balance Transfers",
        Probe::BalanceTransfers,
        "Imports transfers to connected accounts of a marketplace.",
    ),
    required(&read(
        "Charges and Refunds",
        Probe::ChargesAndRefunds,
        "Imports payments and refunds: the core of all analytics.",
    )),
    read(
        "Events",
        Probe::Events,
        "Recovers changes that happened while a webhook was not heard.",
    ),
    read(
        "Files",
        Probe::Files,
        "Downloads the results of financial reports.",
    ),
    read(
        "Payment Disputes",
        Probe::PaymentDisputes,
        "Imports disputes and their reasons.",
    ),
    read(
        "Payment Intents",
        Probe::PaymentIntents,
        "Joins the attempts of one payment, and finds attempts that never reached a charge.",
    ),
    read(
        "Payment Methods",
        Probe::PaymentMethods,
        "Imports stored payment methods.",
    ),
    read(
        "Payouts",
        Probe::Payouts,
        "Links payments to the payouts that brought them to the bank.",
    ),
    read(
        "Products",
        Probe::Products,
        "Names what subscriptions are for.",
    ),
    read(
        "Setup Intents",
        Probe::SetupIntents,
        "Measures how often saving a card succeeds.",
    ),
    read(
        "Sources",
        Probe::Sources,
        "Reads the method of payments made with the older Sources API.",
    ),
    read(
        "Tokens",
        Probe::Tokens,
        "Reads the method of payments made with the older Tokens API.",
    ),
    read(
        "Credit notes",
        Probe::CreditNotes,
        "Imports corrections of revenue outside refunds.",
    ),
    read(
        "Subscriptions",
        Probe::Subscriptions,
        "Tells recurring revenue and churn.",
    ),
    read(
        "Terminal SKUs",
        Probe::TerminalSkus,
        "Names ordered terminal hardware; Stripe offers no way to check this row.",
    ),
    read(
        "Financial Reports",
        Probe::FinancialReports,
        "Fills fees in bulk from Stripe's own reports.",
    ),
    required(&write(
        "Webhook Endpoints",
        Probe::WebhookEndpoints,
        "Creates the webhook that keeps the connection live.",
    )),
    write(
        "Event Destinations",
        Probe::EventDestinations,
        "Finds older destinations of events that already point here.",
    ),
];

/// The rows without which no webhook is made.
pub fn webhook_rows() -> impl Iterator<Item = &'static Permission> {
    GUIDE
        .iter()
        .filter(|row| row.probe == Probe::WebhookEndpoints)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guide_has_its_rows_in_the_order_of_the_probes() {
        assert!(GUIDE.iter().map(|row| row.probe).eq(Probe::ALL));
    }

    #[test]
    fn three_rows_are_required_and_two_write() {
        let names = |wanted: fn(&&Permission) -> bool| {
            GUIDE
                .iter()
                .filter(wanted)
                .map(|row| row.resource)
                .collect::<Vec<_>>()
        };

        assert_eq!(
            names(|row| row.required),
            [
                "Balance Transaction Sources",
                "Charges and Refunds",
                "Webhook Endpoints"
            ]
        );
        assert_eq!(
            names(|row| row.access == Access::Write),
            ["Webhook Endpoints", "Event Destinations"]
        );
    }
}
