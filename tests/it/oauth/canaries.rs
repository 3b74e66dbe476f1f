//! Secrets are neither in what the program says, at whatever level, nor in its database.

use std::fmt::Write as _;

use std::time::Duration;

use reqwest::Url;
use sandbox::{
    AccountSpec, Act, AutoAnswer, Fault, Grants, Options, PaymentSpec, PlatformKind, Rule, Sandbox,
};
use serde_json::{Value, json};
use tests::{Backend, Client, PUBLIC_URL, Platforms, Program, Socket, Tables};

use super::browser::{Browser, Page};
use crate::connecting::database::files;

const SETTINGS: &[(&str, &str)] = &[
    ("INLET_IMPORT__TEST_REQUESTS_PER_SECOND", "1000"),
    ("INLET_IMPORT__ENDPOINT_REQUESTS_PER_SECOND", "1000"),
    ("INLET_LOG__FILTER", "trace"),
];

const START: &str = "
    mutation($name: String!) {
      startStripeOAuth(input: { name: $name, livemode: false, returnUrl: \"https://app.example/done\" }) {
        authorizationUrl errors { message }
      }
    }";

const CONNECT: &str = "
    mutation($key: String!) {
      connectWithApiKey(input: { name: \"Refused\", apiKey: $key }) { connection { id } errors { message } }
    }";

/// How the secrets of Stripe and ours begin.
const PREFIXES: [&str; 8] = [
    "sk_test_", "sk_live_", "rk_test_", "rk_live_", "rt_", "ac_", "whsec_", "inl_",
];

/// A program that says all it can, beside a Stripe, and the secrets that both have seen.
struct Run {
    stripe: Sandbox,
    platforms: Platforms,
    client: Client,
    program: Program,
    secrets: Vec<String>,
}

impl Run {
    async fn start(backend: &Backend, kind: PlatformKind) -> Self {
        let stripe = Sandbox::start(Options::default()).await.unwrap();
        let platforms = Platforms::register(&stripe, kind, PUBLIC_URL);
        let mut client = Client::new(backend, &stripe, SETTINGS);
        let told = platforms.variables(&stripe).into_iter();
        client
            .variables
            .extend(told.map(|(name, value)| (name.to_owned(), value)));
        let program = client.start_logged().await;
        stripe.delivery().route(PUBLIC_URL, &program.url);
        let secrets = vec![
            client.token.clone(),
            platforms.test.secret_key.clone(),
            platforms.live.secret_key.clone(),
            platforms.test_webhook_secret.clone(),
            platforms.live_webhook_secret.clone(),
        ];
        Self {
            stripe,
            platforms,
            client,
            program,
            secrets,
        }
    }

    async fn ask(&self, query: &str, variables: Value) -> Value {
        self.client.data(&self.program, query, variables).await
    }

    /// Goes from the start to the callback, which `change` may spoil.
    async fn flow(&mut self, name: &str, change: impl Fn(&mut Url)) -> Page {
        let data = self.ask(START, json!({ "name": name })).await;
        let url = data["startStripeOAuth"]["authorizationUrl"].as_str();
        let url = Url::parse(url.unwrap()).unwrap();
        let browser = Browser::new();
        let mut callback = browser.walk_at(&self.program.url, &url).await;
        change(&mut callback);
        for url in [&url, &callback] {
            let pairs = url.query_pairs();
            let secret = pairs.filter(|(name, _)| matches!(&**name, "flow" | "state" | "code"));
            self.secrets
                .extend(secret.map(|(_, value)| value.into_owned()));
        }
        self.secrets.extend(browser.secrets());
        let page = browser.at(&self.program.url, &callback).await;
        // Once more: its state is used.
        assert_eq!(
            browser.at(&self.program.url, &callback).await.error(),
            "OAUTH_STATE_USED"
        );
        page
    }

    /// Every way in that ends badly.
    async fn failures(&mut self) {
        let client_id = self.platforms.test.client_id.clone();
        let token = match self.platforms.kind {
            PlatformKind::Connect => "/oauth/token",
            PlatformKind::App => "/v1/oauth/token",
        };
        self.stripe
            .authorize_automatically(&client_id, AutoAnswer::Deny);
        let denied = self.flow("Denied", |_| {}).await;
        assert_eq!(denied.error(), "OAUTH_ACCESS_DENIED");

        let account = self.stripe.add_account(AccountSpec::default());
        self.stripe
            .authorize_automatically(&client_id, AutoAnswer::Grant(account));
        for fault in [
            Fault::TruncatedBody,
            Fault::InvalidJson,
            Fault::ServerError,
            Fault::ConnectionReset,
        ] {
            self.stripe.faults().inject(Rule::every(1, fault).on(token));
            self.flow("Failed", |_| {}).await.error();
            self.stripe.faults().clear();
        }
        self.stripe
            .next_exchange_answers(json!({ "livemode": true }));
        let wrong = self.flow("Wrong mode", |_| {}).await;
        assert_eq!(wrong.error(), "OAUTH_WRONG_MODE");
        // Stripe's answer repeats the code.
        let invented = self.flow("Invented", |callback| {
            let pairs: Vec<_> = callback
                .query_pairs()
                .into_owned()
                .filter(|(name, _)| name != "code")
                .collect();
            callback
                .query_pairs_mut()
                .clear()
                .extend_pairs(pairs)
                .append_pair("code", "ac_CanaryCanaryCanaryCanary");
        });
        assert_eq!(invented.await.error(), "OAUTH_EXCHANGE_FAILED");

        let account = self.stripe.add_account(AccountSpec::default());
        let revoked = self.stripe.create_key(&account, Grants::All);
        self.stripe.revoke_key(&revoked);
        let malformed = "rk_test_51CanaryCanary Canary".to_owned();
        let secret = self.stripe.create_secret_key(&account);
        for key in [revoked, malformed, secret] {
            let data = self.ask(CONNECT, json!({ "key": key })).await;
            assert_ne!(data["connectWithApiKey"]["errors"], json!([]));
            self.secrets.push(key);
        }
    }

    /// Deliveries by hand, so that their signatures are known: good ones and bad ones.
    #[expect(
        clippy::disallowed_methods,
        reason = "tests are clients of the gateway, not of Stripe"
    )]
    async fn deliver(&mut self, url: &str, secret: &str) {
        let now = self.stripe.now().timestamp();
        let body = json!({
            "id": format!("evt_{}", self.secrets.len()), "object": "event", "type": "charge.updated",
            "created": now, "livemode": false, "api_version": null, "account": null,
            "data": { "object": { "id": "ch_none", "object": "charge" } },
        });
        let body = body.to_string();
        let path = url.strip_prefix(PUBLIC_URL).unwrap();
        for (header, status) in [
            (sandbox::sign(secret, now, &body), 200),
            (sandbox::sign("whsec_other", now, &body), 400),
            (sandbox::sign(secret, now - 400, &body), 400),
        ] {
            let request = self.client.http.post(format!("{}{path}", self.program.url));
            let request = request.header("stripe-signature", &header);
            let answer = request.body(body.clone()).send().await.unwrap();
            assert_eq!(answer.status().as_u16(), status, "{url}");
            let (_, signature) = header.split_once("v1=").unwrap();
            self.secrets.push(signature.to_owned());
        }
    }
}

/// Waits until nothing is found any more.
async fn until_none(tables: &Tables, of: &str) {
    let waiting = async {
        while tables
            .texts(&format!("SELECT '' || count(*) FROM {of}"))
            .await[0]
            != "0"
        {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let done = tokio::time::timeout(Duration::from_mins(1), waiting).await;
    assert!(done.is_ok(), "there still are {of}");
}

/// What looks like a secret in a text, by how it begins.
fn alike(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for prefix in PREFIXES {
        for (at, _) in text.match_indices(prefix) {
            let is_inside = text[..at]
                .chars()
                .next_back()
                .is_some_and(|before| before.is_ascii_alphanumeric() || before == '_');
            let rest = &text[at + prefix.len()..];
            let length = rest
                .find(|letter: char| !letter.is_ascii_alphanumeric())
                .unwrap_or(rest.len());
            if !is_inside && length >= 16 {
                found.push(&text[at..at + prefix.len() + length]);
            }
        }
    }
    found
}

fn assert_has_none(what: &str, text: &str, secrets: &[String]) {
    for secret in secrets {
        let hex = secret.bytes().fold(String::new(), |mut hex, byte| {
            write!(hex, "{byte:02x}").unwrap();
            hex
        });
        for written in [secret, &hex] {
            let line = text.lines().find(|line| line.contains(written.as_str()));
            assert!(
                line.is_none(),
                "{secret} is in {what}: {:.400}",
                line.unwrap_or_default()
            );
        }
    }
    assert_eq!(alike(text), Vec::<&str>::new(), "in {what}");
}

/// Everything that may go well and badly, and then no trace of a secret anywhere.
async fn leaves_no_trace(backend: Backend, kind: PlatformKind) {
    let mut run = Run::start(&backend, kind).await;
    let tables = Tables::open(&backend.database_url()).await;
    let mut socket = Socket::open(&format!("{}/graphql/ws", run.program.url)).await;
    socket.introduce(&run.client.token).await;
    let watched = "subscription { paymentsChanged { id } }";
    socket.subscribe("1", watched, json!({})).await;

    run.failures().await;
    let by_key = run.stripe.add_account(AccountSpec::with_payments(5));
    let key = run.stripe.create_key(&by_key, Grants::All);
    run.client.connect(&run.program, &key).await;
    run.secrets.push(key);
    let let_in = run.stripe.add_account(AccountSpec::with_payments(5));
    let answer = AutoAnswer::Grant(let_in.clone());
    run.stripe
        .authorize_automatically(&run.platforms.test.client_id, answer);
    run.flow("Canary shop", |_| {}).await.connection();
    until_none(&tables, "imports WHERE status IN ('queued', 'running')").await;

    // An app's access is renewed at the next event.
    let soon =
        "UPDATE connections SET access_expires_at = created_at WHERE access_expires_at IS NOT NULL";
    sea_orm::ConnectionTrait::execute_unprepared(&tables.0, soon)
        .await
        .unwrap();
    for account in [&by_key, &let_in] {
        let paid = run
            .stripe
            .act(account, Act::Pay(PaymentSpec::default()))
            .unwrap();
        run.stripe.act(account, Act::Dispute(paid.id)).unwrap();
    }
    run.stripe.delivery().settled().await;
    let endpoint = run.stripe.webhook_endpoints(&by_key).remove(0);
    let secret = endpoint["id"]
        .as_str()
        .and_then(|id| run.stripe.endpoint_secret(id));
    let secret = secret.unwrap();
    run.deliver(endpoint["url"].as_str().unwrap(), &secret)
        .await;
    run.secrets.push(secret);
    let secret = run.platforms.test_webhook_secret.clone();
    run.deliver(&format!("{PUBLIC_URL}/webhooks/stripe"), &secret)
        .await;
    until_none(&tables, "inbox_events WHERE state = 'pending'").await;
    let renewed = run.stripe.oauth_calls().refreshes > 0;
    assert_eq!(renewed, kind == PlatformKind::App);

    let logged = run.program.logged();
    assert!(logged.contains("TRACE") && logged.contains("asked Stripe: GET /v1/charges"));
    assert_has_none("the log", &logged, &run.secrets);
    let mut stored = tables.everything().await;
    if backend.database_url().starts_with("sqlite:") {
        stored += &String::from_utf8_lossy(&files(&backend.database_url()));
    }
    assert!(stored.contains("Canary shop") && stored.contains(&let_in));
    assert_has_none("the database", &stored, &run.secrets);
    run.program.kill().await;
    tables.close().await;
    backend.end().await;
}

async fn on_both(kind: PlatformKind) {
    leaves_no_trace(Backend::embedded(), kind).await;
    if let Some(backend) = Backend::shared().await {
        leaves_no_trace(backend, kind).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connect_platform_leaves_no_trace_of_a_secret() {
    on_both(PlatformKind::Connect).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_app_leaves_no_trace_of_a_secret() {
    on_both(PlatformKind::App).await;
}
