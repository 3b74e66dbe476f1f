//! What load balancers and Prometheus see.

use serde_json::{Value, json};
use tests::on_every_backend;

use super::{
    ask::{Reply, embedded_with},
    program::{Running, backends},
};

on_every_backend! {
    async fn a_gateway_that_is_well_says_so(world: &World) {
        let healthz = Reply::to(world.http.get(world.url("/healthz"))).await;
        let readyz = Reply::to(world.http.get(world.url("/readyz"))).await;

        assert_eq!((healthz.status, healthz.json()), (200, json!({ "status": "ok" })));
        assert_eq!((readyz.status, &readyz.json()["status"]), (200, &json!("ready")));
        let ready = readyz.json();
        let checks = ready["checks"].as_object().unwrap();
        assert!(checks.contains_key("database") && checks.contains_key("migrations"));
        assert_eq!(checks.contains_key("redis"), world.database_url().starts_with("postgres"));
        assert!(checks.values().all(|check| check == "ok"));
    }

    async fn metrics_are_prometheus_s(world: &World) {
        world.data("{ viewer { scopes } }", json!({})).await;

        let metrics = Reply::to(world.http.get(world.url("/metrics"))).await;

        assert_eq!(metrics.status, 200);
        assert!(metrics.header("content-type").starts_with("text/plain; version=0.0.4"));
        assert!(metrics.text.lines().any(|line| line.starts_with("inlet_http_request_seconds") && line.contains("path=\"/graphql\"")), "{}", metrics.text);
        for line in metrics.text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            assert!(line.starts_with("inlet_"), "{line}");
            assert!(line.rsplit(' ').next().unwrap().parse::<f64>().is_ok(), "{line}");
        }
        assert!(!metrics.text.contains(&world.token));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_redis_it_is_not_ready_and_still_answers() {
    let nowhere = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let world = embedded_with(&[("INLET_REDIS__URL", &format!("redis://{nowhere}"))]).await;

    let readyz = Reply::to(world.http.get(world.url("/readyz"))).await;
    let healthz = Reply::to(world.http.get(world.url("/healthz"))).await;
    let query = world
        .graphql(
            "{ viewer { workspace { name } } payments { totalCount } }",
            json!({}),
        )
        .await;
    let mut socket = world.socket().await;
    socket
        .subscribe("1", "{ viewer { workspace { name } } }", json!({}))
        .await;

    assert_eq!(readyz.status, 503);
    assert_eq!(
        readyz.json(),
        json!({
            "status": "not ready", "checks": { "database": "ok", "migrations": "ok", "redis": "failed" },
        })
    );
    assert_eq!(healthz.status, 200);
    assert_eq!(
        query["data"],
        json!({ "viewer": { "workspace": { "name": "default" } }, "payments": { "totalCount": "0" } })
    );
    assert_eq!(
        socket.next_of("next").await["data"]["viewer"]["workspace"]["name"],
        "default"
    );
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_health_tells_holds_no_secret() {
    let nowhere = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let world =
        embedded_with(&[("INLET_REDIS__URL", &format!("redis://:hunter2@{nowhere}"))]).await;

    let readyz = Reply::to(world.http.get(world.url("/readyz"))).await;

    assert_eq!(readyz.status, 503);
    assert!(!readyz.text.contains("hunter2") && !readyz.text.contains("127.0.0.1"));
    world.end().await;
}

#[tokio::test]
async fn a_worker_answers_only_how_it_is() {
    for backend in backends().await {
        let folder = tempfile::TempDir::new().unwrap();
        let worker =
            Running::start(folder.path(), &backend.variables(), &["--role", "worker"]).await;
        let get =
            async |path: &str| Reply::to(worker.http.get(format!("{}{path}", worker.url))).await;

        for path in ["/healthz", "/readyz", "/metrics"] {
            assert_eq!(get(path).await.status, 200, "{path}");
        }
        for path in [
            "/",
            "/graphql?query={__typename}",
            "/graphql/ws",
            "/graphql/explorer/explorer.js",
        ] {
            assert_eq!(get(path).await.status, 404, "{path}");
        }
        let posted = worker
            .http
            .post(format!("{}/graphql", worker.url))
            .json(&json!({ "query": "{ __typename }" }));
        assert_eq!(Reply::to(posted).await.status, 404);
        assert_eq!(worker.stop().await, "", "a worker prints no token");
        backend.end().await;
    }
}

#[tokio::test]
async fn the_api_alone_leaves_imports_to_workers() {
    for backend in backends().await {
        let folder = tempfile::TempDir::new().unwrap();
        let stripe = sandbox::Sandbox::start(sandbox::Options::default())
            .await
            .unwrap();
        let account = stripe.add_account(sandbox::AccountSpec::with_payments(40));
        let key = stripe.create_key(&account, sandbox::Grants::All);
        let mut variables = backend.variables();
        variables.push(("INLET_STRIPE__API_URL".to_owned(), stripe.url()));
        let mut api = Running::start(folder.path(), &variables, &["--role", "api"]).await;
        let token = api.first_token().await;
        let connect = "mutation($key: String!) { connectWithApiKey(input: { name: \"Shop\", apiKey: $key }) { connection { id } errors { message } } }";
        let answer = api.ask(&token, connect, json!({ "key": key })).await;
        assert_eq!(
            answer["data"]["connectWithApiKey"]["errors"],
            json!([]),
            "{answer:#}"
        );
        let import = async || {
            let query =
                "{ connections { nodes { latestImport { status } } } payments { totalCount } }";
            api.ask(&token, query, Value::Null).await["data"].take()
        };
        assert_eq!(
            import().await["connections"]["nodes"][0]["latestImport"]["status"],
            "QUEUED"
        );

        let worker = Running::start(folder.path(), &variables, &["--role", "worker"]).await;
        while import().await["connections"]["nodes"][0]["latestImport"]["status"] != "SUCCEEDED" {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }

        assert_eq!(import().await["payments"]["totalCount"], "40");
        worker.stop().await;
        api.stop().await;
        backend.end().await;
    }
}
