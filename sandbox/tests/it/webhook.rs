use std::time::Duration;

use sandbox::{AccountSpec, Fault, Latency, Rule};
use serde_json::{Value, json};

use crate::support::{World, answer, id, world, world_of};

const PATH: &str = "/v1/webhook_endpoints";
const FORM: [(&str, &str); 4] = [
    ("url", "https://gateway.example.com/webhooks/1"),
    ("enabled_events[]", "charge.succeeded"),
    ("enabled_events[1]", "refund.created"),
    ("metadata[connection_id]", "conn_01"),
];

async fn create_once(world: &World, key: &str, form: &[(&str, &str)]) -> (u16, Value) {
    let request = world
        .client
        .post(world.url(PATH))
        .bearer_auth(&world.key)
        .header("idempotency-key", key);
    answer(request.form(form).send().await.unwrap()).await
}

#[tokio::test]
async fn an_endpoint_lives_from_creation_to_deletion() {
    let world = world(0).await;
    let (status, made) = world.post(PATH, &FORM).await;
    assert_eq!(status, 200, "{made}");
    assert!(made["secret"].as_str().unwrap().starts_with("whsec_"));
    assert_eq!(
        made["enabled_events"],
        json!(["charge.succeeded", "refund.created"])
    );
    let path = format!("{PATH}/{}", id(&made));
    let (_, found) = world.get(&path).await;
    assert!(found.get("secret").is_none(), "the secret is shown once");
    assert_eq!(found["metadata"]["connection_id"], "conn_01");

    let (_, changed) = world.post(&path, &[("disabled", "true")]).await;
    assert_eq!(changed["status"], "disabled");
    let (status, refused) = world
        .post(&path, &[("api_version", "2026-07-29.dahlia")])
        .await;
    assert_eq!(
        (status, &refused["error"]["code"]),
        (400, &json!("parameter_unknown"))
    );

    let deleted = world
        .client
        .delete(world.url(&path))
        .bearer_auth(&world.key)
        .send()
        .await
        .unwrap();
    assert_eq!(
        answer(deleted).await.1,
        json!({"id": made["id"], "object": "webhook_endpoint", "deleted": true})
    );
    assert_eq!(world.get(&path).await.0, 404);
}

#[tokio::test]
async fn sixteen_endpoints_fit_and_list_newest_first() {
    let world = world(0).await;
    for _ in 0..16 {
        assert_eq!(world.post(PATH, &FORM).await.0, 200);
    }
    let (status, refused) = world.post(PATH, &FORM).await;
    assert_eq!(status, 400);
    assert!(
        refused["error"]["message"]
            .as_str()
            .unwrap()
            .contains("maximum of 16")
    );
    assert_eq!(world.all(PATH, 5).await.len(), 16);
}

#[tokio::test]
async fn live_mode_wants_https() {
    let form = [
        ("url", "http://gateway.example.com/hook"),
        ("enabled_events[]", "charge.succeeded"),
    ];
    let test = world(0).await;
    assert_eq!(test.post(PATH, &form).await.0, 200);
    let live = world_of(AccountSpec::default().live()).await;
    let (status, refused) = live.post(PATH, &form).await;
    assert_eq!(
        (status, &refused["error"]["code"]),
        (400, &json!("url_invalid"))
    );
    let (_, refused) = test.post(PATH, &[("url", "https://example.com")]).await;
    assert_eq!(refused["error"]["param"], "enabled_events");
}

#[tokio::test]
async fn a_repeat_gets_the_first_outcome_with_its_secret() {
    let world = world(0).await;
    let (_, first) = create_once(&world, "once", &FORM).await;
    assert_eq!(create_once(&world, "once", &FORM).await, (200, first));
    assert_eq!(world.all(PATH, 10).await.len(), 1);
    let (status, refused) = create_once(&world, "once", &FORM[..2]).await;
    assert_eq!(
        (status, &refused["error"]["type"]),
        (400, &json!("idempotency_error"))
    );
}

#[tokio::test]
async fn a_repeat_while_the_first_runs_is_a_conflict() {
    let world = world(0).await;
    world
        .sandbox
        .faults()
        .latency(Latency::fixed(Duration::from_millis(300)));
    let (first, second) = tokio::join!(create_once(&world, "twice", &FORM), async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        create_once(&world, "twice", &FORM).await
    });
    assert_eq!((first.0, second.0), (200, 409));
    assert_eq!(second.1["error"]["code"], "idempotency_key_in_use");
}

#[tokio::test]
async fn a_secret_lost_on_the_way_comes_back_with_the_repeat() {
    let world = world(0).await;
    world
        .sandbox
        .faults()
        .inject(Rule::next(1, Fault::ConnectionReset).on(PATH));
    let request = world
        .client
        .post(world.url(PATH))
        .bearer_auth(&world.key)
        .header("idempotency-key", "lost");
    assert!(request.form(&FORM).send().await.is_err());
    let (status, made) = create_once(&world, "lost", &FORM).await;
    assert_eq!(status, 200);
    assert!(made["secret"].is_string());
    assert_eq!(world.all(PATH, 10).await.len(), 1);
}

#[tokio::test]
async fn the_outcome_500_is_kept_too() {
    let world = world(0).await;
    world
        .sandbox
        .faults()
        .inject(Rule::next(1, Fault::ServerError));
    assert_eq!(create_once(&world, "bad", &FORM).await.0, 500);
    assert_eq!(create_once(&world, "bad", &FORM).await.0, 500);
    assert_eq!(create_once(&world, "good", &FORM).await.0, 200);
}
