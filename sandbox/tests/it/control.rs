use serde_json::{Value, json};

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
