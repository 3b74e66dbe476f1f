//! Balance transactions: what payments mean for the account's balance.

use serde::Serialize;

use super::currency::{Currency, share};

const DAY: i64 = 86_400;

/// A movement of the balance, in the settlement currency.
#[derive(Clone, Debug, Serialize)]
pub(super) struct BalanceTransaction {
    pub(super) id: String,
    object: &'static str,
    amount: i64,
    pub(super) available_on: i64,
    balance_type: &'static str,
    pub(super) created: i64,
    currency: &'static str,
    description: Option<String>,
    exchange_rate: Option<f64>,
    fee: i64,
    fee_details: Vec<FeeDetail>,
    pub(super) net: i64,
    reporting_category: &'static str,
    source: String,
    status: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
}

#[derive(Clone, Debug, Serialize)]
struct FeeDetail {
    amount: i64,
    application: Option<String>,
    currency: &'static str,
    description: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
}

/// What moved: the amount, in the currency of the payment.
pub(super) struct Movement<'a> {
    pub(super) id: String,
    pub(super) source: &'a str,
    pub(super) amount: i64,
    pub(super) currency: Currency,
    pub(super) created: i64,
    pub(super) kind: &'static str,
    pub(super) category: &'static str,
    pub(super) description: Option<String>,
}

impl BalanceTransaction {
    /// A movement without fee, settled in this currency and seen at this moment.
    pub(super) fn new(movement: Movement<'_>, settlement: Currency, now: i64) -> Self {
        let rate = movement.currency.rate_to(settlement);
        let amount = rate.map_or(movement.amount, |rate| share(movement.amount, rate));
        let waits = if amount > 0 && !matches!(movement.kind, "adjustment" | "payout_failure") {
            2 * DAY
        } else {
            0
        };
        let available_on = movement.created + waits;
        Self {
            id: movement.id,
            object: "balance_transaction",
            amount,
            available_on,
            balance_type: "payments",
            created: movement.created,
            currency: settlement.code,
            description: movement.description,
            exchange_rate: rate,
            fee: 0,
            fee_details: Vec::new(),
            net: amount,
            reporting_category: movement.category,
            source: movement.source.to_owned(),
            status: if available_on > now {
                "pending"
            } else {
                "available"
            },
            kind: movement.kind,
        }
    }

    /// Takes Stripe's processing fee off, and the tax on it where there is one.
    pub(super) fn with_processing_fee(self, has_tax: bool) -> Self {
        let fee = share(self.amount, 0.029) + 30;
        let charged = self.with_fee(fee, "Stripe processing fees", "stripe_fee");
        if has_tax {
            charged.with_fee(share(fee, 0.1), "VAT", "tax")
        } else {
            charged
        }
    }

    /// Takes a fee off; a negative one comes back.
    pub(super) fn with_fee(
        mut self,
        amount: i64,
        description: &'static str,
        kind: &'static str,
    ) -> Self {
        self.fee_details.push(FeeDetail {
            amount,
            application: None,
            currency: self.currency,
            description,
            kind,
        });
        self.fee += amount;
        self.net -= amount;
        self
    }
}
