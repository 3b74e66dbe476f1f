//! The account itself.

use std::sync::{Mutex, RwLock};

use serde_json::{Value, json};

use super::{AccountSpec, Books, Idempotency, WebhookEndpoints};
use crate::event::EventLog;
use crate::lock::read;
use crate::reporting::Reports;
use crate::seed::{self, Maker};

/// An account and everything it holds.
pub(crate) struct Account {
    pub(crate) id: String,
    pub(crate) livemode: bool,
    pub(crate) readable: bool,
    country: String,
    currency: &'static str,
    pub(crate) display_name: String,
    pub(crate) created: i64,
    /// The version that its events are written in.
    pub(crate) api_version: String,
    pub(crate) maker: Mutex<Maker>,
    pub(crate) events: Mutex<EventLog>,
    pub(crate) books: RwLock<Books>,
    pub(crate) webhooks: Mutex<WebhookEndpoints>,
    pub(crate) reports: Mutex<Reports>,
    pub(crate) idempotency: Idempotency,
}

impl Account {
    /// Makes the account and seeds its history.
    pub(crate) fn seeded(id: String, spec: &AccountSpec) -> Self {
        Self {
            books: RwLock::new(seed::books(spec, &id)),
            livemode: spec.livemode,
            readable: spec.can_read_account,
            currency: seed::settlement_currency(&spec.country),
            country: spec.country.clone(),
            display_name: spec.display_name.clone(),
            created: spec.from.timestamp(),
            api_version: spec.api_version.clone(),
            maker: Mutex::new(Maker::new(spec, &id)),
            events: Mutex::default(),
            webhooks: Mutex::default(),
            reports: Mutex::default(),
            idempotency: Idempotency::default(),
            id,
        }
    }

    /// The body of `GET /v1/account`.
    pub(crate) fn profile(&self) -> Value {
        let open = json!({
            "alternatives": [], "current_deadline": null, "currently_due": [], "disabled_reason": null,
            "errors": [], "eventually_due": [], "past_due": [], "pending_verification": []
        });
        json!({
            "id": self.id,
            "object": "account",
            "business_profile": {"mcc": "5734", "name": self.display_name, "url": "https://shop.example.com"},
            "business_type": "company",
            "capabilities": {"card_payments": "active", "transfers": "active"},
            "charges_enabled": true,
            "controller": {"type": "account"},
            "country": self.country,
            "created": self.created,
            "default_currency": self.currency,
            "details_submitted": true,
            "email": "owner@example.com",
            "external_accounts": {
                "data": [], "has_more": false, "object": "list",
                "url": format!("/v1/accounts/{}/external_accounts", self.id)
            },
            "future_requirements": open,
            "metadata": {},
            "payouts_enabled": true,
            "requirements": open,
            "settings": self.settings(),
            "tos_acceptance": {"date": null, "ip": null, "user_agent": null},
            "type": "standard"
        })
    }

    fn settings(&self) -> Value {
        json!({
            "bacs_debit_payments": {"display_name": null, "service_user_number": null},
            "branding": {"icon": null, "logo": null, "primary_color": null, "secondary_color": null},
            "card_issuing": {"tos_acceptance": {"date": null, "ip": null}},
            "card_payments": {
                "decline_on": {"avs_failure": true, "cvc_failure": true},
                "statement_descriptor_prefix": null,
                "statement_descriptor_prefix_kana": null,
                "statement_descriptor_prefix_kanji": null
            },
            "dashboard": {"display_name": self.display_name, "timezone": "Etc/UTC"},
            "invoices": {"default_account_tax_ids": null, "hosted_payment_method_save": null},
            "payments": {
                "statement_descriptor": null, "statement_descriptor_kana": null,
                "statement_descriptor_kanji": null, "statement_descriptor_prefix_kana": null,
                "statement_descriptor_prefix_kanji": null
            },
            "payouts": {
                "debit_negative_balances": true,
                "schedule": {"delay_days": 2, "interval": "daily"},
                "statement_descriptor": null
            },
            "sepa_debit_payments": {}
        })
    }

    /// The body of `GET /v1/balance`.
    pub(crate) fn balance(&self) -> Value {
        let currency = self.currency;
        let (available, pending) = read(&self.books).balance;
        json!({
            "object": "balance",
            "available": [{"amount": available, "currency": currency, "source_types": {"card": available}}],
            "connect_reserved": [{"amount": 0, "currency": currency}],
            "livemode": self.livemode,
            "pending": [{"amount": pending, "currency": currency, "source_types": {"card": pending}}]
        })
    }
}
