use serde_json::{Value, json};

use crate::receiver::Receiver;
use crate::support::{answer, world};

#[tokio::test]
async fn another_process_steers_and_reads_over_http() {
    let world = world(20).await;
    let plain =
        async |path: &str| answer(world.client.get(world.url(path)).send().await.unwrap()).await;
    let post = async |path: &str, body: Value| {
        answer(
            world
                .client
                .post(world.url(path))
                .json(&body)
                .send()
                .await
                .unwrap(),
        )
        .await
    };
    let (_, ledger) = plain(&format!("/_sandbox/ledger?account={}", world.account)).await;
    assert_eq!(ledger["charge_ids"].as_array().unwrap().len(), 20);
    assert!(ledger["totals"][0]["count"].as_u64().unwrap() > 0);
    assert_eq!(plain("/_sandbox/accounts").await.1, json!([world.account]));

    let wish = json!({"account": world.account, "grants": {"only": ["rak_balance_read"]}});
    let (_, made) = post("/_sandbox/keys", wish).await;
    let key = made["key"].as_str().unwrap();
    let charges = world
        .client
        .get(world.url("/v1/charges"))
        .bearer_auth(key)
        .send()
        .await
        .unwrap();
    assert_eq!(charges.status(), 403);

    let faults = json!({
        "latency": {"path": "/v1/refunds", "ms": 1, "jitter_ms": 1},
        "limit": {"per_second": 1000, "concurrency": 50},
        "inject": [
            {"fault": "rate_limited", "reason": "global-rate", "next": 1, "path": "/v1/charges"},
            {"fault": "stall", "ms": 1, "every": 2, "path": "/v1/disputes"}
        ]
    });
    assert_eq!(post("/_sandbox/faults", faults).await.0, 204);
    assert_eq!(world.get("/v1/charges").await.0, 429);
    assert_eq!(world.get("/v1/charges").await.0, 200);
    assert_eq!(
        plain("/_sandbox/faults").await.1,
        json!({"rate_limited": 1})
    );
    assert_eq!(
        post("/_sandbox/faults", json!({"clear": true, "down": true}))
            .await
            .0,
        204
    );
    assert_eq!(world.get("/v1/charges").await.0, 503);

    let (_, summary) = plain("/_sandbox/requests/summary").await;
    assert_eq!(summary["by_path"]["GET /v1/charges"], 4);
    assert_eq!(summary["by_status"]["429"], 1);
}

#[tokio::test]
async fn another_process_plays_merchant_and_platform_over_http() {
    let world = world(5).await;
    let receiver = Receiver::start().await;
    let post = async |path: &str, body: Value| {
        let request = world.client.post(world.url(path)).json(&body);
        answer(request.send().await.unwrap()).await
    };
    let get =
        async |path: &str| answer(world.client.get(world.url(path)).send().await.unwrap()).await;
    let wish = json!({"kind": "connect", "redirect_uris": ["http://127.0.0.1:9/back"]});
    let (status, platform) = post("/_sandbox/platforms", wish).await;
    assert_eq!(status, 200, "{platform}");
    let client_id = &platform["client_id"];
    let grant = json!({"client_id": client_id, "answer": {"grant": world.account}});
    assert_eq!(post("/_sandbox/platforms/answer", grant).await.0, 204);
    assert_eq!(get("/_sandbox/oauth").await.1["exchanges"], 0);
    let access = json!({"client_id": client_id, "account": world.account});
    assert_eq!(
        post("/_sandbox/platforms/revoke", access).await.1,
        json!({"revoked": false})
    );

    let wish =
        json!({"account": world.account, "url": receiver.url, "events": ["charge.succeeded"]});
    let (_, endpoint) = post("/_sandbox/webhook_endpoints", wish).await;
    let (_, listed) = get(&format!(
        "/_sandbox/webhook_endpoints?account={}",
        world.account
    ))
    .await;
    assert_eq!(listed[0]["secret"], endpoint["secret"]);
    let unreliable = json!({"mode": {"delay": {"ms": 1}}, "retries": {"tries": 2, "first_ms": 1, "longest_ms": 1}});
    assert_eq!(post("/_sandbox/delivery", unreliable).await.0, 200);
    let act = json!({"account": world.account, "act": {"pay": {"amount": 700, "currency": "usd"}}});
    let (status, paid) = post("/_sandbox/acts", act).await;
    assert_eq!(status, 200, "{paid}");
    let act = json!({"account": world.account, "act": {"capture": paid["id"]}});
    assert_eq!(post("/_sandbox/acts", act).await.0, 409);
    let (_, made) = post(
        "/_sandbox/traffic",
        json!({"account": world.account, "events": 30}),
    )
    .await;
    assert!(made["events"].as_array().unwrap().len() >= 30);
    world.sandbox.delivery().settled().await;
    assert!(receiver.ids().len() > 1);
    let (_, standing) = get("/_sandbox/delivery").await;
    assert_eq!(standing["acknowledged"], receiver.ids().len());
    let path = format!(
        "/_sandbox/webhook_endpoints/{}/delete",
        endpoint["id"].as_str().unwrap()
    );
    assert_eq!(post(&path, Value::Null).await.0, 204);

    let (_, clock) = post(
        "/_sandbox/clock",
        json!({"stop_at": "2026-11-20T10:00:00Z", "advance_ms": 1000}),
    )
    .await;
    assert_eq!(clock["now"], "2026-11-20T10:00:01Z");
}
