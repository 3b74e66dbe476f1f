//! Exports of payments: what is to be written into a file, and how far that is.

use sea_orm::entity::prelude::*;

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum Format {
    /// A JSON object a line.
    #[sea_orm(string_value = "jsonl")]
    Jsonl,
    /// RFC 4180.
    #[sea_orm(string_value = "csv")]
    Csv,
}

/// Where an export stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum State {
    #[sea_orm(string_value = "queued")]
    Queued,
    #[sea_orm(string_value = "running")]
    Running,
    /// The file is whole.
    #[sea_orm(string_value = "ready")]
    Ready,
    #[sea_orm(string_value = "failed")]
    Failed,
    #[sea_orm(string_value = "canceled")]
    Canceled,
    /// The file was there, and is not kept any longer.
    #[sea_orm(string_value = "expired")]
    Expired,
}

/// A row of `payment_exports`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "payment_exports")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub workspace_id: Uuid,
    pub format: Format,
    /// Which payments.
    pub search: Json,
    pub state: State,
    /// Rises with each change.
    pub sequence: i64,
    /// Payments in the file.
    pub written_rows: i64,
    /// Payments that the search found at the beginning; none where they were not counted.
    pub expected_rows: Option<i64>,
    /// Bytes of the file.
    pub written_bytes: i64,
    /// Bytes of the file's chunks, compressed.
    pub stored_bytes: i64,
    /// CRC-32 of the file so far.
    pub checksum: i64,
    /// How many chunks are stored.
    pub chunks: i32,
    /// Creation of the last payment in the file.
    pub position_at: Option<DateTimeUtc>,
    /// The last payment in the file.
    pub position_id: Option<Uuid>,
    /// Why it was given up, in plain words.
    pub failure: Option<String>,
    pub created_at: DateTimeUtc,
    pub started_at: Option<DateTimeUtc>,
    pub finished_at: Option<DateTimeUtc>,
    /// When the file goes.
    pub expires_at: Option<DateTimeUtc>,
    /// Not worked on before.
    pub run_at: DateTimeUtc,
    pub attempts: i32,
    pub lease_until: Option<DateTimeUtc>,
    /// Rises with each claim.
    pub fence: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
