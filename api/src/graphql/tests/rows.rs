//! Rows as an import leaves them.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use uuid::Uuid;

use crate::storage::{
    AuditRow, AuthMethod, ConnectionRow, ConnectionStatus, DisputeRow, ImportRow, ImportStatus,
    ImportTrigger, PaymentRow, PaymentStatus, RefundRow, TokenRow, WindowRow, WindowState,
};

pub(super) fn start() -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000, 0).unwrap()
}

pub(super) fn connection(workspace: Uuid, id: Uuid, name: &str) -> ConnectionRow {
    ConnectionRow {
        id,
        workspace_id: workspace,
        name: name.to_owned(),
        name_key: name.to_lowercase(),
        auth_method: AuthMethod::ApiKey,
        livemode: false,
        status: ConnectionStatus::Active,
        status_reason: None,
        status_message: None,
        stripe_account_id: Some(format!("acct_{name}")),
        account_name: None,
        account_country: Some("DE".to_owned()),
        account_currency: Some("eur".to_owned()),
        api_key_hint: Some("abcd".to_owned()),
        credential_sealed: None,
        oauth_kind: None,
        access_expires_at: None,
        refresh_lease_until: None,
        granted_at: None,
        permissions: json!([]),
        synced_through: None,
        purge_requested_at: None,
        created_at: start(),
        updated_at: start(),
    }
}

pub(super) fn import(workspace: Uuid, connection: Uuid, id: Uuid) -> ImportRow {
    ImportRow {
        id,
        workspace_id: workspace,
        connection_id: connection,
        trigger: ImportTrigger::Connected,
        status: ImportStatus::Queued,
        from_at: None,
        to_at: start(),
        every_resource: true,
        sequence: 0,
        imported_payments: 0,
        imported_objects: 0,
        shown: None,
        trouble: None,
        failure_code: None,
        failure_message: None,
        failure_retryable: None,
        queued_at: start(),
        started_at: None,
        finished_at: None,
        updated_at: start(),
    }
}

pub(super) fn window(import: &ImportRow, id: Uuid) -> WindowRow {
    WindowRow {
        id,
        workspace_id: import.workspace_id,
        import_id: import.id,
        connection_id: import.connection_id,
        resource: "charges".to_owned(),
        rank: 0,
        state: WindowState::Pending,
        from_at: Some(start() - TimeDelta::days(1)),
        to_at: start(),
        cursor: None,
        covered_to: start(),
        imported_objects: 0,
        attempts: 0,
        run_at: start(),
        lease_owner: None,
        lease_until: None,
        fence: 0,
        note: None,
    }
}

pub(super) fn token(workspace: Uuid, id: Uuid) -> TokenRow {
    TokenRow {
        id,
        workspace_id: workspace,
        name: "tests".to_owned(),
        secret_hash: id.to_string(),
        hint: "inl_abcd…".to_owned(),
        scopes: json!(["PAYMENTS_READ"]),
        created_at: start(),
        expires_at: None,
        last_used_at: None,
        revoked_at: None,
        replaced_by: None,
    }
}

pub(super) fn audit(workspace: Uuid, id: Uuid) -> AuditRow {
    AuditRow {
        id,
        workspace_id: workspace,
        at: start(),
        action: "test".to_owned(),
        token_id: None,
        subject_id: workspace,
        detail: json!({}),
    }
}

/// A payment of so many cents, `age` seconds before the start.
pub(super) fn payment(connection: &ConnectionRow, id: Uuid, age: i64, cents: i64) -> PaymentRow {
    PaymentRow {
        id,
        workspace_id: connection.workspace_id,
        connection_id: connection.id,
        stripe_id: format!("ch_{age}"),
        payment_intent_id: None,
        status: if cents == 0 {
            PaymentStatus::Failed
        } else {
            PaymentStatus::Succeeded
        },
        livemode: false,
        created_at: start() - TimeDelta::seconds(age),
        observed_at: start(),
        currency: "eur".to_owned(),
        amount_minor: cents,
        amount_thousandths: cents * 10,
        amount_captured_minor: cents,
        amount_refunded_minor: 0,
        disputed: false,
        balance_transaction_id: None,
        settlement_currency: Some("jpy".to_owned()),
        fee_minor: Some(30),
        net_minor: None,
        exchange_rate: None,
        payout_id: None,
        customer_id: None,
        customer_country: None,
        customer_postal_code: None,
        description: Some("é\u{202e}".to_owned()),
        statement_descriptor: None,
        stored_credential: None,
        metadata: json!({ "order": "42" }),
        method_type: "card".to_owned(),
        card_brand: Some("visa".to_owned()),
        card_network: None,
        card_last4: Some("4242".to_owned()),
        card_bin: None,
        card_issuer: None,
        card_country: Some("US".to_owned()),
        card_funding: None,
        card_exp_month: None,
        card_exp_year: None,
        card_fingerprint: None,
        card_wallet: None,
        three_d_secure_result: None,
        three_d_secure_version: None,
        three_d_secure_flow: None,
        check_address_line1: None,
        check_postal_code: None,
        check_cvc: None,
        network_transaction_id: None,
        outcome_network_status: None,
        outcome_type: None,
        outcome_reason: None,
        outcome_seller_message: None,
        risk_level: None,
        risk_score: None,
        failure_code: None,
        failure_message: None,
        decline_code: None,
        network_decline_code: None,
        network_advice_code: None,
    }
}

pub(super) fn refund(payment: &PaymentRow, id: Uuid, age: i64) -> RefundRow {
    RefundRow {
        id,
        workspace_id: payment.workspace_id,
        connection_id: payment.connection_id,
        stripe_id: format!("re_{age}"),
        payment_id: Some(payment.id),
        status: "succeeded".to_owned(),
        currency: payment.currency.clone(),
        amount_minor: 100,
        reason: None,
        failure_reason: None,
        balance_transaction_id: None,
        created_at: start() - TimeDelta::seconds(age),
        observed_at: start(),
    }
}

pub(super) fn dispute(payment: &PaymentRow, id: Uuid) -> DisputeRow {
    DisputeRow {
        id,
        workspace_id: payment.workspace_id,
        connection_id: payment.connection_id,
        stripe_id: "dp_1".to_owned(),
        payment_id: Some(payment.id),
        status: "won".to_owned(),
        currency: payment.currency.clone(),
        amount_minor: 100,
        reason: "fraudulent".to_owned(),
        network_reason_code: None,
        evidence_due_by: None,
        created_at: start(),
        observed_at: start(),
    }
}
