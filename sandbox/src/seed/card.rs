//! Cards and what a charge tells of them.

use serde::Serialize;
use serde_json::{Value, json};

use super::Dice;

/// A card as its owner keeps it.
#[derive(Clone, Debug)]
pub(super) struct Card {
    pub(super) brand: &'static str,
    pub(super) network: &'static str,
    pub(super) funding: &'static str,
    pub(super) country: &'static str,
    pub(super) last4: String,
    pub(super) exp_month: i64,
    pub(super) exp_year: i64,
    pub(super) fingerprint: String,
    /// BIN and bank, where Stripe shows them.
    bank: Option<(String, &'static str)>,
}

/// What a charge tells of its card.
#[derive(Clone, Debug, Serialize)]
pub(super) struct CardDetails {
    pub(super) amount_authorized: Option<i64>,
    authorization_code: Option<String>,
    pub(super) brand: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    capture_before: Option<i64>,
    checks: Value,
    country: &'static str,
    exp_month: i64,
    exp_year: i64,
    extended_authorization: Value,
    fingerprint: String,
    funding: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    iin: Option<String>,
    incremental_authorization: Value,
    installments: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    issuer: Option<&'static str>,
    last4: String,
    mandate: Option<String>,
    multicapture: Value,
    network: &'static str,
    network_token: Value,
    network_transaction_id: Option<String>,
    overcapture: Value,
    regulated_status: &'static str,
    three_d_secure: Option<Value>,
    transaction_link_id: Option<String>,
    wallet: Option<Value>,
}

/// Weight, brand, network, first digits, length of `last4` aside.
const BRANDS: [(u32, (&str, &str, &str)); 11] = [
    (44, ("visa", "visa", "424242")),
    (28, ("mastercard", "mastercard", "555555")),
    (10, ("amex", "amex", "378282")),
    (5, ("discover", "discover", "601111")),
    (3, ("jcb", "jcb", "356600")),
    (2, ("diners", "diners", "305693")),
    (2, ("unionpay", "unionpay", "620000")),
    (3, ("cartes_bancaires", "cartes_bancaires", "497010")),
    (1, ("visa", "cartes_bancaires", "497355")),
    (1, ("eftpos_au", "eftpos_au", "513003")),
    (1, ("unknown", "unknown", "999999")),
];

const BANKS: [&str; 6] = [
    "Example Bank N.A.",
    "Banque d'Exemple",
    "みほん銀行",
    "Musterbank AG",
    "Banco Ejemplo",
    "بنك المثال",
];

impl Card {
    pub(super) fn new(dice: &mut Dice, country: &'static str, has_bank_names: bool) -> Self {
        let (brand, network, bin) = dice.weighted(&BRANDS);
        let shows_bank = has_bank_names || dice.chance(0.03);
        let length = if dice.chance(0.3) { 8 } else { 6 };
        let bin = format!("{bin}{}", dice.digits(2));
        Self {
            brand,
            network,
            funding: dice.weighted(&[
                (55, "credit"),
                (35, "debit"),
                (8, "prepaid"),
                (2, "unknown"),
            ]),
            country,
            last4: dice.digits(4),
            exp_month: dice.between(1..=12),
            exp_year: dice.between(2026..=2033),
            fingerprint: dice.letters(16),
            bank: shows_bank.then(|| (bin[..length].to_owned(), *dice.pick(&BANKS))),
        }
    }

    /// Writes what Stripe tells of a stored card into an object.
    pub(super) fn describe(&self, into: &mut Value) {
        into["brand"] = self.brand.into();
        into["country"] = self.country.into();
        into["exp_month"] = self.exp_month.into();
        into["exp_year"] = self.exp_year.into();
        into["fingerprint"] = self.fingerprint.clone().into();
        into["funding"] = self.funding.into();
        into["last4"] = self.last4.clone().into();
        if let Some((iin, issuer)) = &self.bank {
            into["iin"] = iin.clone().into();
            into["issuer"] = (*issuer).into();
        }
    }

    /// What a charge of this amount tells; `authorized` is false for declined ones.
    pub(super) fn details(&self, dice: &mut Dice, amount: i64, authorized: bool) -> CardDetails {
        let check = |dice: &mut Dice| {
            dice.weighted(&[
                (80, "pass"),
                (5, "fail"),
                (10, "unavailable"),
                (5, "unchecked"),
            ])
        };
        let checks = json!({
            "address_line1_check": check(dice), "address_postal_code_check": check(dice), "cvc_check": check(dice)
        });
        CardDetails {
            amount_authorized: authorized.then_some(amount),
            authorization_code: authorized.then(|| dice.digits(6)),
            brand: self.brand,
            capture_before: None,
            checks,
            country: self.country,
            exp_month: self.exp_month,
            exp_year: self.exp_year,
            extended_authorization: json!({"status": "disabled"}),
            fingerprint: self.fingerprint.clone(),
            funding: self.funding,
            iin: self.bank.as_ref().map(|(iin, _)| iin.clone()),
            incremental_authorization: json!({"status": "unavailable"}),
            installments: self.installments(dice),
            issuer: self.bank.as_ref().map(|(_, issuer)| *issuer),
            last4: self.last4.clone(),
            mandate: None,
            multicapture: json!({"status": "unavailable"}),
            network: self.network,
            network_token: json!({"used": dice.chance(0.3)}),
            network_transaction_id: authorized.then(|| dice.digits(15)),
            overcapture: json!({"maximum_amount_capturable": amount, "status": "unavailable"}),
            regulated_status: if self.funding == "debit" {
                "regulated"
            } else {
                "unregulated"
            },
            three_d_secure: dice.chance(0.25).then(|| three_d_secure(dice)),
            transaction_link_id: None,
            wallet: dice.chance(0.25).then(|| wallet(dice)),
        }
    }

    fn installments(&self, dice: &mut Dice) -> Option<Value> {
        let is_offered = matches!(self.country, "MX" | "JP") && dice.chance(0.3);
        is_offered
            .then(|| json!({"plan": {"count": 3, "interval": "month", "type": "fixed_count"}}))
    }
}

impl CardDetails {
    /// Marks an authorisation that waits for its capture until then.
    pub(super) fn capture_before(mut self, until: i64) -> Self {
        self.capture_before = Some(until);
        self
    }
}

fn wallet(dice: &mut Dice) -> Value {
    let kind = dice.weighted(&[
        (50, "apple_pay"),
        (30, "google_pay"),
        (18, "link"),
        (2, "samsung_pay"),
    ]);
    let dynamic_last4 = (kind != "link").then(|| dice.digits(4));
    json!({ (kind): {}, "dynamic_last4": dynamic_last4, "type": kind })
}

fn three_d_secure(dice: &mut Dice) -> Value {
    let result = dice.weighted(&[
        (80, "authenticated"),
        (12, "attempt_acknowledged"),
        (5, "exempted"),
        (3, "failed"),
    ]);
    let flow = dice.weighted(&[(60, "frictionless"), (40, "challenge")]);
    json!({
        "authentication_flow": flow,
        "electronic_commerce_indicator": if result == "authenticated" { "05" } else { "06" },
        "exemption_indicator": (result == "exempted").then_some("low_risk"),
        "result": result,
        "result_reason": (result == "failed").then_some("rejected"),
        "transaction_id": format!("{}-0000-4000-8000-000000000000", dice.digits(8)),
        "version": dice.pick(&["2.1.0", "2.2.0", "2.3.1"])
    })
}
