//! Webhook endpoints that Inlet keeps at Stripe: each generation of a connection's endpoint is a row.

use sea_orm::entity::prelude::*;

/// Where a generation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum State {
    /// It is being made at Stripe.
    #[sea_orm(string_value = "creating")]
    Creating,
    /// The connection's webhook as it is now, be it missing at Stripe.
    #[sea_orm(string_value = "live")]
    Live,
    /// Another took its place; what is still under way from it is accepted.
    #[sea_orm(string_value = "retiring")]
    Retiring,
    /// Nothing of it is left but this row.
    #[sea_orm(string_value = "gone")]
    Gone,
}

/// Why there is no endpoint at Stripe that does its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum Problem {
    /// The account had no room for another one.
    #[sea_orm(string_value = "limit")]
    Limit,
    /// Stripe does not send events to such an address.
    #[sea_orm(string_value = "url")]
    Url,
    /// Stripe did not say why.
    #[sea_orm(string_value = "refused")]
    Refused,
    /// It was removed at Stripe.
    #[sea_orm(string_value = "deleted")]
    Deleted,
    /// It was pointed elsewhere at Stripe.
    #[sea_orm(string_value = "moved")]
    Moved,
}

/// A row of `webhook_endpoints`. At most one of a connection is live, and at most one is being made.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook_endpoints")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub workspace_id: Uuid,
    pub connection_id: Uuid,
    pub state: State,
    pub url: String,
    /// None where there is no endpoint at Stripe.
    pub stripe_id: Option<String>,
    /// What Stripe signs with; none where there is nothing to accept.
    pub secret_sealed: Option<Vec<u8>>,
    /// The key of its creation: the same key brings the same endpoint and secret.
    pub idempotency_key: String,
    /// None where it sends the account's own version.
    pub api_version: Option<String>,
    pub problem: Option<Problem>,
    /// Switched off at Stripe when it was last looked at.
    pub disabled: bool,
    /// Event types that it does not send, a list of texts.
    pub missing_events: Json,
    /// Older endpoints that point at this gateway: id, URL, second of creation.
    pub conflicting: Json,
    /// What was removed at Stripe when it took its place, in the same form.
    pub removed: Json,
    /// When it was last switched on again.
    pub reenabled_at: Option<DateTimeUtc>,
    /// Set where nobody asked for it: it was made because the one before had vanished.
    pub remade_at: Option<DateTimeUtc>,
    pub retiring_until: Option<DateTimeUtc>,
    /// Who is making it, and until when nobody else does.
    pub lease_owner: Option<Uuid>,
    pub lease_until: Option<DateTimeUtc>,
    pub last_event_at: Option<DateTimeUtc>,
    /// When it was last looked at.
    pub checked_at: Option<DateTimeUtc>,
    /// When it is to be looked at next.
    pub check_at: DateTimeUtc,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
