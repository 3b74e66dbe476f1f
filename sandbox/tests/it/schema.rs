//! What the sandbox answers is what Stripe's description of the API allows.

use std::collections::HashMap;

use jsonschema::Validator;
use sandbox::{AccountSpec, Act, Grants, PaymentSpec, TrafficSpec};
use serde_json::{Map, Value, json};

use crate::support::{answer, world};

const OPENAPI: &str = include_str!("../../stripe/openapi-payments.json");
const FIXTURES: &str = include_str!("../../stripe/fixtures.json");

/// Turns OpenAPI's schemas into JSON Schema: `nullable` becomes a choice, and unknown properties are forbidden.
fn components() -> Value {
    fn convert(schema: &mut Value) {
        match schema {
            Value::Array(items) => items.iter_mut().for_each(convert),
            Value::Object(object) => {
                object.values_mut().for_each(convert);
                if object.contains_key("properties") {
                    object.entry("additionalProperties").or_insert(json!(false));
                }
                if object.remove("nullable") == Some(json!(true)) {
                    let inner = std::mem::take(object);
                    *schema = json!({"anyOf": [inner, {"type": "null"}]});
                }
            }
            _ => {}
        }
    }
    let openapi: Value = serde_json::from_str(OPENAPI).unwrap();
    let mut schemas = openapi["components"]["schemas"].clone();
    for schema in schemas.as_object_mut().unwrap().values_mut() {
        convert(schema);
    }
    schemas
}

struct Schemas(Value);

impl Schemas {
    fn validator(&self, name: &str) -> Validator {
        let mut root = Map::new();
        root.insert(
            "$ref".to_owned(),
            format!("#/components/schemas/{name}").into(),
        );
        root.insert("components".to_owned(), json!({"schemas": self.0}));
        jsonschema::draft7::new(&Value::Object(root)).unwrap()
    }
}

fn check(validator: &Validator, object: &Value) {
    let errors: Vec<_> = validator
        .iter_errors(object)
        .map(|error| format!("{} {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}\n{object}");
}

#[tokio::test]
async fn seeded_objects_validate() {
    let world = world(20_000).await;
    let schemas = Schemas(components());
    for id in world
        .sandbox
        .ledger(&world.account)
        .source_ids
        .iter()
        .take(150)
    {
        let (_, source) = world.get(&format!("/v1/sources/{id}")).await;
        check(&schemas.validator("source"), &source);
    }
    for (name, path) in [
        ("charge", "/v1/charges"),
        (
            "charge",
            "/v1/charges?expand[]=data.balance_transaction&expand[]=data.refunds",
        ),
        ("refund", "/v1/refunds"),
        ("dispute", "/v1/disputes"),
        ("payment_intent", "/v1/payment_intents"),
        ("balance_transaction", "/v1/balance_transactions"),
        ("payout", "/v1/payouts"),
        ("transfer", "/v1/transfers"),
        ("product", "/v1/products"),
        ("setup_intent", "/v1/setup_intents"),
        ("credit_note", "/v1/credit_notes"),
        ("subscription", "/v1/subscriptions?status=all"),
        ("payment_method", "/v1/payment_methods"),
        ("file", "/v1/files"),
    ] {
        let validator = schemas.validator(name);
        let objects = world.first(800, path, 100).await;
        assert!(objects.len() >= 150, "{path}");
        assert!(
            !validator.is_valid(&json!({"id": 1, "object": name})),
            "the check must be able to fail"
        );
        for object in &objects {
            check(&validator, object);
        }
    }
}

#[tokio::test]
async fn accounts_and_webhooks_validate() {
    let world = world(0).await;
    let schemas = Schemas(components());
    check(
        &schemas.validator("account"),
        &world.get("/v1/account").await.1,
    );
    check(
        &schemas.validator("balance"),
        &world.get("/v1/balance").await.1,
    );
    let form = [
        ("url", "https://example.com/hook"),
        ("enabled_events[]", "charge.succeeded"),
    ];
    let (_, endpoint) = world.post("/v1/webhook_endpoints", &form).await;
    check(&schemas.validator("webhook_endpoint"), &endpoint);
}

#[tokio::test]
async fn events_and_the_objects_of_live_traffic_validate() {
    let world = world(0).await;
    let schemas = Schemas(components());
    let debit = Act::PayByDebit(PaymentSpec::of(2_000, "eur"));
    let debit = world.sandbox.act(&world.account, debit).unwrap().id;
    let clear = Act::ClearDebit {
        charge: debit,
        paid: false,
    };
    world.sandbox.act(&world.account, clear).unwrap();
    let traffic = TrafficSpec {
        events: 400,
        ..TrafficSpec::default()
    };
    world.sandbox.traffic(&world.account, traffic);
    let event = schemas.validator("event");
    let mut validators = HashMap::new();
    for listed in world.all("/v1/events", 100).await {
        let object = &listed["data"]["object"];
        let name = object["object"].as_str().unwrap().to_owned();
        let by_name = validators.entry(name.clone());
        check(by_name.or_insert_with(|| schemas.validator(&name)), object);
        // The schemas say of the data only that it is an object.
        let mut envelope = listed.clone();
        envelope["data"]["object"] = json!({});
        envelope["data"]["previous_attributes"] = json!({});
        check(&event, &envelope);
    }
    assert!(validators.len() >= 8, "{:?}", validators.keys());
}

#[tokio::test]
async fn list_envelopes_have_the_four_fields_of_the_fixture() {
    let world = world(30).await;
    let fixtures: Value = serde_json::from_str(FIXTURES).unwrap();
    let expected: Vec<_> = fixtures["resources"]["list_charges_page"]["body"]
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect();
    for path in [
        "/v1/charges",
        "/v1/payouts",
        "/v1/webhook_endpoints",
        "/v1/reporting/report_types",
    ] {
        let (_, page) = world.get(path).await;
        let fields: Vec<_> = page.as_object().unwrap().keys().cloned().collect();
        assert_eq!(fields, expected, "{path}");
        assert_eq!(page["url"], path);
    }
    assert_eq!(
        world.get("/v1/charges?created=1").await.1,
        fixtures["resources"]["list_empty"]["body"]
    );
}

/// Everything that differs from request to request, made equal.
fn normalized(mut body: Value) -> Value {
    let error = body["error"].as_object_mut().unwrap();
    error.remove("request_log_url");
    let message = error["message"].as_str().unwrap();
    let words = message.split(' ').map(|word| {
        let is_name = word.contains("********") || word.contains("acct_") || word.contains("ch_");
        if is_name { "…" } else { word }
    });
    error["message"] = words.collect::<Vec<_>>().join(" ").into();
    body
}

#[tokio::test]
async fn errors_are_the_fixtures_word_for_word() {
    let world = world(1).await;
    let fixtures: Value = serde_json::from_str(FIXTURES).unwrap();
    let validator = Schemas(components()).validator("error");
    let platform = world.sandbox.add_account(AccountSpec::default());
    let get = async |path: &str, key: &str, account: Option<&str>| {
        let mut request = world.client.get(world.url(path)).bearer_auth(key);
        if let Some(account) = account {
            request = request.header("stripe-account", account);
        }
        answer(request.send().await.unwrap()).await
    };
    let poor = world
        .sandbox
        .create_key(&world.account, Grants::Only(Vec::new()));
    let expired = world.sandbox.create_key(&world.account, Grants::All);
    world.sandbox.expire_key(&expired);
    let elsewhere = world.sandbox.create_key(&world.account, Grants::All);
    world.sandbox.restrict_key_to_other_ips(&elsewhere);
    let secret = world.sandbox.create_secret_key(&platform);
    let other = Some(world.account.as_str());
    let no_key = world
        .client
        .get(world.url("/v1/charges"))
        .send()
        .await
        .unwrap();
    let cases = [
        ("401_no_key", answer(no_key).await),
        (
            "401_invalid_key",
            get("/v1/charges", "rk_live_0000000000", None).await,
        ),
        ("401_expired_key", get("/v1/charges", &expired, None).await),
        (
            "403_missing_permission",
            get("/v1/payouts", &poor, None).await,
        ),
        (
            "403_account_invalid",
            get("/v1/charges", &secret, other).await,
        ),
        (
            "403_not_connect_platform",
            get("/v1/charges", &world.key, Some("acct_other")).await,
        ),
        (
            "403_ip_not_allowed",
            get("/v1/charges", &elsewhere, None).await,
        ),
        (
            "404_resource_missing",
            get("/v1/charges/ch_probe_0000", &world.key, None).await,
        ),
        ("404_unknown_url", get("/v1/skus", &world.key, None).await),
        (
            "400_parameter_unknown",
            get("/v1/charges?creatd=1", &world.key, None).await,
        ),
        (
            "400_bad_cursor",
            get("/v1/charges?starting_after=ch_gone", &world.key, None).await,
        ),
    ];
    for (name, (status, body)) in cases {
        let fixture = &fixtures["errors"][name];
        assert_eq!(fixture["http_status"], status, "{name}");
        check(&validator, &body);
        assert_eq!(
            normalized(body),
            normalized(fixture["body"].clone()),
            "{name}"
        );
    }
}
