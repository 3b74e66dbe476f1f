//! From the configuration to the gateway.

use std::{sync::Arc, time::Duration};

use anyhow::Context;
use chrono::TimeDelta;

use super::{master_keys, oauth};
use crate::{
    auth::HostRules,
    clock::{SharedClock, SystemClock},
    config::Config,
    domain::{Gateway, Parts, Policy, export::ExportPolicy},
    graphql,
    host::{Host, HostOptions},
    ids::{Ids, SharedEntropy, SystemEntropy},
    outbound::{self, Sender, SenderOptions},
    progress::{Bus, InProcessBus, RedisBus},
    secrets::Sealer,
    state::{
        Allowance, Allowances, Budget, Budgets, Documents, InProcessBudgets, InProcessStates,
        OAuthStates, RedisBudgets, RedisStates,
    },
    storage::{DatabaseOptions, ExportLimits, Store},
    stripe::{ClientOptions, RetryPolicy, StripeClient},
};

/// What the gateway takes from the machine: tests give their own.
#[derive(Clone)]
pub struct Machine {
    /// The time.
    pub clock: SharedClock,
    /// Randomness.
    pub entropy: SharedEntropy,
}

impl Default for Machine {
    fn default() -> Self {
        Self {
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
        }
    }
}

impl Machine {
    fn ids(&self) -> Ids {
        let clock = Arc::clone(&self.clock);
        Ids::new(Arc::new(move || clock.now()), Arc::clone(&self.entropy))
    }
}

/// The gateway, with what its process has to look after.
#[derive(Clone)]
pub struct App {
    /// Everything that Inlet does.
    pub gateway: Gateway,
    /// What the edges of all processes have in common.
    pub shared: graphql::Shared,
    /// What carries changes to whoever watches.
    pub bus: Arc<dyn Bus>,
    /// Where Redis is configured.
    pub redis: Option<Arc<RedisBus>>,
}

/// How long a query waits for a connection: clients hear of a database that is away within seconds.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

/// The database gives a read up so long after its operation has been answered that it took too long.
const READ_GRACE: Duration = Duration::from_secs(1);

/// How long an interactive call of Stripe's is tried again.
const RETRY_DEADLINE: Duration = Duration::from_secs(10);

/// How long a connection to Stripe may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// What we call ourselves.
const USER_AGENT: &str = concat!("inlet/", env!("CARGO_PKG_VERSION"));

/// Opens the database, brings its schema up to date, and puts the gateway together.
///
/// Fails where a stored credential does not open with the master keys: better not to start than to find out later.
pub async fn open(config: &Config, machine: &Machine) -> anyhow::Result<App> {
    let store = migrate(config).await?;
    let keys = master_keys::load(config, &store, &*machine.entropy).await?;
    let redis = match &config.redis.url {
        Some(url) => Some(Arc::new(
            RedisBus::connect(url, Arc::clone(&machine.entropy))
                .context("INLET_REDIS__URL cannot be used: it must be redis://…")?,
        )),
        None => None,
    };
    let bus: Arc<dyn Bus> = match &redis {
        Some(redis) => Arc::clone(redis) as Arc<dyn Bus>,
        None => Arc::new(InProcessBus::new()),
    };
    let states: Arc<dyn OAuthStates> = match &config.redis.url {
        Some(url) => Arc::new(
            RedisStates::connect(url)
                .context("INLET_REDIS__URL cannot be used: it must be redis://…")?,
        ),
        None => Arc::new(InProcessStates::new(Arc::clone(&machine.clock))),
    };
    let budgets: Arc<dyn Budgets> = match &config.redis.url {
        Some(url) => Arc::new(
            RedisBudgets::connect(url)
                .context("INLET_REDIS__URL cannot be used: it must be redis://…")?,
        ),
        None => Arc::new(InProcessBudgets::new()),
    };
    let gateway = Gateway::new(Parts {
        store,
        stripe: stripe(config, &machine.clock)?,
        sealer: Sealer::new(keys, Arc::clone(&machine.entropy)),
        bus: Arc::clone(&bus),
        clock: Arc::clone(&machine.clock),
        ids: machine.ids(),
        public_url: config.server.public_url.clone(),
        policy: Policy {
            allow_secret_keys: config.stripe.allow_secret_keys,
            live_budget: budget(config, config.import.live_requests_per_second),
            test_budget: budget(config, config.import.test_requests_per_second),
            exports: export_policy(config),
        },
        oauth: oauth::settings(config)?,
        states,
        budgets,
        host: host(config, &machine.clock)?,
        sender: sender(config)?,
    });
    gateway.verify_credentials().await.context(
        "the master keys do not fit the database: give back the keys that sealed it, in \
         INLET_SECRETS__MASTER_KEYS or in the key file beside the database",
    )?;
    Ok(App {
        gateway,
        shared: shared(config)?,
        bus,
        redis,
    })
}

fn shared(config: &Config) -> anyhow::Result<graphql::Shared> {
    let allowance = Allowance {
        limit: config.limits.cost_allowance,
        restore_rate: config.limits.cost_restore_per_second,
    };
    let (allowances, documents) = match &config.redis.url {
        Some(url) => {
            let bad = "INLET_REDIS__URL cannot be used: it must be redis://…";
            (
                Allowances::shared(allowance, url).context(bad)?,
                Documents::shared(url).context(bad)?,
            )
        }
        None => (Allowances::in_process(allowance), Documents::in_process()),
    };
    let trusted = config.limits.trusted_documents.as_ref().map(|path| {
        let json = std::fs::read_to_string(path)?;
        anyhow::Ok(Arc::new(graphql::TrustedDocuments::read(&json)?))
    });
    Ok(graphql::Shared {
        allowances: Arc::new(allowances),
        documents: Arc::new(documents),
        trusted: trusted
            .transpose()
            .context("INLET_LIMITS__TRUSTED_DOCUMENTS cannot be read")?,
    })
}

/// Opens the database and brings its schema up to date.
pub async fn migrate(config: &Config) -> anyhow::Result<Store> {
    let store = open_store(config).await?;
    let place = config.database.redacted_url();
    let applied = store
        .migrate()
        .await
        .with_context(|| format!("the database {place} cannot be migrated"))?;
    if applied > 0 {
        tracing::info!(applied, "the database's schema is up to date");
    }
    Ok(store)
}

/// Opens the database as it is.
pub async fn open_store(config: &Config) -> anyhow::Result<Store> {
    let options = DatabaseOptions {
        url: config.database.url.clone(),
        max_connections: config.database.max_connections,
        acquire_timeout: ACQUIRE_TIMEOUT,
        read_timeout: config.limits.query_timeout() + READ_GRACE,
    };
    let place = config.database.redacted_url();
    Store::open(&options)
        .await
        .with_context(|| format!("the database {place} cannot be opened"))
}

fn stripe(config: &Config, clock: &SharedClock) -> anyhow::Result<StripeClient> {
    let options = ClientOptions {
        api_url: config.stripe.api_url.clone(),
        request_timeout: Duration::from_secs(config.stripe.request_timeout_seconds),
        connect_timeout: CONNECT_TIMEOUT,
        user_agent: USER_AGENT.to_owned(),
        retry: RetryPolicy {
            deadline: RETRY_DEADLINE,
            ..RetryPolicy::default()
        },
    };
    Ok(StripeClient::new(options, Arc::clone(clock))?)
}

/// The host application; none where the operator names no issuer.
fn host(config: &Config, clock: &SharedClock) -> anyhow::Result<Option<Arc<Host>>> {
    let host = &config.host;
    let (Some(issuer), Some(url), Some(audience)) =
        (&host.issuer, host.issuer_url(), &host.audience)
    else {
        return Ok(None);
    };
    let options = HostOptions {
        rules: HostRules {
            issuer: issuer.clone(),
            audience: audience.clone(),
            workspace_claim: host.workspace_claim.clone(),
            scopes_claim: host.scopes_claim.clone(),
            leeway: TimeDelta::seconds(host.leeway_seconds.into()),
        },
        issuer: url,
        jwks_url: host.jwks_url.clone(),
        local: host.is_local(),
        refresh: host.keys_refresh(),
        stale: host.keys_stale(),
        interval: host.keys_interval(),
    };
    Ok(Some(Arc::new(Host::new(options, Arc::clone(clock))?)))
}

fn sender(config: &Config) -> anyhow::Result<Sender> {
    let notifications = &config.notifications;
    let options = SenderOptions {
        policy: outbound::Policy {
            allow_private_addresses: notifications.allow_private_addresses,
            http_hosts: notifications.http_hosts.clone(),
            ports: notifications.ports.clone(),
        },
        timeout: notifications.request_timeout(),
        user_agent: USER_AGENT.to_owned(),
    };
    Sender::new(options).context("messages to partners cannot be sent from this machine")
}

fn budget(config: &Config, requests_per_second: u32) -> Budget {
    Budget {
        requests_per_second: requests_per_second.into(),
        endpoint_requests_per_second: config.import.endpoint_requests_per_second.into(),
        concurrency: config.import.concurrency,
    }
}

fn export_policy(config: &Config) -> ExportPolicy {
    let export = &config.export;
    // The configuration was checked: both are days at most.
    let seconds = |seconds: u64| TimeDelta::seconds(i64::try_from(seconds).unwrap_or_default());
    ExportPolicy {
        kept: seconds(export.kept_seconds),
        link: seconds(export.link_seconds),
        limits: ExportLimits {
            unfinished: export.running_per_workspace,
            kept: export.kept_per_workspace,
        },
    }
}
