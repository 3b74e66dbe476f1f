//! Two workspaces that know nothing of each other, and a schema over both.

use std::{sync::Arc, time::Duration};

use async_graphql::{Executor, Request, Response, Variables};
use chrono::TimeDelta;
use futures_util::{StreamExt, stream::BoxStream};
use secrecy::SecretString;
use serde_json::{Value as Json, json};
use tempfile::TempDir;
use uuid::Uuid;

use super::rows;
use crate::{
    auth::{Caller, Scope},
    clock::{Clock, SharedClock, SystemClock},
    domain::{Gateway, Parts, Policy, connection::OAuthSettings, export::ExportPolicy},
    graphql::{Limits, Schema, Shared, build, node_id, node_id::NodeKey, write},
    ids::{
        ConnectionId, DisputeId, Ids, ImportId, PaymentId, RefundId, RequestId, SystemEntropy,
        TokenId, WorkspaceId,
    },
    outbound::{self, Sender, SenderOptions},
    progress::{Bus, InProcessBus},
    secrets::{MasterKeys, Sealer},
    state::{Allowance, Allowances, Budget, Documents, InProcessBudgets, InProcessStates},
    storage::{Claim, DatabaseOptions, ExportLimits, PageRows, Store, WindowStep, WorkspaceRow},
    stripe::{ClientOptions, RetryPolicy, StripeClient},
};

const EXPORTS: ExportPolicy = ExportPolicy {
    kept: TimeDelta::hours(1),
    link: TimeDelta::minutes(1),
    limits: ExportLimits {
        unfinished: 2,
        kept: 5,
    },
};

const BUDGET: Budget = Budget {
    requests_per_second: 1_000.0,
    endpoint_requests_per_second: 1_000.0,
    concurrency: 8,
};

/// How many payments a workspace has.
pub(super) const PAYMENTS: i64 = 30;

pub(super) struct World {
    schema: Schema,
    /// What is behind the schema, to change things with.
    pub(super) gateway: Gateway,
    /// What tells of changes.
    pub(super) bus: Arc<InProcessBus>,
    pub(super) ours: Tenant,
    pub(super) theirs: Tenant,
    _files: TempDir,
}

/// A workspace with one of each thing.
pub(super) struct Tenant {
    pub(super) workspace: WorkspaceId,
    pub(super) token: TokenId,
    pub(super) connection: ConnectionId,
    pub(super) import: ImportId,
    /// Newest first.
    pub(super) payments: Vec<PaymentId>,
    pub(super) refund: RefundId,
    pub(super) dispute: DisputeId,
}

impl World {
    pub(super) async fn new() -> Self {
        Self::at(Arc::new(SystemClock)).await
    }

    /// A world with a time of its own.
    pub(super) async fn at(clock: SharedClock) -> Self {
        let files = tempfile::tempdir().unwrap();
        let options = DatabaseOptions {
            max_connections: 4,
            ..DatabaseOptions::in_folder(&files)
        };
        let store = Store::open(&options).await.unwrap();
        store.migrate().await.unwrap();
        let ids = Ids::new(Arc::new(|| SystemClock.now()), Arc::new(SystemEntropy));
        let ours = Tenant::new(&store, &ids, "ours").await;
        let theirs = Tenant::new(&store, &ids, "theirs").await;
        let bus = Arc::new(InProcessBus::new());
        let gateway = gateway(store, clock, ids, Arc::clone(&bus) as _);
        let allowance = Allowance {
            limit: 500_000,
            restore_rate: 50_000,
        };
        let shared = Shared {
            allowances: Arc::new(Allowances::in_process(allowance)),
            documents: Arc::new(Documents::in_process()),
            trusted: None,
        };
        Self {
            schema: build(gateway.clone(), Limits::default(), shared),
            gateway,
            bus,
            ours,
            theirs,
            _files: files,
        }
    }

    /// The answer to a request of our workspace with these scopes; without its cost, whose rest changes with time.
    pub(super) async fn ask_with(&self, scopes: &[Scope], query: &str, variables: Json) -> Json {
        let request = request(query, variables).data(self.caller(scopes));
        let mut answer = self.schema.execute(request).await;
        answer.extensions.remove("cost");
        as_json(&answer)
    }

    /// Whether a document was executed before and is kept.
    pub(super) fn keeps(&self, query: &str) -> bool {
        self.schema.documents.find(query).is_some()
    }

    /// The answer to a request of our workspace that may do everything.
    pub(super) async fn ask(&self, query: &str, variables: Json) -> Json {
        self.ask_with(&Scope::ALL, query, variables).await
    }

    /// The answer to a request without a token.
    pub(super) async fn ask_anonymously(&self, query: &str) -> Json {
        let request = request(query, json!({}));
        as_json(&self.schema.execute(request).await)
    }

    /// The answers to a subscription of this caller.
    pub(super) fn watch(
        &self,
        caller: Caller,
        query: &str,
        variables: Json,
    ) -> BoxStream<'static, Json> {
        let request = request(query, variables).data(caller);
        let answers = self.schema.execute_stream(request, None);
        answers.map(|answer| as_json(&answer)).boxed()
    }

    pub(super) fn caller(&self, scopes: &[Scope]) -> Caller {
        Caller {
            workspace: self.ours.workspace,
            token: self.ours.token,
            host: None,
            scopes: scopes.iter().copied().collect(),
            expires_at: None,
        }
    }
}

impl Tenant {
    async fn new(store: &Store, ids: &Ids, name: &str) -> Self {
        let workspace = ids.next();
        let row = WorkspaceRow {
            id: workspace,
            name: name.to_owned(),
            created_at: rows::start(),
        };
        store.insert_workspace(row).await.unwrap();
        let token = rows::token(workspace, ids.next());
        store
            .insert_token(token.clone(), rows::audit(workspace, ids.next()))
            .await
            .unwrap();

        let connection = rows::connection(workspace, ids.next(), name);
        let import = rows::import(workspace, connection.id, ids.next());
        let window = rows::window(&import, ids.next());
        let entry = rows::audit(workspace, ids.next());
        let work = (import.clone(), vec![window]);
        store
            .insert_connection(connection.clone(), None, work, entry)
            .await
            .unwrap();

        let key = ConnectionId(connection.id);
        let payments: Vec<_> = (0..PAYMENTS)
            .map(|age| {
                let id = PaymentId::of(key, &format!("ch_{age}")).0;
                // Pairs of payments share a second, so that ids decide.
                rows::payment(&connection, id, age / 2, (age * 7) % 5 * 100)
            })
            .collect();
        let refunds: Vec<_> = (0..3)
            .map(|age| rows::refund(&payments[0], ids.next(), age))
            .collect();
        let dispute = rows::dispute(&payments[0], ids.next());
        let tenant = Self {
            workspace: WorkspaceId(workspace),
            token: TokenId(token.id),
            connection: key,
            import: ImportId(import.id),
            payments: newest_first(&payments),
            refund: RefundId(refunds[0].id),
            dispute: DisputeId(dispute.id),
        };
        let page = PageRows {
            payments,
            refunds,
            disputes: vec![dispute],
            objects: 30,
            ..PageRows::default()
        };
        let at = rows::start();
        let claim = Claim {
            owner: ids.next(),
            now: at,
            until: at + Duration::from_mins(1),
        };
        let window = store.claim_windows(key, claim, 1).await.unwrap().remove(0);
        store
            .commit_page(&window, WindowStep::Done { oldest: None }, page, at)
            .await
            .unwrap();
        tenant
    }
}

fn request(query: &str, variables: Json) -> Request {
    Request::new(query)
        .variables(Variables::from_json(variables))
        .data(RequestId("req_1".to_owned()))
}

fn newest_first(payments: &[crate::storage::PaymentRow]) -> Vec<PaymentId> {
    let mut places: Vec<_> = payments
        .iter()
        .map(|row| (row.created_at, row.id))
        .collect();
    places.sort_unstable_by(|a, b| b.cmp(a));
    places.into_iter().map(|(_, id)| PaymentId(id)).collect()
}

fn gateway(store: Store, clock: SharedClock, ids: Ids, bus: Arc<dyn Bus>) -> Gateway {
    // A provider that another test installed is the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let states = Arc::new(InProcessStates::new(Arc::clone(&clock)));
    let options = ClientOptions {
        // Nothing listens there.
        api_url: "http://127.0.0.1:9".parse().unwrap(),
        request_timeout: Duration::from_secs(1),
        connect_timeout: Duration::from_secs(1),
        user_agent: "tests".to_owned(),
        retry: RetryPolicy {
            attempts: 1,
            ..RetryPolicy::default()
        },
    };
    let messages = SenderOptions {
        policy: outbound::Policy::default(),
        timeout: Duration::from_secs(1),
        user_agent: "tests".to_owned(),
    };
    let key = format!("k:{}", "A".repeat(43));
    let keys = MasterKeys::parse(&SecretString::from(key)).unwrap();
    Gateway::new(Parts {
        store,
        stripe: StripeClient::new(options, Arc::clone(&clock)).unwrap(),
        sealer: Sealer::new(keys, Arc::new(SystemEntropy)),
        bus,
        clock,
        ids,
        public_url: "http://127.0.0.1:8080".parse().unwrap(),
        policy: Policy {
            allow_secret_keys: false,
            live_budget: BUDGET,
            test_budget: BUDGET,
            exports: EXPORTS,
        },
        oauth: OAuthSettings::default(),
        states,
        budgets: Arc::new(InProcessBudgets::new()),
        host: None,
        sender: Sender::new(messages).unwrap(),
    })
}

/// An answer as it goes over the wire.
fn as_json(answer: &Response) -> Json {
    serde_json::from_slice(&write(answer).unwrap()).unwrap()
}

/// The id as clients see it.
pub(super) fn id<K: NodeKey>(key: K) -> String {
    node_id::encode(key).0
}

/// An id of this kind that nothing has.
pub(super) fn unknown<K: NodeKey>() -> String {
    id(K::from(Uuid::from_u128(1)))
}

/// The code of the answer's first error.
pub(super) fn code(answer: &Json) -> &str {
    answer["errors"][0]["extensions"]["code"]
        .as_str()
        .unwrap_or_default()
}
