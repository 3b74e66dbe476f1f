//! The shop that the events are of, and its deliveries, written out and signed before anything is measured.

use api::ids::{ConnectionId, WorkspaceId};
use sandbox::{AccountSpec, Resource};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tests::World;

use crate::load::Request;

/// A connected account.
pub(crate) struct Shop {
    pub(crate) workspace: WorkspaceId,
    pub(crate) connection: ConnectionId,
    secret: String,
    /// A charge of which nothing has to be fetched.
    charge: Value,
}

impl Shop {
    pub(crate) async fn connect(world: &World) -> Self {
        let (account, key) = world.account(AccountSpec::with_payments(1));
        world.connect("Shop", &key).await;
        let endpoint = world.stripe.webhook_endpoints(&account).remove(0);
        let url = endpoint["url"].as_str().unwrap_or_default();
        let (_, id) = url.rsplit_once('/').expect("a URL with a path");
        let connection = ConnectionId(id.parse().expect("a connection's id"));
        let secrets = world.server.app.gateway.webhook_secrets(connection).await;
        let secrets = secrets.expect("a database").expect("an endpoint");
        let ledger = world.stripe.ledger(&account);
        let charge = ledger.charge_ids.first().expect("a charge");
        let charge = world.stripe.object(&account, Resource::Charge, charge);
        let mut charge = charge.expect("a charge");
        charge["balance_transaction"] = Value::Null;
        Self {
            workspace: secrets.workspace,
            connection,
            secret: secrets.secrets[0].expose_secret().to_owned(),
            charge,
        }
    }

    pub(crate) fn path(&self) -> String {
        format!("/webhooks/stripe/{}", self.connection)
    }

    /// Deliveries of new charges, numbered, to a path; signed as of now.
    pub(crate) fn deliveries(
        &self,
        path: &str,
        numbers: std::ops::Range<usize>,
        now: i64,
    ) -> Vec<Request> {
        let delivery = |number| {
            let body = self.event(number, now);
            let signature = sandbox::sign(&self.secret, now, &body);
            let length = body.len();
            let head = format!(
                "POST {path} HTTP/1.1\r\nhost: inlet\r\ncontent-type: application/json\r\n\
                 stripe-signature: {signature}\r\ncontent-length: {length}\r\n\r\n"
            );
            Request::from(head + &body)
        };
        numbers.map(delivery).collect()
    }

    fn event(&self, number: usize, now: i64) -> String {
        let mut charge = self.charge.clone();
        charge["id"] = format!("ch_bench{number:08}").into();
        let event = json!({
            "id": format!("evt_bench{number:08}"), "object": "event", "type": "charge.succeeded",
            "created": now - 1, "livemode": false, "api_version": api::stripe::API_VERSION,
            "pending_webhooks": 1, "request": null, "data": { "object": charge },
        });
        event.to_string()
    }
}
