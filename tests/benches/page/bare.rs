//! What the gateway is measured against: routes that run the same SQL over a pool as large, and write the same JSON.

use std::{net::SocketAddr, sync::Arc};

use api::ids::{PaymentId, node_id};
use axum::{
    Json, Router,
    extract::{Path, State},
    routing::get,
};
use chrono::{DateTime, SecondsFormat, Utc};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbErr, QueryResult, Statement,
    Value,
};
use serde::Serialize;
use tests::World;
use tokio::net::TcpListener;
use uuid::Uuid;

use crate::shop::Shop;

/// Connections of the pool, here and in the gateway.
pub(crate) const CONNECTIONS: u32 = 6;

const COLUMNS: &str =
    "id, stripe_id, payment_intent_id, status, livemode, created_at, amount_minor, currency,
    fee_minor, method_type, card_brand, card_issuer, decline_code";

/// Where a page begins: behind the payment of this time and id.
pub(crate) type Position = (DateTime<Utc>, Uuid);

/// The path of the page that begins there; without, of the first.
pub(crate) fn page(position: Option<Position>) -> String {
    match position {
        Some((at, id)) => format!("/page/{}/{id}", at.timestamp_micros()),
        None => "/page".to_owned(),
    }
}

/// The path of a payment.
pub(crate) fn one(id: Uuid) -> String {
    format!("/payment/{id}")
}

struct Bare {
    database: DatabaseConnection,
    workspace: Uuid,
}

/// Serves the routes until the process ends; their address.
pub(crate) async fn serve(world: &World, shop: Shop) -> SocketAddr {
    let mut options = ConnectOptions::new(world.database_url());
    options.max_connections(CONNECTIONS).sqlx_logging(false);
    let database = Box::pin(Database::connect(options))
        .await
        .expect("a database");
    let bare = Bare {
        database,
        workspace: shop.workspace.0,
    };
    let router = Router::new()
        .route("/page", get(read_first))
        .route("/page/{at}/{id}", get(read_page))
        .route("/payment/{id}", get(read_one))
        .with_state(Arc::new(bare));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

async fn read_first(State(bare): State<Arc<Bare>>) -> Json<Answer<Payments>> {
    read(&bare, None).await
}

async fn read_page(
    State(bare): State<Arc<Bare>>,
    Path((micros, id)): Path<(i64, Uuid)>,
) -> Json<Answer<Payments>> {
    let at = DateTime::from_timestamp_micros(micros).expect("a time");
    read(&bare, Some((at, id))).await
}

async fn read(bare: &Bare, position: Option<Position>) -> Json<Answer<Payments>> {
    let mut values: Vec<Value> = vec![bare.workspace.into()];
    let behind = if let Some((at, id)) = position {
        values.extend([at.into(), id.into()]);
        "AND (created_at, id) < ($2, $3)"
    } else {
        ""
    };
    let sql = format!(
        "SELECT {COLUMNS} FROM payments WHERE workspace_id = $1 {behind}
         ORDER BY created_at DESC, id DESC LIMIT 51"
    );
    let rows = rows(&bare.database, &sql, values).await.expect("rows");
    let nodes = rows
        .iter()
        .take(50)
        .map(|row| payment(row).expect("a payment"));
    let payments = Page {
        nodes: nodes.collect(),
        page_info: Place {
            has_next_page: rows.len() > 50,
        },
    };
    Json(Answer {
        data: Payments { payments },
    })
}

async fn read_one(State(bare): State<Arc<Bare>>, Path(id): Path<Uuid>) -> Json<Answer<One>> {
    let sql = format!("SELECT {COLUMNS} FROM payments WHERE workspace_id = $1 AND id = $2");
    let values = vec![bare.workspace.into(), id.into()];
    let rows = rows(&bare.database, &sql, values).await.expect("rows");
    Json(Answer {
        data: One {
            payment: payment(&rows[0]).expect("a payment"),
        },
    })
}

async fn rows(
    database: &DatabaseConnection,
    sql: &str,
    values: Vec<Value>,
) -> Result<Vec<QueryResult>, DbErr> {
    let backend = database.get_database_backend();
    database
        .query_all_raw(Statement::from_sql_and_values(backend, sql, values))
        .await
}

fn payment(row: &QueryResult) -> Result<Payment, DbErr> {
    let status: String = row.try_get_by_index(3)?;
    let created_at: DateTime<Utc> = row.try_get_by_index(5)?;
    let amount: i64 = row.try_get_by_index(6)?;
    let currency: String = row.try_get_by_index(7)?;
    let fee: Option<i64> = row.try_get_by_index(8)?;
    let decline_code: Option<String> = row.try_get_by_index(12)?;
    Ok(Payment {
        id: node_id(PaymentId(row.try_get_by_index(0)?)),
        stripe_id: row.try_get_by_index(1)?,
        intent_id: row.try_get_by_index(2)?,
        status: status.to_ascii_uppercase(),
        livemode: row.try_get_by_index(4)?,
        created_at: created_at.to_rfc3339_opts(SecondsFormat::AutoSi, true),
        amount: Money {
            minor_units: amount.to_string(),
            currency: currency.to_ascii_uppercase(),
        },
        fee: fee.map(|fee| Fee {
            minor_units: fee.to_string(),
        }),
        method: Method {
            kind: row.try_get_by_index(9)?,
            card: Card {
                brand: row.try_get_by_index(10)?,
                issuer: row.try_get_by_index(11)?,
            },
        },
        outcome: decline_code.map(|decline_code| Outcome { decline_code }),
    })
}

/// Declares what is written, in JSON's usual case.
macro_rules! written {
    ($($name:ident $(<$of:ident>)? { $($(#[$attribute:meta])* $field:ident: $type:ty),* $(,)? })+) => {$(
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct $name $(<$of>)? { $($(#[$attribute])* $field: $type),* }
    )+};
}

written! {
    Answer<T> { data: T }
    Payments { payments: Page }
    One { payment: Payment }
    Page { nodes: Vec<Payment>, page_info: Place }
    Place { has_next_page: bool }
    Payment {
        id: String,
        stripe_id: String,
        #[serde(rename = "paymentIntentId")]
        intent_id: Option<String>,
        status: String,
        livemode: bool,
        created_at: String,
        amount: Money,
        fee: Option<Fee>,
        method: Method,
        outcome: Option<Outcome>,
    }
    Money { minor_units: String, currency: String }
    Fee { minor_units: String }
    Method { #[serde(rename = "type")] kind: String, card: Card }
    Card { brand: Option<String>, issuer: Option<String> }
    Outcome { decline_code: String }
}
