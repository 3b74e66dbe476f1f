//! A payment as exports write it: in the words of the API, so that whoever reads one reads the other.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Serialize, Serializer};
use serde_json::Value as Json;

use crate::{
    domain::{money, payment::has_card},
    ids::{ConnectionId, PaymentId, node_id},
    storage::{DisputeRow, PaymentRow, PaymentStatus, ReadPayment, RefundRow},
};

/// What a line is made of.
#[derive(Clone, Copy, Debug)]
pub(super) struct Source<'a> {
    pub(super) payment: &'a ReadPayment,
    /// The name of its connection.
    pub(super) connection: &'a str,
    pub(super) refunds: &'a [RefundRow],
    /// Newest first.
    pub(super) disputes: &'a [DisputeRow],
}

/// The fields of the API's `Payment`, and what its refunds and disputes come to.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Line<'a> {
    id: String,
    connection: Connection<'a>,
    stripe_id: &'a str,
    payment_intent_id: Option<&'a str>,
    status: &'static str,
    amount: Money,
    amount_captured: Money,
    amount_refunded: Money,
    fee: Option<Money>,
    net: Option<Money>,
    exchange_rate: Option<&'a str>,
    created_at: Moment,
    updated_at: Moment,
    livemode: bool,
    customer_id: Option<&'a str>,
    customer_country: Option<String>,
    description: Option<&'a str>,
    statement_descriptor: Option<&'a str>,
    stored_credential: Option<&'a str>,
    method: Method<'a>,
    outcome: Option<Outcome<'a>>,
    refund_count: usize,
    disputed: bool,
    dispute_count: usize,
    disputed_amount: Option<Money>,
    dispute_status: Option<&'a str>,
    dispute_reason: Option<&'a str>,
    payout_id: Option<&'a str>,
    network_transaction_id: Option<&'a str>,
    metadata: &'a Json,
}

#[derive(Debug, Serialize)]
struct Connection<'a> {
    id: String,
    name: &'a str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Money {
    amount: String,
    minor_units: String,
    currency: String,
}

#[derive(Debug, Serialize)]
struct Method<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    card: Option<Card<'a>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Card<'a> {
    brand: Option<&'a str>,
    network: Option<&'a str>,
    last4: Option<&'a str>,
    bin: Option<&'a str>,
    issuer: Option<&'a str>,
    country: Option<String>,
    funding: Option<&'a str>,
    exp_month: Option<i32>,
    exp_year: Option<i32>,
    fingerprint: Option<&'a str>,
    wallet: Option<&'a str>,
    three_d_secure: Option<ThreeDSecure<'a>>,
    checks: Option<Checks<'a>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ThreeDSecure<'a> {
    result: Option<&'a str>,
    version: Option<&'a str>,
    authentication_flow: Option<&'a str>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Checks<'a> {
    address_line1: Option<&'a str>,
    postal_code: Option<&'a str>,
    cvc: Option<&'a str>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Outcome<'a> {
    network_status: Option<&'a str>,
    #[serde(rename = "type")]
    kind: Option<&'a str>,
    reason: Option<&'a str>,
    risk_level: Option<&'a str>,
    risk_score: Option<i32>,
    seller_message: Option<&'a str>,
    failure_code: Option<&'a str>,
    failure_message: Option<&'a str>,
    decline_code: Option<&'a str>,
    network_decline_code: Option<&'a str>,
    network_advice_code: Option<&'a str>,
}

/// A moment as the API writes it.
#[derive(Debug)]
struct Moment(DateTime<Utc>);

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.to_rfc3339_opts(SecondsFormat::AutoSi, true))
    }
}

impl<'a> Line<'a> {
    pub(super) fn of(source: Source<'a>) -> Self {
        let row = source.payment;
        let own = |minor| Money::of(minor, &row.currency);
        let settled =
            |minor: Option<i64>| Some(Money::of(minor?, row.settlement_currency.as_deref()?));
        let newest = source.disputes.first();
        Self {
            id: node_id(PaymentId(row.id)),
            connection: Connection {
                id: node_id(ConnectionId(row.connection_id)),
                name: source.connection,
            },
            stripe_id: &row.stripe_id,
            payment_intent_id: row.payment_intent_id.as_deref(),
            status: status(row.status),
            amount: own(row.amount_minor),
            amount_captured: own(row.amount_captured_minor),
            amount_refunded: own(row.amount_refunded_minor),
            fee: settled(row.fee_minor),
            net: settled(row.net_minor),
            exchange_rate: row.exchange_rate.as_deref(),
            created_at: Moment(row.created_at),
            updated_at: Moment(row.observed_at),
            livemode: row.livemode,
            customer_id: row.customer_id.as_deref(),
            customer_country: upper(row.customer_country.as_deref()),
            description: row.description.as_deref(),
            statement_descriptor: row.statement_descriptor.as_deref(),
            stored_credential: row.stored_credential.as_deref(),
            method: Method {
                kind: &row.method_type,
                card: has_card(row).then(|| card(row)),
            },
            outcome: row.has_outcome().then(|| outcome(row)),
            refund_count: source.refunds.len(),
            disputed: row.disputed,
            dispute_count: source.disputes.len(),
            disputed_amount: disputed(source.disputes),
            dispute_status: newest.map(|dispute| dispute.status.as_str()),
            dispute_reason: newest.map(|dispute| dispute.reason.as_str()),
            payout_id: row.payout_id.as_deref(),
            network_transaction_id: row.network_transaction_id.as_deref(),
            metadata: &row.metadata,
        }
    }
}

impl Money {
    fn of(minor: i64, currency: &str) -> Self {
        let money = money::Money {
            minor,
            currency: currency.to_owned(),
        };
        Self {
            amount: money.decimal(),
            minor_units: minor.to_string(),
            currency: currency.to_ascii_uppercase(),
        }
    }
}

fn status(status: PaymentStatus) -> &'static str {
    match status {
        PaymentStatus::Succeeded => "SUCCEEDED",
        PaymentStatus::Pending => "PENDING",
        PaymentStatus::Failed => "FAILED",
        PaymentStatus::RequiresCapture => "REQUIRES_CAPTURE",
        PaymentStatus::Canceled => "CANCELED",
    }
}

/// Codes of countries, as the API writes them.
fn upper(code: Option<&str>) -> Option<String> {
    code.map(str::to_ascii_uppercase)
}

/// What is disputed in the currency of the newest dispute: currencies are never added up.
fn disputed(disputes: &[DisputeRow]) -> Option<Money> {
    let currency = &disputes.first()?.currency;
    let same = disputes.iter().filter(|one| one.currency == *currency);
    let minor = same.fold(0_i64, |sum, one| sum.saturating_add(one.amount_minor));
    Some(Money::of(minor, currency))
}

fn card(row: &PaymentRow) -> Card<'_> {
    let secure = ThreeDSecure {
        result: row.three_d_secure_result.as_deref(),
        version: row.three_d_secure_version.as_deref(),
        authentication_flow: row.three_d_secure_flow.as_deref(),
    };
    let asked = [secure.result, secure.version, secure.authentication_flow];
    let checks = Checks {
        address_line1: row.check_address_line1.as_deref(),
        postal_code: row.check_postal_code.as_deref(),
        cvc: row.check_cvc.as_deref(),
    };
    let checked = [checks.address_line1, checks.postal_code, checks.cvc];
    Card {
        brand: row.card_brand.as_deref(),
        network: row.card_network.as_deref(),
        last4: row.card_last4.as_deref(),
        bin: row.card_bin.as_deref(),
        issuer: row.card_issuer.as_deref(),
        country: upper(row.card_country.as_deref()),
        funding: row.card_funding.as_deref(),
        exp_month: row.card_exp_month,
        exp_year: row.card_exp_year,
        fingerprint: row.card_fingerprint.as_deref(),
        wallet: row.card_wallet.as_deref(),
        three_d_secure: asked.iter().any(Option::is_some).then_some(secure),
        checks: checked.iter().any(Option::is_some).then_some(checks),
    }
}

fn outcome(row: &PaymentRow) -> Outcome<'_> {
    Outcome {
        network_status: row.outcome_network_status.as_deref(),
        kind: row.outcome_type.as_deref(),
        reason: row.outcome_reason.as_deref(),
        risk_level: row.risk_level.as_deref(),
        risk_score: row.risk_score,
        seller_message: row.outcome_seller_message.as_deref(),
        failure_code: row.failure_code.as_deref(),
        failure_message: row.failure_message.as_deref(),
        decline_code: row.decline_code.as_deref(),
        network_decline_code: row.network_decline_code.as_deref(),
        network_advice_code: row.network_advice_code.as_deref(),
    }
}
