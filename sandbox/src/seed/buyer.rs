//! Buyers: who they are, where they live and the card they keep.

use serde::Serialize;

use super::card::Card;
use super::ids::Ids;
use super::text::NAMES;
use super::{Currency, Dice};

/// A buyer who may come again.
#[derive(Clone, Debug)]
pub(super) struct Buyer {
    /// `None` for guests.
    pub(super) customer: Option<String>,
    pub(super) currency: Currency,
    pub(super) card: Card,
    pub(super) payment_method: String,
    pub(super) billing: BillingDetails,
}

/// Stripe's `billing_details`, with everything personal in it.
#[derive(Clone, Debug, Serialize)]
pub(super) struct BillingDetails {
    pub(super) address: Address,
    pub(super) email: Option<String>,
    pub(super) name: Option<String>,
    phone: Option<String>,
    tax_id: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct Address {
    city: Option<&'static str>,
    pub(super) country: &'static str,
    line1: Option<String>,
    line2: Option<String>,
    postal_code: Option<String>,
    state: Option<&'static str>,
}

impl Buyer {
    pub(super) fn new(dice: &mut Dice, ids: &Ids, has_bank_names: bool) -> Self {
        let currency = Currency::any(dice);
        let country = if dice.chance(0.85) {
            currency.country
        } else {
            *dice.pick(&["US", "GB", "FR", "IN", "NL"])
        };
        Self {
            customer: dice
                .chance(0.7)
                .then(|| format!("cus_{}", dice.letters(14))),
            currency,
            card: Card::new(dice, country, has_bank_names),
            payment_method: ids.make(dice, "pm"),
            billing: BillingDetails::new(dice, country),
        }
    }
}

impl BillingDetails {
    fn new(dice: &mut Dice, country: &'static str) -> Self {
        let (name, mailbox) = *dice.pick(&NAMES);
        let (city, state) = city(country);
        let street = dice.chance(0.6);
        Self {
            address: Address {
                city: street.then_some(city),
                country,
                line1: street.then(|| format!("{} Example Street", dice.between(1..=999))),
                line2: None,
                postal_code: dice.chance(0.8).then(|| dice.digits(5)),
                state: if street { state } else { None },
            },
            email: dice.chance(0.9).then(|| format!("{mailbox}@example.com")),
            name: dice.chance(0.9).then(|| name.to_owned()),
            phone: dice.chance(0.2).then(|| format!("+1555{}", dice.digits(7))),
            tax_id: None,
        }
    }
}

fn city(country: &str) -> (&'static str, Option<&'static str>) {
    match country {
        "US" => ("San Francisco", Some("CA")),
        "DE" => ("Köln", None),
        "GB" => ("London", None),
        "CA" => ("Montréal", Some("QC")),
        "AU" => ("Sydney", Some("NSW")),
        "JP" => ("東京", None),
        "KR" => ("서울", None),
        "KW" => ("الكويت", None),
        "BR" => ("São Paulo", Some("SP")),
        _ => ("Springfield", None),
    }
}
