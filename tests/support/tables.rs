//! The database of a test, read beside the gateway.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use sandbox::Ledger;
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement,
};

/// A connection of its own to a test's database.
pub struct Tables(pub DatabaseConnection);

impl Tables {
    /// Opens the database of this URL.
    pub async fn open(url: &str) -> Self {
        let mut options = ConnectOptions::new(url);
        // SQLite's `BEGIN` and what follows it must go over one connection.
        let connections = if url.starts_with("sqlite:") { 1 } else { 3 };
        options.max_connections(connections).sqlx_logging(false);
        Self(
            Box::pin(Database::connect(options))
                .await
                .expect("a database that answers"),
        )
    }

    /// Closes it. A pool sometimes waits for its own end for ever: it is left to itself then.
    pub async fn close(self) {
        let _ = tokio::time::timeout(Duration::from_secs(5), self.0.close()).await;
    }

    /// The first column of a query's rows, as text.
    pub async fn texts(&self, sql: &str) -> Vec<String> {
        let statement = Statement::from_string(self.0.get_database_backend(), sql);
        let rows = self
            .0
            .query_all_raw(statement)
            .await
            .expect("a database that answers");
        rows.iter()
            .map(|row| row.try_get_by_index(0).expect("a database that answers"))
            .collect()
    }

    /// The Stripe ids in a table; an id that is there twice fails the test.
    pub async fn ids(&self, table: &str) -> BTreeSet<String> {
        let all = self.texts(&format!("SELECT stripe_id FROM {table}")).await;
        let ids: BTreeSet<_> = all.iter().cloned().collect();
        assert_eq!(ids.len(), all.len(), "{table} holds an object twice");
        ids
    }

    /// How many rows a table has.
    pub async fn count(&self, table: &str) -> usize {
        self.texts(&format!("SELECT '' || count(*) FROM {table}"))
            .await[0]
            .parse()
            .expect("a database that answers")
    }

    /// The names of all tables, in order.
    pub async fn names(&self) -> Vec<String> {
        let mut names = match self.0.get_database_backend() {
            DbBackend::Postgres => {
                self.texts("SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public'")
                    .await
            }
            _ => {
                self.texts("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
                    .await
            }
        };
        names.sort();
        names
    }

    /// The columns of a table, in their order.
    pub async fn columns(&self, table: &str) -> Vec<String> {
        let sql = match self.0.get_database_backend() {
            DbBackend::Postgres => format!(
                "SELECT column_name::text FROM information_schema.columns \
                 WHERE table_schema = 'public' AND table_name = '{table}' ORDER BY ordinal_position"
            ),
            _ => format!("SELECT name FROM pragma_table_info('{table}') ORDER BY cid"),
        };
        self.texts(&sql).await
    }

    /// The rows of a table as sorted text, without some of its columns.
    pub async fn rows(&self, table: &str, without: &[&str]) -> Vec<String> {
        let postgres = self.0.get_database_backend() == DbBackend::Postgres;
        let columns = self.columns(table).await;
        let shown = columns
            .iter()
            .filter(|name| !without.contains(&name.as_str()))
            .map(|name| {
                if postgres {
                    format!("coalesce(\"{name}\"::text, 'NULL')")
                } else {
                    format!("quote(\"{name}\")")
                }
            });
        let shown = shown.collect::<Vec<_>>().join(" || '|' || ");
        let mut rows = self.texts(&format!("SELECT {shown} FROM {table}")).await;
        rows.sort();
        rows
    }

    /// Everything that the database holds, as text.
    pub async fn everything(&self) -> String {
        let mut all = String::new();
        for table in self.names().await {
            for row in self.rows(&table, &[]).await {
                all.push_str(&row);
                all.push('\n');
            }
        }
        all
    }
}

/// The database of this URL holds exactly the objects of one account, each once.
pub async fn assert_exactly_the_ledger(url: &str, ledger: &Ledger) {
    assert_payments_of_the_ledger(url, ledger).await;
    let tables = Tables::open(url).await;
    let mut kept = others(ledger);
    kept.insert("balance".to_owned());
    // Which reports there are is no part of the books.
    let others = "stripe_objects WHERE kind NOT LIKE 'reporting.%'";
    same("other objects", &tables.ids(others).await, &kept);
    same(
        "balance transactions",
        &tables.ids("balance_transactions").await,
        &ledger.balance_transaction_ids,
    );
    tables.close().await;
}

/// The ids of all objects of an account that have no table of their own, but the balance, which has no id.
fn others(ledger: &Ledger) -> BTreeSet<String> {
    let resources = [
        &ledger.payment_intent_ids,
        &ledger.transfer_ids,
        &ledger.file_ids,
        &ledger.payment_method_ids,
        &ledger.payout_ids,
        &ledger.product_ids,
        &ledger.setup_intent_ids,
        &ledger.source_ids,
        &ledger.token_ids,
        &ledger.credit_note_ids,
        &ledger.subscription_ids,
    ];
    resources.into_iter().flatten().cloned().collect()
}

/// How many objects of each resource an import of everything imports.
#[must_use]
pub fn imported_objects(ledger: &Ledger) -> BTreeMap<&'static str, usize> {
    BTreeMap::from([
        ("CHARGES", ledger.charge_ids.len()),
        ("REFUNDS", ledger.refund_ids.len()),
        ("DISPUTES", ledger.dispute_ids.len()),
        ("PAYMENT_INTENTS", ledger.payment_intent_ids.len()),
        ("BALANCE", 1),
        ("BALANCE_TRANSACTIONS", ledger.balance_transaction_ids.len()),
        ("TRANSFERS", ledger.transfer_ids.len()),
        ("EVENTS", 0),
        ("FILES", ledger.file_ids.len()),
        ("PAYMENT_METHODS", ledger.payment_method_ids.len()),
        ("PAYOUTS", ledger.payout_ids.len()),
        ("PRODUCTS", ledger.product_ids.len()),
        ("SETUP_INTENTS", ledger.setup_intent_ids.len()),
        ("SOURCES", ledger.source_ids.len()),
        ("TOKENS", ledger.token_ids.len()),
        ("CREDIT_NOTES", ledger.credit_note_ids.len()),
        ("SUBSCRIPTIONS", ledger.subscription_ids.len()),
        ("TERMINAL_SKUS", 0),
        // Test mode has none of the ledger.
        ("FINANCIAL_REPORTS", 0),
    ])
}

/// The database of this URL holds exactly the payments of one account with their refunds and disputes, each once.
pub async fn assert_payments_of_the_ledger(url: &str, ledger: &Ledger) {
    let tables = Tables::open(url).await;
    same(
        "payments",
        &tables.ids("payments").await,
        &ledger.charge_ids,
    );
    same("refunds", &tables.ids("refunds").await, &ledger.refund_ids);
    same(
        "disputes",
        &tables.ids("disputes").await,
        &ledger.dispute_ids,
    );
    tables.close().await;
}

fn same(what: &str, stored: &BTreeSet<String>, truth: &BTreeSet<String>) {
    let missing: Vec<_> = truth.difference(stored).take(5).collect();
    let invented: Vec<_> = stored.difference(truth).take(5).collect();
    assert!(
        missing.is_empty() && invented.is_empty(),
        "{what}: {} stored of {}; missing {missing:?}, invented {invented:?}",
        stored.len(),
        truth.len()
    );
}
