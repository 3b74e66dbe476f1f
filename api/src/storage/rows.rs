//! The rows as other modules see them, so that only `storage` knows the entities.

pub use entity::{
    api_token::Model as TokenRow,
    audit_entry::Model as AuditRow,
    balance_transaction::Model as BalanceTransactionRow,
    connection::{
        AuthMethod, Model as ConnectionRow, OAuthKind, Status as ConnectionStatus,
        StatusReason as ConnectionStatusReason,
    },
    connection_task::{Kind as TaskKind, Model as TaskRow},
    dispute::Model as DisputeRow,
    idempotency_key::Model as IdempotencyKeyRow,
    import::{Model as ImportRow, Status as ImportStatus, Trigger as ImportTrigger},
    import_window::{Model as WindowRow, State as WindowState},
    inbox_event::{Model as InboxEventRow, State as InboxEventState},
    notification_delivery::{
        EventType as NotificationType, Model as NotificationDeliveryRow,
        State as NotificationDeliveryState,
    },
    notification_endpoint::{
        DisabledReason, Model as NotificationEndpointRow, State as NotificationEndpointState,
    },
    payment::{Model as PaymentRow, Status as PaymentStatus},
    payment_export::{Format as ExportFormat, Model as ExportRow, State as ExportState},
    payout_link::Model as PayoutLinkRow,
    quarantined_object::Model as QuarantinedRow,
    reference::Model as ReferenceRow,
    refund::Model as RefundRow,
    stripe_object::Model as StripeObjectRow,
    webhook_endpoint::{
        Model as WebhookEndpointRow, Problem as WebhookProblem, State as WebhookEndpointState,
    },
    workspace::Model as WorkspaceRow,
};
