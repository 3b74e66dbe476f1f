use sandbox::{AccountSpec, Grants, Permission};
use serde_json::json;

use crate::support::{answer, world, world_of};

const PROBES: [(Permission, &str, u16); 18] = [
    (Permission::BalanceRead, "/v1/balance", 200),
    (
        Permission::BalanceTransactionSourceRead,
        "/v1/balance_transactions?limit=1",
        200,
    ),
    (Permission::TransferRead, "/v1/transfers?limit=1", 200),
    (Permission::ChargeRead, "/v1/charges?limit=1", 200),
    (Permission::ChargeRead, "/v1/refunds?limit=1", 200),
    (Permission::EventRead, "/v1/events?limit=1", 200),
    (Permission::FileRead, "/v1/files?limit=1", 200),
    (Permission::DisputeRead, "/v1/disputes?limit=1", 200),
    (
        Permission::PaymentIntentRead,
        "/v1/payment_intents?limit=1",
        200,
    ),
    (
        Permission::PaymentMethodRead,
        "/v1/payment_methods/pm_probe_00000000",
        404,
    ),
    (Permission::PayoutRead, "/v1/payouts?limit=1", 200),
    (Permission::ProductRead, "/v1/products?limit=1", 200),
    (
        Permission::SetupIntentRead,
        "/v1/setup_intents?limit=1",
        200,
    ),
    (
        Permission::SourceRead,
        "/v1/sources/src_probe_00000000",
        404,
    ),
    (Permission::TokenRead, "/v1/tokens/tok_probe_00000000", 404),
    (
        Permission::SubscriptionRead,
        "/v1/subscriptions?limit=1&status=all",
        200,
    ),
    (
        Permission::ReportRead,
        "/v1/reporting/report_runs?limit=1",
        200,
    ),
    (Permission::AccountRead, "/v1/account", 200),
];

#[tokio::test]
async fn every_probe_tells_granted_from_missing() {
    let world = world(3).await;
    for (permission, path, granted) in PROBES {
        world.sandbox.grant(&world.key, Grants::All);
        let (status, body) = world.get(path).await;
        assert_eq!(status, granted, "{path}: {body}");
        if granted == 404 {
            assert_eq!(body["error"]["code"], "resource_missing");
        }
        world
            .sandbox
            .grant(&world.key, Grants::AllBut(vec![permission]));
        let (status, body) = world.get(path).await;
        assert_eq!(status, 403, "{path}");
        let message = body["error"]["message"].as_str().unwrap();
        assert!(
            message.contains(&format!(
                "Having the '{}' permission would allow",
                permission.name()
            )),
            "{message}"
        );
        assert!(
            message.contains(&world.account) && !message.contains(&world.key),
            "{message}"
        );
    }
}

#[tokio::test]
async fn the_guide_does_not_include_the_account() {
    let world = world(0).await;
    world.sandbox.grant(&world.key, Grants::Guide);
    assert_eq!(world.get("/v1/account").await.0, 403);
    assert_eq!(world.get("/v1/balance").await.0, 200);
    let closed = world_of(AccountSpec::default().without_account_access()).await;
    assert_eq!(closed.get("/v1/account").await.0, 403);
}

#[tokio::test]
async fn write_probes_leave_nothing_behind() {
    let world = world(0).await;
    let webhook = "/v1/webhook_endpoints/we_probe_00000000";
    let destination = "/v2/core/event_destinations/ed_probe_00000000";
    let probe_v2 = async || {
        let request = world
            .client
            .post(world.url(destination))
            .bearer_auth(&world.key);
        let request = request
            .header("stripe-version", "2026-07-29.dahlia")
            .json(&json!({"description": "probe"}));
        answer(request.send().await.unwrap()).await.0
    };
    assert_eq!(
        world.post(webhook, &[("description", "probe")]).await.0,
        404
    );
    assert_eq!(probe_v2().await, 404);
    let refused = vec![Permission::WebhookWrite, Permission::EventDestinationWrite];
    world.sandbox.grant(&world.key, Grants::AllBut(refused));
    let (status, body) = world.post(webhook, &[("description", "probe")]).await;
    assert_eq!(status, 403);
    assert!(
        body["error"]["message"]
            .as_str()
            .unwrap()
            .contains("rak_webhook_write")
    );
    assert_eq!(probe_v2().await, 403);
    assert_eq!(
        world.get("/v1/webhook_endpoints?limit=1").await.0,
        200,
        "reading stays"
    );
    assert_eq!(
        world.get("/v2/core/event_destinations?limit=1").await.0,
        400,
        "the version is mandatory"
    );
}

#[tokio::test]
async fn expanding_needs_the_permission_of_the_expanded() {
    let world = world(3).await;
    world.sandbox.grant(
        &world.key,
        Grants::AllBut(vec![Permission::BalanceTransactionSourceRead]),
    );
    assert_eq!(world.get("/v1/charges").await.0, 200);
    let (status, body) = world
        .get("/v1/charges?expand[]=data.balance_transaction")
        .await;
    assert_eq!(status, 403);
    assert!(
        body["error"]["message"]
            .as_str()
            .unwrap()
            .contains("rak_balance_transaction_source_read")
    );
    assert_eq!(world.get("/v1/charges?expand[]=data.customer").await.0, 403);
}

#[tokio::test]
async fn keys_stop_working_in_three_ways() {
    let world = world(0).await;
    let hint = &world.key[world.key.len() - 4..];
    world.sandbox.expire_key(&world.key);
    let (status, body) = world.get("/v1/balance").await;
    assert_eq!(
        (status, &body["error"]["code"]),
        (401, &json!("api_key_expired"))
    );
    assert_eq!(
        body["error"]["message"],
        format!("Expired API Key provided: rk_test_********{hint}")
    );
    world.sandbox.restrict_key_to_other_ips(&world.key);
    let (status, body) = world.get("/v1/balance").await;
    assert_eq!(status, 403);
    assert!(
        body["error"]["message"]
            .as_str()
            .unwrap()
            .contains("IP address")
    );
    world.sandbox.revoke_key(&world.key);
    let (status, body) = world.get("/v1/balance").await;
    assert_eq!(status, 401);
    assert_eq!(
        body["error"]["message"],
        format!("Invalid API Key provided: rk_test_********{hint}")
    );
    world.sandbox.restore_key(&world.key);
    assert_eq!(world.get("/v1/balance").await.0, 200);
}

#[tokio::test]
async fn keys_come_as_bearer_or_basic_user() {
    let world = world(0).await;
    let url = world.url("/v1/balance");
    let basic = world
        .client
        .get(&url)
        .basic_auth(&world.key, Some(""))
        .send()
        .await
        .unwrap();
    assert_eq!(basic.status(), 200);
    let none = world.client.get(&url).send().await.unwrap();
    assert_eq!(none.headers()["www-authenticate"], "Basic realm=\"Stripe\"");
    assert_eq!(none.status(), 401);
    assert!(world.key.starts_with("rk_test_"));
    let live = world_of(AccountSpec::default().live()).await;
    assert!(live.key.starts_with("rk_live_"));
    assert_eq!(live.get("/v1/balance").await.1["livemode"], true);
}

#[tokio::test]
async fn platforms_reach_the_accounts_they_are_connected_to() {
    let world = world(4).await;
    let platform = world.sandbox.add_account(AccountSpec::default());
    let key = world.sandbox.create_secret_key(&platform);
    let read = async |key: &str| {
        let request = world.client.get(world.url("/v1/charges")).bearer_auth(key);
        answer(
            request
                .header("stripe-account", &world.account)
                .send()
                .await
                .unwrap(),
        )
        .await
    };
    let (status, body) = read(&key).await;
    assert_eq!(
        (status, &body["error"]["code"]),
        (403, &json!("account_invalid"))
    );
    world.sandbox.connect(&platform, &world.account);
    assert_eq!(read(&key).await.1["data"].as_array().unwrap().len(), 4);
    world.sandbox.disconnect(&platform, &world.account);
    assert_eq!(read(&key).await.0, 403);
    let restricted = world.sandbox.create_key(&platform, Grants::All);
    let (_, body) = read(&restricted).await;
    assert!(
        body["error"]["message"]
            .as_str()
            .unwrap()
            .starts_with("Only Stripe Connect platforms")
    );
}

#[tokio::test]
async fn every_answer_carries_stripes_headers() {
    let world = world(0).await;
    for path in ["/v1/balance", "/v1/nothing", "/v1/charges/ch_none"] {
        let response = world.response(path).await;
        let headers = response.headers();
        assert!(headers["request-id"].to_str().unwrap().starts_with("req_"));
        assert_eq!(headers["stripe-version"], "2026-07-29.dahlia");
        assert_eq!(headers["content-type"], "application/json");
        assert!(headers.contains_key("date"));
    }
    let requests = world.sandbox.requests();
    assert_eq!(
        requests
            .iter()
            .map(|request| request.status)
            .collect::<Vec<_>>(),
        [200, 404, 404]
    );
    assert_eq!(requests[0].account.as_ref(), Some(&world.account));
    assert_eq!(
        requests[0].key_hint.as_deref(),
        Some(&world.key[world.key.len() - 4..])
    );
    world.sandbox.clear_requests();
    assert!(world.sandbox.requests().is_empty());
}
