//! The rows as other modules see them, so that only `storage` knows the entities.

pub use entity::{
    api_token::Model as TokenRow,
    audit_entry::Model as AuditRow,
    balance_transaction::Model as BalanceTransactionRow,
    connection::{
        AuthMethod, Model as ConnectionRow, OAuthKind, Status as ConnectionStatus,
        StatusReason as ConnectionStatusReason,
    },
    dispute::Model as DisputeRow,
    import::{Model as ImportRow, Status as ImportStatus, Trigger as ImportTrigger},
    import_window::{Model as WindowRow, State as WindowState},
    payment::{Model as PaymentRow, Status as PaymentStatus},
    quarantined_object::Model as QuarantinedRow,
    refund::Model as RefundRow,
    stripe_object::Model as StripeObjectRow,
    workspace::Model as WorkspaceRow,
};
