//! Both kinds of OAuth, as a platform meets them.

use std::collections::HashMap;

use chrono::TimeDelta;
use reqwest::redirect::Policy;
use reqwest::{Client, Response};
use sandbox::{
    AccountSpec, Act, AutoAnswer, Fault, PaymentSpec, PlatformHandle, PlatformKind, PlatformSpec,
    Rule,
};
use serde_json::{Value, json};
use url::Url;

use crate::receiver::Receiver;
use crate::support::{World, answer, world};

const BACK: &str = "http://127.0.0.1:9/oauth/stripe/callback?kept=1";

struct Platform {
    world: World,
    handle: PlatformHandle,
    kind: PlatformKind,
    browser: Client,
}

impl Platform {
    async fn new(kind: PlatformKind) -> Self {
        let world = world(3).await;
        let handle = world.sandbox.add_platform(PlatformSpec {
            kind,
            livemode: false,
        });
        let grant = AutoAnswer::Grant(world.account.clone());
        world
            .sandbox
            .authorize_automatically(&handle.client_id, grant);
        let browser = Client::builder().redirect(Policy::none()).build().unwrap();
        Self {
            world,
            handle,
            kind,
            browser,
        }
    }

    fn paths(&self) -> (&'static str, &'static str, &'static str) {
        match self.kind {
            PlatformKind::Connect => ("/oauth/authorize", "/oauth/token", "/oauth/deauthorize"),
            PlatformKind::App => (
                "/oauth/v2/authorize",
                "/v1/oauth/token",
                "/v1/oauth/deauthorize",
            ),
        }
    }

    fn question(&self) -> Vec<(&'static str, String)> {
        vec![
            ("client_id", self.handle.client_id.clone()),
            ("redirect_uri", BACK.to_owned()),
            ("response_type", "code".to_owned()),
            ("scope", "read_write".to_owned()),
            ("state", "st&te".to_owned()),
        ]
    }

    async fn ask(&self, question: &[(&'static str, String)]) -> Response {
        let url = Url::parse_with_params(&self.world.url(self.paths().0), question).unwrap();
        self.browser.get(url).send().await.unwrap()
    }

    async fn code(&self) -> String {
        let back = sent_back(&self.ask(&self.question()).await);
        assert_eq!(
            (back["kept"].as_str(), back["state"].as_str()),
            ("1", "st&te")
        );
        back["code"].clone()
    }

    async fn post(&self, path: &str, key: &str, form: &[(&str, &str)]) -> (u16, Value) {
        let request = self
            .browser
            .post(self.world.url(path))
            .basic_auth(key, Some(""));
        answer(request.form(form).send().await.unwrap()).await
    }

    async fn exchange(&self, code: &str) -> (u16, Value) {
        let form = [("grant_type", "authorization_code"), ("code", code)];
        self.post(self.paths().1, &self.handle.secret_key, &form)
            .await
    }

    async fn refresh(&self, token: &str) -> (u16, Value) {
        let form = [("grant_type", "refresh_token"), ("refresh_token", token)];
        self.post(self.paths().1, &self.handle.secret_key, &form)
            .await
    }

    async fn account_by(&self, key: &str, account: Option<&str>) -> (u16, Value) {
        let mut request = self
            .browser
            .get(self.world.url("/v1/account"))
            .bearer_auth(key);
        if let Some(account) = account {
            request = request.header("stripe-account", account);
        }
        answer(request.send().await.unwrap()).await
    }
}

fn sent_back(response: &Response) -> HashMap<String, String> {
    assert_eq!(response.status(), 303);
    let location = Url::parse(response.headers()["location"].to_str().unwrap()).unwrap();
    assert!(
        location
            .as_str()
            .starts_with("http://127.0.0.1:9/oauth/stripe/callback")
    );
    location.query_pairs().into_owned().collect()
}

#[tokio::test]
async fn connect_lets_the_platforms_key_in_until_the_merchant_has_enough() {
    let platform = Platform::new(PlatformKind::Connect).await;
    let (world, handle) = (&platform.world, &platform.handle);
    let merchant = Some(world.account.as_str());
    assert_eq!(
        platform.account_by(&handle.secret_key, merchant).await.0,
        403
    );
    let (status, token) = platform.exchange(&platform.code().await).await;
    assert_eq!(status, 200, "{token}");
    assert_eq!(token["stripe_user_id"], world.account.as_str());
    assert_eq!(
        (&token["scope"], &token["livemode"]),
        (&json!("read_write"), &json!(false))
    );
    let (status, account) = platform.account_by(&handle.secret_key, merchant).await;
    assert_eq!((status, account["id"].as_str()), (200, merchant));

    let receiver = Receiver::start().await;
    let hook = world.sandbox.add_webhook_endpoint(
        &handle.account,
        &receiver.url,
        &["account.application.deauthorized", "charge.succeeded"],
        true,
        None,
    );
    assert!(hook.is_some());
    world
        .sandbox
        .act(&world.account, Act::Pay(PaymentSpec::default()))
        .unwrap();
    world
        .sandbox
        .revoke_access(&handle.client_id, &world.account);
    world
        .sandbox
        .act(&world.account, Act::Pay(PaymentSpec::default()))
        .unwrap();
    world.sandbox.delivery().settled().await;
    let mut arrived = receiver.received();
    arrived.sort_by_key(|it| it.body["type"].as_str().unwrap().to_owned());
    assert_eq!(
        arrived.len(),
        2,
        "after the end nothing of the merchant comes"
    );
    assert_eq!(arrived[0].body["type"], "account.application.deauthorized");
    assert_eq!(
        arrived[0].body["data"]["object"]["id"],
        handle.client_id.as_str()
    );
    for it in &arrived {
        assert_eq!(it.body["account"], world.account.as_str());
    }
    let (status, refused) = platform.account_by(&handle.secret_key, merchant).await;
    assert_eq!(
        (status, &refused["error"]["code"]),
        (403, &json!("account_invalid"))
    );
    let (status, refused) = platform
        .account_by(token["access_token"].as_str().unwrap(), None)
        .await;
    assert_eq!(
        (status, &refused["error"]["code"]),
        (403, &json!("account_invalid"))
    );
}

#[tokio::test]
async fn a_connect_code_used_twice_ends_the_connection() {
    let platform = Platform::new(PlatformKind::Connect).await;
    let code = platform.code().await;
    assert_eq!(platform.exchange(&code).await.0, 200);
    assert!(
        platform
            .world
            .sandbox
            .has_access(&platform.handle.client_id, &platform.world.account)
    );
    let (status, refused) = platform.exchange(&code).await;
    assert_eq!((status, &refused["error"]), (400, &json!("invalid_grant")));
    assert!(
        !platform
            .world
            .sandbox
            .has_access(&platform.handle.client_id, &platform.world.account)
    );
    assert_eq!(platform.world.sandbox.oauth_calls().exchanges, 2);
}

#[tokio::test]
async fn codes_end_after_five_minutes_and_belong_to_one_platform_and_mode() {
    let platform = Platform::new(PlatformKind::Connect).await;
    let world = &platform.world;
    let invalid = |(status, body): (u16, Value)| {
        assert_eq!(
            (status, &body["error"]),
            (400, &json!("invalid_grant")),
            "{body}"
        );
        body["error_description"].as_str().unwrap().to_owned()
    };
    assert!(invalid(platform.exchange("ac_unknown").await).contains("does not exist"));
    let code = platform.code().await;
    let other = |livemode| {
        world.sandbox.add_platform(PlatformSpec {
            kind: PlatformKind::Connect,
            livemode,
        })
    };
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
    ];
    assert!(
        invalid(
            platform
                .post("/oauth/token", &other(false).secret_key, &form)
                .await
        )
        .contains("belong")
    );
    assert!(
        invalid(
            platform
                .post("/oauth/token", &other(true).secret_key, &form)
                .await
        )
        .contains("mode")
    );
    world.sandbox.advance(TimeDelta::minutes(5));
    assert!(invalid(platform.exchange(&code).await).contains("expired"));
    let (status, body) = platform.post("/oauth/token", "sk_test_nobody", &form).await;
    assert_eq!((status, &body["error"]), (401, &json!("invalid_client")));
    let (_, body) = platform
        .post(
            "/oauth/token",
            &platform.handle.secret_key,
            &[("grant_type", "password")],
        )
        .await;
    assert_eq!(body["error"], "unsupported_grant_type");
}

#[tokio::test]
async fn app_tokens_last_an_hour_and_their_refresh_tokens_rotate() {
    let platform = Platform::new(PlatformKind::App).await;
    let world = &platform.world;
    let (status, token) = platform.exchange(&platform.code().await).await;
    assert_eq!(
        (status, &token["scope"]),
        (200, &json!("stripe_apps")),
        "{token}"
    );
    assert!(token.get("expires_in").is_none());
    let text = |token: &Value, field: &str| token[field].as_str().unwrap().to_owned();
    let (access, refresh) = (text(&token, "access_token"), text(&token, "refresh_token"));
    let (status, account) = platform.account_by(&access, None).await;
    assert_eq!(
        (status, account["id"].as_str()),
        (200, Some(world.account.as_str()))
    );
    world.sandbox.expire_app_tokens();
    let (status, refused) = platform.account_by(&access, None).await;
    assert_eq!(
        (status, &refused["error"]["code"]),
        (401, &json!("api_key_expired"))
    );

    let (status, fresh) = platform.refresh(&refresh).await;
    assert_eq!(status, 200, "{fresh}");
    assert_ne!(text(&fresh, "refresh_token"), refresh);
    let (status, refused) = platform.refresh(&refresh).await;
    assert_eq!((status, &refused["error"]), (400, &json!("invalid_grant")));
    assert_eq!(
        platform
            .account_by(&text(&fresh, "access_token"), None)
            .await
            .0,
        200
    );
    world.sandbox.advance(TimeDelta::minutes(61));
    assert_eq!(
        platform
            .account_by(&text(&fresh, "access_token"), None)
            .await
            .0,
        401
    );
    world
        .sandbox
        .revoke_access(&platform.handle.client_id, &world.account);
    assert_eq!(
        platform.refresh(&text(&fresh, "refresh_token")).await.0,
        400
    );
    assert_eq!(world.sandbox.oauth_calls().refreshes, 3);
}

#[tokio::test]
async fn a_platform_can_let_go() {
    for kind in [PlatformKind::Connect, PlatformKind::App] {
        let platform = Platform::new(kind).await;
        let account = platform.world.account.as_str();
        platform.exchange(&platform.code().await).await;
        let form = [
            ("client_id", platform.handle.client_id.as_str()),
            ("stripe_user_id", account),
        ];
        let end = async || {
            platform
                .post(platform.paths().2, &platform.handle.secret_key, &form)
                .await
        };
        assert_eq!(end().await, (200, json!({"stripe_user_id": account})));
        let (status, refused) = end().await;
        assert_eq!((status, &refused["error"]), (401, &json!("invalid_client")));
        assert!(
            refused["error_description"]
                .as_str()
                .unwrap()
                .contains("not connected")
        );
    }
}

#[tokio::test]
async fn the_page_asks_which_account_and_takes_no_for_an_answer() {
    let platform = Platform::new(PlatformKind::Connect).await;
    let sandbox = &platform.world.sandbox;
    let shop = AccountSpec::default().display_name("Fish & \"Chips\" <b>");
    let second = sandbox.add_account(shop);
    let live = sandbox.add_account(AccountSpec::default().live());
    sandbox.authorize_automatically(&platform.handle.client_id, AutoAnswer::Ask);
    let response = platform.ask(&platform.question()).await;
    assert!(
        response.headers()["content-type"]
            .to_str()
            .unwrap()
            .starts_with("text/html")
    );
    let page = response.text().await.unwrap();
    for wanted in [
        ">Authorize<",
        ">Deny<",
        platform.world.account.as_str(),
        &second,
        "Fish &amp; &quot;Chips&quot; &lt;b&gt;",
        "value=\"st&amp;te\"",
    ] {
        assert!(page.contains(wanted), "{wanted} in {page}");
    }
    assert!(!page.contains(&live) && !page.contains(&platform.handle.account));
    let decide = async |decision: &str, account: &str| {
        let mut form = platform.question();
        form.extend([
            ("decision", decision.to_owned()),
            ("account", account.to_owned()),
        ]);
        platform
            .browser
            .post(platform.world.url("/oauth/authorize"))
            .form(&form)
            .send()
            .await
            .unwrap()
    };
    assert_eq!(
        sent_back(&decide("deny", &second).await)["error"],
        "access_denied"
    );
    assert_eq!(decide("authorize", &live).await.status(), 400);
    let code = sent_back(&decide("authorize", &second).await)["code"].clone();
    assert_eq!(
        platform.exchange(&code).await.1["stripe_user_id"],
        second.as_str()
    );
    sandbox.authorize_automatically(&platform.handle.client_id, AutoAnswer::Deny);
    let denied = sent_back(&platform.ask(&platform.question()).await);
    assert_eq!(
        (denied["error"].as_str(), denied["state"].as_str()),
        ("access_denied", "st&te")
    );
}

#[tokio::test]
async fn wrong_questions_stay_on_stripes_page() {
    let platform = Platform::new(PlatformKind::Connect).await;
    let ask = async |name: &str, value: &str| {
        let mut question = platform.question();
        question
            .iter_mut()
            .filter(|(known, _)| *known == name)
            .for_each(|pair| value.clone_into(&mut pair.1));
        let (status, body) = answer(platform.ask(&question).await).await;
        assert_eq!((status, &body["state"]), (400, &json!("st&te")));
        body["error"].as_str().unwrap().to_owned()
    };
    assert_eq!(ask("client_id", "ca_nobody").await, "invalid_request");
    assert_eq!(
        ask("response_type", "token").await,
        "unsupported_response_type"
    );
    assert_eq!(ask("scope", "everything").await, "invalid_scope");
    assert_eq!(
        ask("redirect_uri", "https://evil.example.com/").await,
        "invalid_redirect_uri"
    );
    let registered = "https://gateway.example.com/callback";
    platform
        .world
        .sandbox
        .register_redirect_uri(&platform.handle.client_id, registered);
    assert_eq!(ask("redirect_uri", BACK).await, "invalid_redirect_uri");
    let mut question = platform.question();
    question[1].1 = registered.to_owned();
    assert_eq!(platform.ask(&question).await.status(), 303);
}

#[tokio::test]
async fn exchanges_fail_and_lie_on_demand() {
    let platform = Platform::new(PlatformKind::Connect).await;
    let sandbox = &platform.world.sandbox;
    sandbox
        .faults()
        .inject(Rule::next(1, Fault::ServerError).on("/oauth/token"));
    let code = platform.code().await;
    assert_eq!(platform.exchange(&code).await.0, 500);
    assert_eq!(sandbox.oauth_calls().exchanges, 1);
    sandbox.next_exchange_answers(json!({"livemode": true, "access_token": null}));
    let (status, lie) = platform.exchange(&code).await;
    assert_eq!((status, &lie["livemode"]), (200, &json!(true)));
    assert!(lie.get("access_token").is_none() && lie["stripe_user_id"].is_string());
}
