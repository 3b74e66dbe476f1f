use std::{borrow::Cow, collections::HashMap};

use async_graphql::{Enum, SimpleObject};

use crate::{
    graphql::node_id,
    ids::ConnectionId,
    storage::{StatsColumn, StatsKey},
};

/// What payments may be grouped by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub(in crate::graphql) enum PaymentDimension {
    /// The data connection.
    Connection,
    /// The payment's currency.
    Currency,
    /// What became of the payment.
    Status,
    /// The method, as Stripe names it.
    MethodType,
    /// The brand of the card.
    CardBrand,
    /// Credit, debit or prepaid.
    CardFunding,
    /// The country of the issuing bank.
    CardCountry,
    /// The issuing bank.
    Issuer,
    /// The first digits of the card.
    Bin,
    /// Why the issuer declined.
    DeclineCode,
    /// The wallet that the card was in.
    Wallet,
}

/// What a row has in common in one dimension.
#[derive(Clone, Debug, SimpleObject)]
pub(in crate::graphql) struct DimensionValue {
    /// The dimension.
    dimension: PaymentDimension,
    /// The value, to filter by; null where the payments have none.
    value: Option<String>,
    /// The value in words for people; null where it has no other words.
    label: Option<String>,
}

/// The names of connections.
pub(super) type Names = HashMap<ConnectionId, String>;

impl PaymentDimension {
    /// What storage groups by; it groups by the currency anyway.
    pub(in crate::graphql) const fn column(self) -> Option<StatsColumn> {
        Some(match self {
            Self::Currency => return None,
            Self::Connection => StatsColumn::Connection,
            Self::Status => StatsColumn::Status,
            Self::MethodType => StatsColumn::MethodType,
            Self::CardBrand => StatsColumn::CardBrand,
            Self::CardFunding => StatsColumn::CardFunding,
            Self::CardCountry => StatsColumn::CardCountry,
            Self::Issuer => StatsColumn::CardIssuer,
            Self::Bin => StatsColumn::CardBin,
            Self::DeclineCode => StatsColumn::DeclineCode,
            Self::Wallet => StatsColumn::CardWallet,
        })
    }

    /// A key of storage as clients see it.
    pub(super) fn value(self, key: &StatsKey, names: &Names) -> DimensionValue {
        let (value, label) = match key {
            StatsKey::Missing => (None, None),
            StatsKey::Connection(id) => {
                let value = node_id::encode(*id).0;
                (Some(value), names.get(id).cloned())
            }
            StatsKey::Text(text) => {
                let label = self.label(text);
                // The filter names statuses and currencies in upper case.
                let value = match self {
                    Self::Status | Self::Currency => text.to_ascii_uppercase(),
                    _ => text.clone(),
                };
                (Some(value), label)
            }
        };
        DimensionValue {
            dimension: self,
            value,
            label,
        }
    }

    fn label(self, text: &str) -> Option<String> {
        match self {
            Self::Status | Self::CardFunding | Self::DeclineCode => Some(words(text).into_owned()),
            Self::MethodType | Self::CardBrand | Self::Wallet => Some(
                name(text)
                    .map_or_else(|| words(text), Cow::Borrowed)
                    .into_owned(),
            ),
            Self::Connection | Self::Currency | Self::CardCountry | Self::Issuer | Self::Bin => {
                None
            }
        }
    }
}

/// `insufficient_funds` as people write it.
fn words(text: &str) -> Cow<'_, str> {
    let mut letters = text.chars();
    let Some(first) = letters.next() else {
        return Cow::Borrowed(text);
    };
    let rest = letters.as_str().replace('_', " ");
    Cow::Owned(first.to_uppercase().chain(rest.chars()).collect())
}

/// How brands, wallets and methods write their names, where it is not as words are written.
fn name(text: &str) -> Option<&'static str> {
    Some(match text {
        "amex" => "American Express",
        "amex_express_checkout" => "Amex Express Checkout",
        "diners" => "Diners Club",
        "eftpos_au" => "eftpos Australia",
        "jcb" => "JCB",
        "unionpay" => "UnionPay",
        "cartes_bancaires" => "Cartes Bancaires",
        "apple_pay" => "Apple Pay",
        "google_pay" => "Google Pay",
        "samsung_pay" => "Samsung Pay",
        "visa_checkout" => "Visa Checkout",
        "ach_credit_transfer" => "ACH credit transfer",
        "ach_debit" => "ACH debit",
        "us_bank_account" => "US bank account",
        "acss_debit" => "Pre-authorized debit (ACSS)",
        "au_becs_debit" => "BECS Direct Debit",
        "bacs_debit" => "Bacs Direct Debit",
        "sepa_debit" => "SEPA Direct Debit",
        "sepa_credit_transfer" => "SEPA credit transfer",
        "card_present" => "Card in person",
        "interac_present" => "Interac in person",
        "ideal" => "iDEAL",
        "eps" => "EPS",
        "p24" => "Przelewy24",
        "fpx" => "FPX",
        "blik" => "BLIK",
        "oxxo" => "OXXO",
        "twint" => "TWINT",
        "wechat" | "wechat_pay" => "WeChat Pay",
        "cashapp" => "Cash App Pay",
        "afterpay_clearpay" => "Afterpay / Clearpay",
        "amazon_pay" => "Amazon Pay",
        "revolut_pay" => "Revolut Pay",
        "paypal" => "PayPal",
        "mobilepay" => "MobilePay",
        "grabpay" => "GrabPay",
        "paynow" => "PayNow",
        "promptpay" => "PromptPay",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn told(dimension: PaymentDimension, text: &str) -> (String, Option<String>) {
        let value = dimension.value(&StatsKey::Text(text.to_owned()), &Names::new());
        (value.value.unwrap(), value.label)
    }

    #[test]
    fn values_are_what_the_filter_takes_and_labels_what_people_read() {
        use PaymentDimension::{Bin, CardBrand, Currency, DeclineCode, MethodType, Status, Wallet};
        for (dimension, text, value, label) in [
            (
                Status,
                "requires_capture",
                "REQUIRES_CAPTURE",
                Some("Requires capture"),
            ),
            (Currency, "eur", "EUR", None),
            (CardBrand, "visa", "visa", Some("Visa")),
            (CardBrand, "amex", "amex", Some("American Express")),
            (Wallet, "apple_pay", "apple_pay", Some("Apple Pay")),
            (
                MethodType,
                "something_new",
                "something_new",
                Some("Something new"),
            ),
            (
                DeclineCode,
                "insufficient_funds",
                "insufficient_funds",
                Some("Insufficient funds"),
            ),
            (DeclineCode, "", "", Some("")),
            (Bin, "424242", "424242", None),
        ] {
            assert_eq!(
                told(dimension, text),
                (value.to_owned(), label.map(str::to_owned))
            );
        }
    }

    #[test]
    fn a_connection_is_told_by_its_node_and_its_name() {
        let id = ConnectionId(Uuid::from_u128(7));
        let names = Names::from([(id, "Shop".to_owned())]);

        let value = PaymentDimension::Connection.value(&StatsKey::Connection(id), &names);
        let missing = PaymentDimension::Issuer.value(&StatsKey::Missing, &names);

        assert_eq!(value.value, Some(node_id::encode(id).0));
        assert_eq!(value.label.as_deref(), Some("Shop"));
        assert_eq!((missing.value, missing.label), (None, None));
    }
}
