//! Ways to pay other than by card.

use serde::ser::{Serialize, SerializeMap as _, Serializer};
use serde_json::{Value, json};

use super::Dice;
use super::card::CardDetails;

/// Stripe's `payment_method_details`: a type, and the details under its name.
#[derive(Clone, Debug)]
pub(super) enum Method {
    Card(Box<CardDetails>),
    Other(&'static str, Value),
}

impl Method {
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Card(_) => "card",
            Self::Other(kind, _) => kind,
        }
    }

    pub(super) fn is_card(&self) -> bool {
        matches!(self, Self::Card(_))
    }

    /// The brand of a card.
    pub(super) fn brand(&self) -> Option<&'static str> {
        match self {
            Self::Card(details) => Some(details.brand),
            Self::Other(..) => None,
        }
    }

    /// Whether the money comes days later and may go back.
    pub(super) fn is_debit(&self) -> bool {
        matches!(self.kind(), "us_bank_account" | "sepa_debit" | "bacs_debit")
    }
}

impl Serialize for Method {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        match self {
            Self::Card(details) => map.serialize_entry("card", details)?,
            Self::Other(kind, details) => map.serialize_entry(kind, details)?,
        }
        map.serialize_entry("type", self.kind())?;
        map.end()
    }
}

/// A way to pay that is usual in this currency; none for a card.
pub(super) fn other_method(dice: &mut Dice, currency: &str) -> Option<&'static str> {
    let choices: &[(u32, &str)] = match currency {
        "usd" => &[
            (80, ""),
            (9, "us_bank_account"),
            (3, "affirm"),
            (3, "cashapp"),
            (3, "link"),
            (2, "card_present"),
        ],
        "eur" => &[
            (66, ""),
            (12, "sepa_debit"),
            (9, "ideal"),
            (5, "klarna"),
            (4, "bancontact"),
            (4, "paypal"),
        ],
        "gbp" => &[(88, ""), (6, "bacs_debit"), (4, "klarna"), (2, "paypal")],
        "jpy" => &[(85, ""), (15, "konbini")],
        "brl" => &[(60, ""), (30, "pix"), (10, "boleto")],
        "mxn" => &[(80, ""), (20, "oxxo")],
        _ => &[(1, "")],
    };
    Some(dice.weighted(choices)).filter(|kind| !kind.is_empty())
}

/// The details of such a payment.
pub(super) fn details(dice: &mut Dice, kind: &'static str) -> Method {
    let (fingerprint, last4) = (dice.letters(16), dice.digits(4));
    let mandate = format!("mandate_{}", dice.letters(20));
    let transaction = dice.letters(17);
    let details = match kind {
        "us_bank_account" => json!({
            "account_holder_type": "individual", "account_type": "checking", "bank_name": "STRIPE TEST BANK",
            "fingerprint": fingerprint, "last4": last4, "mandate": mandate,
            "payment_reference": dice.digits(15), "routing_number": "110000000"
        }),
        "sepa_debit" => json!({
            "bank_code": "37040044", "branch_code": null, "country": "DE", "fingerprint": fingerprint,
            "last4": last4, "mandate": mandate
        }),
        "bacs_debit" => {
            json!({"fingerprint": fingerprint, "last4": last4, "mandate": mandate, "sort_code": "108800"})
        }
        "ideal" => ideal(dice, &last4, &transaction),
        "klarna" => json!({
            "payer_details": {"address": {"country": "DE"}}, "payment_method_category": "pay_later",
            "preferred_locale": "de-DE"
        }),
        "bancontact" => json!({
            "bank_code": "VAPE", "bank_name": "VAN DE PUT & CO", "bic": "VAPEBE22", "generated_sepa_debit": null,
            "generated_sepa_debit_mandate": null, "iban_last4": last4, "preferred_language": "nl",
            "verified_name": "Jenny Rosen"
        }),
        "paypal" => json!({
            "country": "FR", "payer_email": "payer@example.com", "payer_id": dice.letters(13),
            "payer_name": "Émile Dubois", "seller_protection": {"dispute_categories": null, "status": "not_eligible"},
            "transaction_id": transaction
        }),
        "affirm" => json!({"transaction_id": transaction}),
        "cashapp" => {
            json!({"buyer_id": dice.letters(12), "cashtag": "$jenny", "transaction_id": transaction})
        }
        "link" => json!({"country": "US"}),
        "konbini" => json!({"store": {"chain": dice.pick(&["lawson", "familymart", "seicomart"])}}),
        "pix" => json!({"bank_transaction_id": transaction, "fingerprint": fingerprint}),
        "boleto" => json!({"tax_id": "000.000.000-00"}),
        "oxxo" => json!({"number": dice.digits(14)}),
        "card_present" => card_present(dice, &fingerprint, &last4),
        _ => json!({}),
    };
    Method::Other(kind, details)
}

fn ideal(dice: &mut Dice, last4: &str, transaction: &str) -> Value {
    let (bank, bic) = dice.pick(&[
        ("ing", "INGBNL2A"),
        ("rabobank", "RABONL2U"),
        ("abn_amro", "ABNANL2A"),
    ]);
    json!({
        "bank": bank, "bic": bic, "generated_sepa_debit": null, "generated_sepa_debit_mandate": null,
        "iban_last4": last4, "transaction_id": transaction, "verified_name": "J. de Vries"
    })
}

fn card_present(dice: &mut Dice, fingerprint: &str, last4: &str) -> Value {
    json!({
        "amount_authorized": null, "brand": "visa", "brand_product": null, "cardholder_name": "ROSEN/JENNY",
        "country": "US", "emv_auth_data": null, "exp_month": 8, "exp_year": 2030, "fingerprint": fingerprint,
        "funding": "credit", "generated_card": null, "incremental_authorization_supported": false, "last4": last4,
        "network": "visa", "network_transaction_id": dice.digits(15), "offline": {"stored_at": null, "type": null},
        "overcapture_supported": false, "preferred_locales": ["en"], "read_method": "contactless_emv",
        "receipt": {"account_type": "credit", "application_preferred_name": "VISA CREDIT"}
    })
}
