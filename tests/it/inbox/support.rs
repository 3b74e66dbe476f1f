//! What the tests of the inbox share.

use std::{collections::BTreeMap, time::Duration};

use reqwest::StatusCode;
use sandbox::{AccountSpec, AutoAnswer, Resource};
use serde_json::{Value, json};
use tests::{Tables, World};

use crate::oauth::browser::{Browser, platforms};

/// What has not come by now does not come.
const PATIENCE: Duration = Duration::from_mins(1);

/// A connected account.
#[derive(Clone)]
pub(crate) struct Live {
    /// The account at Stripe.
    pub(crate) account: String,
    /// Its connection, as clients see it.
    pub(crate) connection: String,
    /// The path that Stripe delivers to.
    pub(crate) path: String,
    /// What signs for it.
    pub(crate) secret: String,
}

/// Connects an account with some history, and waits for its import.
pub(crate) async fn live(world: &World, name: &str, payments: usize) -> Live {
    let (account, key) = world.account(AccountSpec::with_payments(payments));
    let connection = world.connect(name, &key).await;
    let import = world.imported(&connection).await;
    assert_eq!(import["status"], "SUCCEEDED", "{import:#}");
    let endpoint = world.stripe.webhook_endpoints(&account).remove(0);
    let url = endpoint["url"].as_str().unwrap();
    let (_, path) = url.split_once("/webhooks").unwrap();
    let secret = world
        .stripe
        .endpoint_secret(endpoint["id"].as_str().unwrap())
        .unwrap();
    Live {
        account,
        connection,
        path: format!("/webhooks{path}"),
        secret,
    }
}

/// Lets the platform of a mode in to an account with some history, and waits for its import.
pub(crate) async fn let_in(world: &World, name: &str, livemode: bool) -> Live {
    let platforms = platforms(world);
    let spec = AccountSpec::with_payments(10);
    let (platform, secret, spec) = if livemode {
        (&platforms.live, &platforms.live_webhook_secret, spec.live())
    } else {
        (&platforms.test, &platforms.test_webhook_secret, spec)
    };
    let account = world.stripe.add_account(spec);
    let answer = AutoAnswer::Grant(account.clone());
    world
        .stripe
        .authorize_automatically(&platform.client_id, answer);
    let input = json!({ "name": name, "returnUrl": tests::RETURN_URL, "livemode": livemode });
    let connection = Browser::new().connect(world, input).await.connection();
    let import = world.imported(&connection).await;
    assert_eq!(import["status"], "SUCCEEDED", "{import:#}");
    Live {
        account,
        connection,
        path: "/webhooks/stripe".to_owned(),
        secret: secret.clone(),
    }
}

impl Live {
    /// The header that Stripe would send with this body now.
    pub(crate) fn signed(&self, world: &World, body: &str) -> String {
        let now = world.server.app.gateway.clock().now().timestamp();
        sandbox::sign(&self.secret, now, body)
    }

    /// Delivers a body with Stripe's signature.
    pub(crate) async fn deliver(&self, world: &World, body: &str) -> StatusCode {
        let signature = self.signed(world, body);
        post(world, &self.path, Some(&signature), body.to_owned()).await
    }
}

/// An event, as an endpoint would deliver it.
pub(crate) fn event(id: &str, kind: &str, object: &Value, created: i64) -> Value {
    json!({
        "id": id, "object": "event", "type": kind, "created": created, "livemode": false,
        "api_version": api::stripe::API_VERSION, "pending_webhooks": 1, "request": null,
        "data": { "object": object },
    })
}

/// Posts to the receiver.
pub(crate) async fn post(
    world: &World,
    path: &str,
    signature: Option<&str>,
    body: impl Into<reqwest::Body>,
) -> StatusCode {
    let mut request = world.http.post(world.url(path)).body(body);
    if let Some(signature) = signature {
        request = request.header("stripe-signature", signature);
    }
    world.send(request).await.status
}

/// How many events of the inbox are in which state.
pub(crate) async fn states(world: &World) -> BTreeMap<String, usize> {
    let tables = Tables::open(&world.database_url()).await;
    let mut counts = BTreeMap::new();
    for state in tables.texts("SELECT state FROM inbox_events").await {
        *counts.entry(state).or_default() += 1;
    }
    tables.0.close().await.unwrap();
    counts
}

/// Waits until everything is delivered and no event waits any more.
pub(crate) async fn settled(world: &World) {
    let waiting = async {
        world.stripe.delivery().settled().await;
        while states(world).await.contains_key("pending") {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    if tokio::time::timeout(PATIENCE, waiting).await.is_err() {
        let tables = Tables::open(&world.database_url()).await;
        let pending = tables
            .texts("SELECT event_type || ' ' || object_id || ' ' || coalesce(reason, '') FROM inbox_events WHERE state = 'pending'")
            .await;
        panic!(
            "{} deliveries are open, and these events wait: {pending:#?}",
            world.stripe.delivery().outstanding()
        );
    }
}

const PAGE: &str = "
    query Page($connections: [ID!], $after: String) {
      payments(first: 100, after: $after, filter: { connectionIds: $connections }) {
        nodes {
          stripeId status disputed fee { minorUnits }
          amount { minorUnits } amountCaptured { minorUnits } amountRefunded { minorUnits }
          refunds(first: 20) { nodes { stripeId status } }
          disputes { stripeId status }
        }
        pageInfo { hasNextPage endCursor }
      }
    }";

/// Every payment as the API shows it, with its refunds and disputes, by Stripe id.
pub(crate) async fn shown(world: &World, connection: &str) -> BTreeMap<String, Value> {
    let (mut all, mut after) = (BTreeMap::new(), Value::Null);
    loop {
        let variables = json!({ "connections": [connection], "after": after });
        let mut page = world.data(PAGE, variables).await["payments"].take();
        for node in page["nodes"].as_array_mut().unwrap() {
            let id = node["stripeId"].as_str().unwrap().to_owned();
            let minor = |name: &str| node[name]["minorUnits"].clone();
            let by_id = |list: &Value| {
                let pairs = list.as_array().unwrap().iter();
                pairs
                    .map(|one| {
                        (
                            one["stripeId"].as_str().unwrap().to_owned(),
                            one["status"].clone(),
                        )
                    })
                    .collect::<BTreeMap<_, _>>()
            };
            let payment = json!({
                "status": node["status"], "disputed": node["disputed"], "fee": minor("fee"),
                "amount": minor("amount"), "captured": minor("amountCaptured"),
                "refunded": minor("amountRefunded"),
                "refunds": by_id(&node["refunds"]["nodes"]), "disputes": by_id(&node["disputes"]),
            });
            all.insert(id, payment);
        }
        if page["pageInfo"]["hasNextPage"] == false {
            return all;
        }
        after = page["pageInfo"]["endCursor"].take();
    }
}

/// The same as Stripe has it.
pub(crate) fn truth(world: &World, account: &str) -> BTreeMap<String, Value> {
    let ledger = world.stripe.ledger(account);
    let object = |resource, id: &String| world.stripe.object(account, resource, id).unwrap();
    let of_charge = |resource, ids: &std::collections::BTreeSet<String>| {
        let mut by_charge: BTreeMap<String, BTreeMap<String, Value>> = BTreeMap::new();
        for id in ids {
            let one = object(resource, id);
            let charge = one["charge"].as_str().unwrap_or_default().to_owned();
            by_charge
                .entry(charge)
                .or_default()
                .insert(id.clone(), one["status"].clone());
        }
        by_charge
    };
    let refunds = of_charge(Resource::Refund, &ledger.refund_ids);
    let disputes = of_charge(Resource::Dispute, &ledger.dispute_ids);
    let payment = |id: &String| {
        let charge = object(Resource::Charge, id);
        let text = |value: &Value| Value::from(value.as_i64().unwrap().to_string());
        let fee = charge["balance_transaction"].as_str().map(|entry| {
            let entry = object(Resource::BalanceTransaction, &entry.to_owned());
            text(&entry["fee"])
        });
        let status = match (
            charge["status"].as_str().unwrap(),
            &charge["captured"],
            &charge["refunded"],
        ) {
            ("failed", ..) => "FAILED",
            ("succeeded", Value::Bool(true), _) => "SUCCEEDED",
            ("succeeded", _, Value::Bool(true)) => "CANCELED",
            ("succeeded", ..) => "REQUIRES_CAPTURE",
            _ => "PENDING",
        };
        let payment = json!({
            "status": status, "disputed": charge["disputed"], "fee": fee,
            "amount": text(&charge["amount"]), "captured": text(&charge["amount_captured"]),
            "refunded": text(&charge["amount_refunded"]),
            "refunds": refunds.get(id).cloned().unwrap_or_default(),
            "disputes": disputes.get(id).cloned().unwrap_or_default(),
        });
        (id.clone(), payment)
    };
    ledger.charge_ids.iter().map(payment).collect()
}

/// What the API shows is what Stripe has, payment by payment.
pub(crate) async fn assert_like_stripe(world: &World, live: &Live) {
    let (shown, truth) = (
        shown(world, &live.connection).await,
        truth(world, &live.account),
    );
    let wrong: Vec<_> = truth
        .iter()
        .filter(|(id, payment)| shown.get(*id) != Some(payment))
        .map(|(id, payment)| {
            format!(
                "{id}: {} shown, {payment} at Stripe",
                shown.get(id).unwrap_or(&Value::Null)
            )
        })
        .take(5)
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(
        shown.len(),
        truth.len(),
        "payments that Stripe does not have"
    );
}
