//! Data connections: one Stripe account in one mode, under a name of the merchant's choice.

use sea_orm::entity::prelude::*;

/// How the account let us in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum AuthMethod {
    #[sea_orm(string_value = "oauth")]
    OAuth,
    #[sea_orm(string_value = "api_key")]
    ApiKey,
}

/// Which of Stripe's two ways of OAuth it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum OAuthKind {
    #[sea_orm(string_value = "connect")]
    Connect,
    #[sea_orm(string_value = "app")]
    App,
}

/// Whether the connection works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum Status {
    #[sea_orm(string_value = "active")]
    Active,
    #[sea_orm(string_value = "action_required")]
    ActionRequired,
    #[sea_orm(string_value = "disconnected")]
    Disconnected,
}

/// What a person must mend, or why the connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum StatusReason {
    #[sea_orm(string_value = "credentials_invalid")]
    CredentialsInvalid,
    #[sea_orm(string_value = "credentials_expired")]
    CredentialsExpired,
    #[sea_orm(string_value = "permissions_missing")]
    PermissionsMissing,
    #[sea_orm(string_value = "access_revoked")]
    AccessRevoked,
    #[sea_orm(string_value = "webhook_conflict")]
    WebhookConflict,
    #[sea_orm(string_value = "webhook_disabled")]
    WebhookDisabled,
    #[sea_orm(string_value = "webhook_missing")]
    WebhookMissing,
    #[sea_orm(string_value = "disconnected_by_user")]
    DisconnectedByUser,
}

/// A row of `connections`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "connections")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub workspace_id: Uuid,
    /// As the user wrote it, trimmed.
    pub name: String,
    /// The name without regard to case and compatibility forms; unique in the workspace.
    pub name_key: String,
    pub auth_method: AuthMethod,
    pub livemode: bool,
    pub status: Status,
    pub status_reason: Option<StatusReason>,
    pub status_message: Option<String>,
    /// Unknown where the key may not read its own account; unique in the workspace with the mode.
    pub stripe_account_id: Option<String>,
    pub account_name: Option<String>,
    pub account_country: Option<String>,
    pub account_currency: Option<String>,
    /// The last four characters of the restricted key.
    pub api_key_hint: Option<String>,
    /// The restricted key, or the tokens of an app; none once disconnected, and for Connect, which has no secret.
    pub credential_sealed: Option<Vec<u8>>,
    /// Set where the account let us in by OAuth.
    pub oauth_kind: Option<OAuthKind>,
    /// Until when an app's access token is good; none where it cannot be renewed any more.
    pub access_expires_at: Option<DateTimeUtc>,
    /// Until then somebody renews an app's access.
    pub refresh_lease_until: Option<DateTimeUtc>,
    /// When the account let us in the last time; unknown for older rows.
    pub granted_at: Option<DateTimeUtc>,
    /// The permission rows as they were found at the last check.
    pub permissions: Json,
    /// Everything that happened at Stripe until then is known here; events that were given up hold it back.
    pub synced_through: Option<DateTimeUtc>,
    /// Set while imported data is being deleted; whoever starts next goes on with it.
    pub purge_requested_at: Option<DateTimeUtc>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
