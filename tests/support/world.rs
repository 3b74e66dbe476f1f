//! A gateway with its Stripe, and how a test talks to it.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use api::{
    app::{Machine, Role, Server, start},
    config::Config,
    lifecycle::Lifecycle,
    telemetry::Metrics,
};
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use sandbox::{AccountSpec, Grants, PlatformKind, RequestRecord, Sandbox};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, Statement};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tokio::sync::OnceCell;

use crate::{Backend, FaultyEntropy, MovableClock, Platforms, Socket};

/// What a test may want otherwise.
#[derive(Clone, Debug, Default)]
pub struct WorldOptions {
    /// Settings of the gateway, by variable.
    pub variables: Vec<(&'static str, String)>,
    /// Registers platforms of this kind at Stripe and tells the gateway of them.
    pub oauth: Option<PlatformKind>,
    /// Starts only this part of the gateway.
    pub role: Option<Role>,
}

/// A running gateway, and a Stripe beside it.
pub struct World {
    /// The Stripe.
    pub stripe: Sandbox,
    /// The gateway's platforms at Stripe, where the test asked for some.
    pub platforms: Option<Platforms>,
    /// The gateway; what is behind it may be looked at.
    pub server: Server,
    /// The gateway's time.
    pub clock: Arc<MovableClock>,
    /// The gateway's randomness.
    pub entropy: Arc<FaultyEntropy>,
    /// A token with every scope, of the workspace "default".
    pub token: String,
    /// The HTTP client.
    pub http: Client,
    lifecycle: Lifecycle,
    backend: Backend,
    database: OnceCell<DatabaseConnection>,
}

/// An answer over HTTP.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The content type.
    pub media: String,
    /// The body; null where it is not JSON.
    pub body: Value,
}

/// Where a gateway is reached that nobody told.
pub const PUBLIC_URL: &str = "http://127.0.0.1:8080";

/// An answer that takes longer than this never comes.
pub const ANSWER_TIME: Duration = Duration::from_secs(100);

/// An import that takes longer than this has gone wrong.
const IMPORT_TIME: Duration = Duration::from_secs(90);

impl World {
    /// Starts everything.
    pub async fn start(backend: Backend, options: WorldOptions) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let stripe = Sandbox::start(sandbox::Options::default())
            .await
            .expect("a Stripe");
        let mut variables = backend.variables();
        let settings = [
            ("INLET_SERVER__LISTEN", "127.0.0.1:0".to_owned()),
            ("INLET_STRIPE__API_URL", stripe.url()),
            ("INLET_IMPORT__TEST_REQUESTS_PER_SECOND", "1000".to_owned()),
            ("INLET_IMPORT__LIVE_REQUESTS_PER_SECOND", "1000".to_owned()),
            (
                "INLET_IMPORT__ENDPOINT_REQUESTS_PER_SECOND",
                "1000".to_owned(),
            ),
            ("INLET_IMPORT__LEASE_SECONDS", "2".to_owned()),
        ];
        let public_url = public_url(&options);
        let register = |kind| Platforms::register(&stripe, kind, &public_url);
        let platforms = options.oauth.map(register);
        let registered = platforms
            .as_ref()
            .map(|platforms| platforms.variables(&stripe));
        let registered = registered.unwrap_or_default();
        let all = settings
            .into_iter()
            .chain(registered)
            .chain(options.variables);
        variables.extend(all.map(|(name, value)| (name.to_owned(), value)));
        let config = Config::from_variables(None, variables).expect("a configuration");
        let clock = Arc::new(MovableClock::default());
        let entropy = Arc::new(FaultyEntropy::default());
        let machine = Machine {
            clock: clock.clone(),
            entropy: entropy.clone(),
        };
        let lifecycle = Lifecycle::new();
        let role = options.role.unwrap_or(Role::All);
        let server = start(&config, role, &lifecycle, metrics(), &machine)
            .await
            .expect("the gateway starts");
        // What Stripe sends to the gateway's public address arrives here.
        let here = format!("http://{}", server.address);
        stripe.delivery().route(&public_url, &here);
        let token = server
            .first_token
            .as_ref()
            .expect("a first token")
            .expose_secret()
            .to_owned();
        Self {
            stripe,
            platforms,
            server,
            clock,
            entropy,
            token,
            http: Client::builder()
                .no_proxy()
                .timeout(ANSWER_TIME)
                .build()
                .expect("a client"),
            lifecycle,
            backend,
            database: OnceCell::new(),
        }
    }

    /// Stops everything and removes what was made.
    pub async fn end(self) {
        assert!(
            self.lifecycle.finish(Duration::from_secs(20)).await,
            "work was left over"
        );
        self.server
            .app
            .gateway
            .store()
            .clone()
            .close()
            .await
            .expect("the database closes");
        self.backend.end().await;
    }

    /// An address of the gateway.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.server.address)
    }

    /// The URL of the test's database.
    #[must_use]
    pub fn database_url(&self) -> String {
        self.backend.database_url()
    }

    /// The test's database, looked at beside the gateway: one connection for the whole test, which is let go with it.
    /// A pool that is opened and closed for every look sometimes waits for its own end for ever.
    pub async fn database(&self) -> &DatabaseConnection {
        let open = || async {
            let mut options = ConnectOptions::new(self.database_url());
            options.max_connections(1).sqlx_logging(false);
            Box::pin(Database::connect(options))
                .await
                .expect("a database")
        };
        self.database.get_or_init(open).await
    }

    /// The variables that make a program use the test's backend.
    #[must_use]
    pub fn variables(&self) -> Vec<(String, String)> {
        self.backend.variables()
    }

    /// What the gateway asked Stripe for, besides its own looks for events that never arrived.
    #[must_use]
    pub fn asked(&self) -> Vec<RequestRecord> {
        let mut requests = self.stripe.requests();
        requests.retain(|request| request.path != "/v1/events" || request.query == "limit=1");
        requests
    }

    /// Sends a request.
    #[expect(
        clippy::disallowed_methods,
        reason = "tests are clients of the gateway, not of Stripe"
    )]
    pub async fn send(&self, request: RequestBuilder) -> Answer {
        let response: Response = request.send().await.expect("an answer");
        let status = response.status();
        let media = response.headers().get("content-type");
        let media = media
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
            .to_owned();
        let bytes = response.bytes().await.expect("a body");
        Answer {
            status,
            media,
            body: serde_json::from_slice(&bytes).unwrap_or(Value::Null),
        }
    }

    /// Asks with a token; the whole answer.
    pub async fn ask_as(&self, token: &str, query: &str, variables: Value) -> Answer {
        let body = json!({ "query": query, "variables": variables });
        self.send(
            self.http
                .post(self.url("/graphql"))
                .bearer_auth(token)
                .json(&body),
        )
        .await
    }

    /// Asks with the world's token; the JSON answer.
    pub async fn graphql(&self, query: &str, variables: Value) -> Value {
        self.ask_as(&self.token, query, variables).await.body
    }

    /// Asks with the world's token; the data. Errors fail the test.
    pub async fn data(&self, query: &str, variables: Value) -> Value {
        let mut body = self.graphql(query, variables).await;
        assert!(body.get("errors").is_none(), "{query}\nanswered {body:#}");
        body["data"].take()
    }

    /// A Stripe account with a key that grants everything.
    #[must_use]
    pub fn account(&self, spec: AccountSpec) -> (String, String) {
        let account = self.stripe.add_account(spec);
        let key = self.stripe.create_key(&account, Grants::All);
        (account, key)
    }

    /// Connects a key; the connection's id. Anything else fails the test.
    pub async fn connect(&self, name: &str, key: &str) -> String {
        let payload = self.try_connect(name, key).await;
        assert_eq!(payload["errors"], json!([]), "connecting failed");
        payload["connection"]["id"]
            .as_str()
            .expect("an id")
            .to_owned()
    }

    /// Connects a key; the payload.
    pub async fn try_connect(&self, name: &str, key: &str) -> Value {
        let input = json!({ "name": name, "apiKey": key });
        self.data(CONNECT, json!({ "input": input })).await["connectWithApiKey"].take()
    }

    /// Waits until the latest import of a connection has ended; the import.
    pub async fn imported(&self, connection: &str) -> Value {
        let waiting = async {
            loop {
                let import = self.latest_import(connection).await;
                if !matches!(import["status"].as_str(), Some("QUEUED" | "RUNNING")) {
                    return import;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        match tokio::time::timeout(IMPORT_TIME, waiting).await {
            Ok(import) => import,
            Err(late) => panic!(
                "the import has not ended ({late}): {:#}",
                self.latest_import(connection).await
            ),
        }
    }

    /// Waits until the latest import of a connection has ended, and the lists of its payouts were read, which comes after
    /// it and changes payments; the import.
    pub async fn imported_with_payouts(&self, connection: &str) -> Value {
        let import = self.imported(connection).await;
        self.payouts_read().await;
        import
    }

    /// Waits until no payout's list is to be read.
    pub async fn payouts_read(&self) {
        self.none_left("SELECT payout_id FROM payout_links WHERE run_at IS NOT NULL")
            .await;
    }

    /// Waits until all payments are summed up.
    pub async fn summed_up(&self) {
        self.none_left("SELECT id FROM rollup_marks").await;
    }

    /// Waits until a query finds no row.
    async fn none_left(&self, query: &str) {
        let database = self.database().await;
        let backend = database.get_database_backend();
        let rows = || database.query_all_raw(Statement::from_string(backend, query));
        let waiting = async {
            while !rows().await.expect("rows").is_empty() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        let waited = tokio::time::timeout(IMPORT_TIME, waiting).await;
        assert!(waited.is_ok(), "there still are rows: {query}");
    }

    /// The latest import of a connection.
    pub async fn latest_import(&self, connection: &str) -> Value {
        let mut data = self.data(LATEST_IMPORT, json!({ "id": connection })).await;
        data["connection"]["latestImport"].take()
    }

    /// Opens a socket for subscriptions, introduced with the world's token.
    pub async fn socket(&self) -> Socket {
        let mut socket = Socket::open(&self.url("/graphql/ws")).await;
        socket.introduce(&self.token).await;
        socket
    }
}

/// Where the gateway of a test says that it is reached, without a slash at the end.
fn public_url(options: &WorldOptions) -> String {
    let mut variables = options.variables.iter();
    let told = variables.find(|(name, _)| *name == "INLET_SERVER__PUBLIC_URL");
    told.map_or(PUBLIC_URL, |(_, url)| url.trim_end_matches('/'))
        .to_owned()
}

/// The one set of metrics of the test process.
#[must_use]
pub fn metrics() -> Metrics {
    static METRICS: OnceLock<Metrics> = OnceLock::new();
    METRICS
        .get_or_init(|| Metrics::install().expect("metrics"))
        .clone()
}

const CONNECT: &str = "
    mutation Connect($input: ConnectWithApiKeyInput!) {
      connectWithApiKey(input: $input) {
        connection {
          id name status statusReason statusMessage livemode apiKeyHint authMethod
          account { stripeId displayName country defaultCurrency }
          permissions { granted permission { resource access required } }
          latestImport { id status }
        }
        errors {
          __typename message path
          ... on MissingPermissionsError { missing { resource required } }
          ... on AccountAlreadyConnectedError { connection { id } }
          ... on StripeUnavailableError { retryAfterSeconds }
        }
      }
    }";

const LATEST_IMPORT: &str = "
    query Latest($id: ID!) {
      connection(id: $id) {
        latestImport {
          id trigger status from to queuedAt startedAt finishedAt
          failure { code message retryable }
          progress {
            status sequence importedPayments importedObjects percentComplete coveredSince currentTrouble
            resources { resource status importedObjects percentComplete }
          }
        }
      }
    }";
