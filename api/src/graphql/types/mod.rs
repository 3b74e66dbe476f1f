//! The types of the contract, each over the row or the value of the domain that it shows.

mod card_details;
mod connection_enums;
mod data_connection;
mod data_health;
mod dispute;
mod domain_error;
mod import;
mod import_progress;
mod lists;
mod money;
mod node;
mod notification_delivery;
mod notification_endpoint;
mod payment;
mod payment_dimension;
mod payment_export;
mod payment_filter;
mod payment_order;
mod payment_outcome;
mod payment_stats;
mod permission;
mod refund;
mod resource;
mod stripe_account;
mod stripe_reads;
mod token;
mod viewer;
mod webhook;

pub(super) use connection_enums::DataConnectionStatus;
pub(super) use data_connection::DataConnection;
pub(super) use domain_error::{
    AccountAlreadyConnectedError, DomainError, ImportInProgressError, InvalidApiKeyError,
    InvalidInputError, LimitReachedError, MissingPermissionsError, NotFoundError,
    StripeUnavailableError, WebhookAlreadyExistsError,
};
pub(super) use import::Import;
pub(super) use import_progress::ImportProgress;
pub(super) use lists::{DataConnectionConnection, PaymentConnection, PaymentExportConnection};
pub(super) use node::Node;
pub(super) use notification_delivery::{NotificationDelivery, NotificationDeliveryState};
pub(super) use notification_endpoint::{NotificationEndpoint, NotificationEventType};
pub(super) use payment::Payment;
pub(super) use payment_dimension::PaymentDimension;
pub(super) use payment_export::{ExportFormat, PaymentExport};
pub(super) use payment_filter::{DateTimeRange, PaymentFilter};
pub(super) use payment_order::PaymentOrder;
pub(super) use payment_stats::{PaymentStats, TimeInterval};
pub(super) use permission::{PermissionGrant, StripePermission};
pub(super) use refund::Refund;
pub(super) use resource::StripeResource;
pub(super) use stripe_account::StripeAccount;
pub(super) use token::{ApiToken, Scope};
pub(super) use viewer::Viewer;
pub(super) use webhook::{ConflictingEndpoint, Webhook};
