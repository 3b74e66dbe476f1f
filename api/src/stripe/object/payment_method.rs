//! What a charge was paid with (Stripe contract section 7.7).

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, Visitor},
};

use super::lenient;

/// The method as it was when the charge was made, of any type.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PaymentMethodDetails {
    /// `card`, `us_bank_account`, … and what is new to us.
    pub kind: Option<String>,
    /// For `card`, `card_present` and `interac_present`.
    pub card: Option<CardDetails>,
    /// For every other type.
    pub bank: Option<BankDetails>,
}

/// A card, however it was presented.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct CardDetails {
    pub brand: Option<String>,
    /// The network used, which differs from the brand on co-badged cards.
    pub network: Option<String>,
    pub last4: Option<String>,
    /// The first digits; absent unless Stripe enabled them for the merchant.
    pub iin: Option<String>,
    /// The bank's name; absent unless Stripe enabled it for the merchant.
    pub issuer: Option<String>,
    pub country: Option<String>,
    pub funding: Option<String>,
    #[serde(deserialize_with = "lenient::small_number")]
    pub exp_month: Option<i32>,
    #[serde(deserialize_with = "lenient::small_number")]
    pub exp_year: Option<i32>,
    /// The same for one card number within one Stripe account.
    pub fingerprint: Option<String>,
    #[serde(deserialize_with = "lenient::object")]
    pub wallet: Option<Wallet>,
    #[serde(deserialize_with = "lenient::object")]
    pub three_d_secure: Option<ThreeDSecure>,
    #[serde(deserialize_with = "lenient::object")]
    pub checks: Option<CardChecks>,
    pub network_transaction_id: Option<String>,
}

/// The wallet that held the card.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct Wallet {
    #[serde(rename = "type")]
    pub kind: Option<String>,
}

/// How the cardholder was authenticated.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct ThreeDSecure {
    pub result: Option<String>,
    pub version: Option<String>,
    pub authentication_flow: Option<String>,
}

/// What the issuer compared.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct CardChecks {
    pub address_line1_check: Option<String>,
    pub address_postal_code_check: Option<String>,
    pub cvc_check: Option<String>,
}

/// The bank behind a method that is not a card.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct BankDetails {
    /// The bank's name, where the type has one.
    pub bank_name: Option<String>,
    /// The bank as a code word, as iDEAL, EPS and P24 give it.
    pub bank: Option<String>,
    pub country: Option<String>,
}

struct ByType;

impl<'de> Visitor<'de> for ByType {
    type Value = PaymentMethodDetails;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the details of a payment method")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut details = PaymentMethodDetails::default();
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "type" => details.kind = map.next_value()?,
                "card" | "card_present" | "interac_present" => {
                    let Maybe(card) = map.next_value()?;
                    details.card = details.card.or(card);
                }
                // The type's own object; whatever else may be added is not an object with a bank.
                _ if details.bank.is_none() => {
                    let Maybe(bank) = map.next_value()?;
                    details.bank = bank.filter(|bank| *bank != BankDetails::default());
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(details)
    }
}

struct Maybe<T>(Option<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Maybe<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        lenient::object(deserializer).map(Self)
    }
}

impl<'de> Deserialize<'de> for PaymentMethodDetails {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ByType)
    }
}
