//! Payment intents.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::buyer::Buyer;
use super::charge::Charge;

/// A payment intent.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Intent {
    pub(super) id: String,
    object: &'static str,
    amount: i64,
    pub(super) amount_capturable: i64,
    amount_details: Value,
    pub(super) amount_received: i64,
    application: Option<String>,
    application_fee_amount: Option<i64>,
    automatic_payment_methods: Value,
    pub(super) canceled_at: Option<i64>,
    pub(super) cancellation_reason: Option<&'static str>,
    pub(super) capture_method: &'static str,
    client_secret: String,
    confirmation_method: &'static str,
    pub(super) created: i64,
    currency: &'static str,
    customer: Option<String>,
    customer_account: Option<String>,
    pub(super) description: Option<String>,
    excluded_payment_method_types: Option<Vec<&'static str>>,
    pub(super) last_payment_error: Option<Value>,
    pub(super) latest_charge: Option<String>,
    livemode: bool,
    managed_payments: Option<Value>,
    pub(super) metadata: Map<String, Value>,
    pub(super) next_action: Option<Value>,
    on_behalf_of: Option<String>,
    pub(super) payment_method: Option<String>,
    payment_method_configuration_details: Option<Value>,
    payment_method_options: Value,
    pub(super) payment_method_types: Vec<&'static str>,
    processing: Option<Value>,
    receipt_email: Option<String>,
    review: Option<String>,
    setup_future_usage: Option<&'static str>,
    shipping: Option<Value>,
    source: Option<Value>,
    statement_descriptor: Option<String>,
    statement_descriptor_suffix: Option<String>,
    pub(super) status: &'static str,
    transfer_data: Option<Value>,
    transfer_group: Option<String>,
}

impl Intent {
    /// An intent that nobody has tried to pay yet.
    pub(super) fn new(
        id: String,
        amount: i64,
        created: i64,
        buyer: &Buyer,
        livemode: bool,
    ) -> Self {
        Self {
            client_secret: format!("{id}_secret_sandbox"),
            id,
            object: "payment_intent",
            amount,
            amount_capturable: 0,
            amount_details: json!({"tip": {}}),
            amount_received: 0,
            application: None,
            application_fee_amount: None,
            automatic_payment_methods: json!({"allow_redirects": "always", "enabled": true}),
            canceled_at: None,
            cancellation_reason: None,
            capture_method: "automatic_async",
            confirmation_method: "automatic",
            created,
            currency: buyer.currency.code,
            customer: buyer.customer.clone(),
            customer_account: None,
            description: None,
            excluded_payment_method_types: None,
            last_payment_error: None,
            latest_charge: None,
            livemode,
            managed_payments: None,
            metadata: Map::new(),
            next_action: None,
            on_behalf_of: None,
            payment_method: None,
            payment_method_configuration_details: None,
            payment_method_options: json!({}),
            payment_method_types: vec!["card"],
            processing: None,
            receipt_email: None,
            review: None,
            setup_future_usage: None,
            shipping: None,
            source: None,
            statement_descriptor: None,
            statement_descriptor_suffix: None,
            status: "requires_payment_method",
            transfer_data: None,
            transfer_group: None,
        }
    }

    /// Takes the state that its latest charge leaves it in.
    pub(super) fn follow(&mut self, charge: &Charge, buyer: &Buyer) {
        self.latest_charge = Some(charge.id.clone());
        self.description.clone_from(&charge.description);
        self.metadata.clone_from(&charge.metadata);
        self.payment_method_types = vec![charge.payment_method_details.kind()];
        self.payment_method.clone_from(&charge.payment_method);
        match (charge.status, charge.captured) {
            ("succeeded", true) => {
                self.status = "succeeded";
                self.amount_received = charge.amount_captured;
            }
            ("succeeded", false) if charge.refunded => {
                self.status = "canceled";
                self.capture_method = "manual";
                self.canceled_at = Some(charge.created + 7 * 86_400);
                self.cancellation_reason = Some("automatic");
            }
            ("succeeded", false) => {
                self.status = "requires_capture";
                self.capture_method = "manual";
                self.amount_capturable = charge.amount;
            }
            ("pending", _) => self.status = "processing",
            _ => {
                self.payment_method = None;
                self.last_payment_error = Some(last_error(charge, buyer));
            }
        }
    }
}

fn last_error(charge: &Charge, buyer: &Buyer) -> Value {
    let mut error = Map::new();
    let mut put = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            error.insert(key.to_owned(), value);
        }
    };
    put("charge", Some(charge.id.as_str().into()));
    put("code", charge.failure_code.map(Value::from));
    put("message", charge.failure_message.map(Value::from));
    put("type", Some("card_error".into()));
    if let Some(outcome) = &charge.outcome {
        put("decline_code", outcome.reason.map(Value::from));
        put("advice_code", outcome.advice_code.map(Value::from));
        put(
            "network_advice_code",
            outcome.network_advice_code.map(Value::from),
        );
        put(
            "network_decline_code",
            outcome.network_decline_code.map(Value::from),
        );
    }
    let kind = charge.payment_method_details.kind();
    let method = json!({
        "id": buyer.payment_method, "object": "payment_method", "allow_redisplay": "unspecified",
        "billing_details": buyer.billing, "created": charge.created, "customer": buyer.customer,
        "livemode": false, "metadata": {}, "type": kind
    });
    put("payment_method", Some(method));
    Value::Object(error)
}
