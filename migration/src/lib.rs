//! Inlet's migrations, in order, for SQLite and PostgreSQL alike; each has its way back.

pub use sea_orm_migration::{MigrationTrait, MigratorTrait};

mod m20261123_000001_workspaces_and_tokens;
mod m20261123_000002_connections;
mod m20261123_000003_imports;
mod m20261123_000004_payments;
mod m20261123_000005_payment_parts;
mod m20261123_000006_stripe_objects;
mod m20261126_000007_oauth;
mod m20261126_000008_webhook_endpoints;
mod m20261126_000009_inbox;
mod m20261126_000010_stripe_reads;
mod m20261126_000011_references;
mod m20261126_000012_payouts;
mod m20261126_000013_window_notes;
mod m20261126_000014_payment_rollups;
mod m20261126_000015_progress;
mod m20261126_000016_idempotency;
mod m20261126_000017_notifications;
mod m20261126_000018_exports;
mod m20261126_000019_token_rotation;

/// Every migration, oldest first.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261123_000001_workspaces_and_tokens::Migration),
            Box::new(m20261123_000002_connections::Migration),
            Box::new(m20261123_000003_imports::Migration),
            Box::new(m20261123_000004_payments::Migration),
            Box::new(m20261123_000005_payment_parts::Migration),
            Box::new(m20261123_000006_stripe_objects::Migration),
            Box::new(m20261126_000007_oauth::Migration),
            Box::new(m20261126_000008_webhook_endpoints::Migration),
            Box::new(m20261126_000009_inbox::Migration),
            Box::new(m20261126_000010_stripe_reads::Migration),
            Box::new(m20261126_000011_references::Migration),
            Box::new(m20261126_000012_payouts::Migration),
            Box::new(m20261126_000013_window_notes::Migration),
            Box::new(m20261126_000014_payment_rollups::Migration),
            Box::new(m20261126_000015_progress::Migration),
            Box::new(m20261126_000016_idempotency::Migration),
            Box::new(m20261126_000017_notifications::Migration),
            Box::new(m20261126_000018_exports::Migration),
            Box::new(m20261126_000019_token_rotation::Migration),
        ]
    }
}
