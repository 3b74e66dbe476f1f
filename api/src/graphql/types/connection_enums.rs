use async_graphql::Enum;

use crate::storage;

/// Who processes the payments of a data connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub(in crate::graphql) enum Processor {
    /// Stripe.
    Stripe,
}

/// How a data connection was let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "storage::AuthMethod")]
pub(in crate::graphql) enum AuthMethod {
    /// The merchant authorized the gateway on Stripe's own pages.
    #[graphql(name = "OAUTH")]
    OAuth,
    /// The merchant gave a restricted API key.
    ApiKey,
}

/// Whether a data connection works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "storage::ConnectionStatus")]
pub(in crate::graphql) enum DataConnectionStatus {
    /// Credentials work.
    Active,
    /// Something that a person must mend, named by statusReason: credentials refused or expired, a permission missing, a webhook conflict.
    ActionRequired,
    /// Disconnected here, or access revoked at Stripe. Imported data stays readable until deleted.
    Disconnected,
}

/// What a person must mend, or why a data connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "storage::ConnectionStatusReason")]
pub(in crate::graphql) enum DataConnectionStatusReason {
    /// Stripe does not accept the credentials.
    CredentialsInvalid,
    /// The credentials have expired.
    CredentialsExpired,
    /// The credentials lack a permission.
    PermissionsMissing,
    /// The merchant took the access back at Stripe.
    AccessRevoked,
    /// An older webhook on the Stripe account points at this gateway.
    WebhookConflict,
    /// Stripe has switched the webhook off.
    WebhookDisabled,
    /// There is no webhook at Stripe: it could not be made, or was removed.
    WebhookMissing,
    /// Somebody disconnected it here.
    DisconnectedByUser,
}
