//! Messages to partners, each to one endpoint: written in the transaction of what they tell, and sent after it.

use sea_orm::entity::prelude::*;

/// What a message tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum EventType {
    #[sea_orm(string_value = "import.completed")]
    ImportCompleted,
    #[sea_orm(string_value = "import.failed")]
    ImportFailed,
    #[sea_orm(string_value = "import.canceled")]
    ImportCanceled,
    #[sea_orm(string_value = "connection.action_required")]
    ConnectionActionRequired,
    #[sea_orm(string_value = "connection.recovered")]
    ConnectionRecovered,
    #[sea_orm(string_value = "connection.disconnected")]
    ConnectionDisconnected,
    #[sea_orm(string_value = "payments.changed")]
    PaymentsChanged,
    /// Sent on its owner's word alone.
    #[sea_orm(string_value = "notification.test")]
    NotificationTest,
}

impl EventType {
    /// Every type.
    pub fn all() -> impl Iterator<Item = Self> {
        <Self as sea_orm::Iterable>::iter()
    }

    /// As messages and the database have it.
    #[must_use]
    pub fn name(self) -> String {
        self.to_value()
    }
}

/// Where a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum State {
    /// It is to be sent, at once or again.
    #[sea_orm(string_value = "pending")]
    Pending,
    /// The endpoint took it.
    #[sea_orm(string_value = "delivered")]
    Delivered,
    /// It was given up.
    #[sea_orm(string_value = "failed")]
    Failed,
}

/// A row of `notification_deliveries`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "notification_deliveries")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub workspace_id: Uuid,
    pub endpoint_id: Uuid,
    /// None where it is about no connection.
    pub connection_id: Option<Uuid>,
    pub event_type: EventType,
    /// The message's `data`.
    pub data: Json,
    pub state: State,
    /// Attempts since it was last made to be sent: what the schedule goes by.
    pub tries: i32,
    /// The latest attempts, the oldest first.
    pub attempts: Json,
    /// When it is to be sent, where it is pending.
    pub run_at: DateTimeUtc,
    pub lease_owner: Option<Uuid>,
    pub lease_until: Option<DateTimeUtc>,
    /// Rises with each claim: a write that quotes an older one is refused.
    pub fence: i64,
    /// When what it tells happened.
    pub created_at: DateTimeUtc,
    pub settled_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
