//! Serving: the edges and the engines of one process.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context;
use futures_util::future::BoxFuture;
use secrecy::SecretString;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{App, Machine, first_start, open};
use crate::{
    config::Config,
    export, graphql,
    http::{self, Edge},
    import, inbox,
    lifecycle::Lifecycle,
    notify,
    telemetry::Metrics,
};

/// What a process does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Both.
    All,
    /// Answers clients.
    Api,
    /// Runs imports and exports.
    Worker,
}

/// A server that has started.
pub struct Server {
    /// Where it listens.
    pub address: SocketAddr,
    /// The first workspace's token, where this was the very first start.
    pub first_token: Option<SecretString>,
    /// The gateway behind it.
    pub app: App,
}

/// How often the metrics drop what is out of date.
const UPKEEP: Duration = Duration::from_secs(5);

/// Starts what the role asks for, as tasks of the lifecycle.
///
/// In a box, so that whoever starts a gateway does not have to be compiled with all of it.
#[must_use]
pub fn start<'a>(
    config: &'a Config,
    role: Role,
    lifecycle: &'a Lifecycle,
    metrics: Metrics,
    machine: &'a Machine,
) -> BoxFuture<'a, anyhow::Result<Server>> {
    Box::pin(start_all(config, role, lifecycle, metrics, machine))
}

async fn start_all(
    config: &Config,
    role: Role,
    lifecycle: &Lifecycle,
    metrics: Metrics,
    machine: &Machine,
) -> anyhow::Result<Server> {
    let app = open(config, machine).await?;
    let first_token = if role == Role::Worker {
        None
    } else {
        first_start::begin(&app.gateway).await?
    };
    let listen = config.server.listen;
    let listener = TcpListener::bind(listen)
        .await
        .with_context(|| format!("cannot listen on {listen} (INLET_SERVER__LISTEN)"))?;
    let address = listener.local_addr()?;
    if role != Role::Api {
        spawn(lifecycle, run_engines(config, &app, &lifecycle.soft));
    }
    let (gateway, stop) = (app.gateway.clone(), lifecycle.soft.clone());
    spawn(lifecycle, async move { gateway.keep_reads(stop).await });
    let (allowances, stop) = (Arc::clone(&app.shared.allowances), lifecycle.soft.clone());
    spawn(lifecycle, async move {
        stop.run_until_cancelled(allowances.keep_level()).await;
    });
    if let (Some(host), true) = (app.gateway.host(), role != Role::Worker) {
        let (host, stop) = (Arc::clone(host), lifecycle.soft.clone());
        spawn(lifecycle, async move {
            stop.run_until_cancelled(host.keep()).await;
        });
    }
    let edge = edge(config, &app, lifecycle, metrics.clone());
    let answers = if role == Role::Worker {
        http::Role::Worker
    } else {
        http::Role::Api
    };
    let serve = async move {
        if let Err(error) = http::serve(listener, edge, answers).await {
            tracing::error!(%error, "the server ended");
        }
    };
    spawn(lifecycle, serve);
    keep_up(lifecycle, metrics);
    Ok(Server {
        address,
        first_token,
        app,
    })
}

/// All engines, until they are told to stop; then other processes hear of the last changes too.
fn run_engines(
    config: &Config,
    app: &App,
    stop: &CancellationToken,
) -> impl Future<Output = ()> + Send + 'static {
    let imports = import::Engine::new(app.gateway.clone(), import_settings(config));
    let live = inbox::Engine::new(app.gateway.clone(), inbox_settings(config));
    let exports = export::Engine::new(app.gateway.clone(), export_settings(config));
    let messages = notify::Engine::new(app.gateway.clone(), notify_settings(config));
    let (stop, redis, gateway) = (stop.clone(), app.redis.clone(), app.gateway.clone());
    async move {
        tokio::join!(
            imports.run(stop.clone()),
            live.run(stop.clone()),
            exports.run(stop.clone()),
            messages.run(stop),
        );
        if let Err(error) = gateway.store_reads(false).await {
            tracing::warn!(%error, "what was read of accounts last is not stored");
        }
        if let Some(redis) = redis
            && let Err(error) = redis.flush().await
        {
            tracing::warn!(%error, "the last changes were not told to other processes");
        }
    }
}

fn edge(
    config: &Config,
    app: &App,
    lifecycle: &Lifecycle,
    metrics: Metrics,
) -> Edge<graphql::Schema> {
    let limits = &config.limits;
    let query_limits = graphql::Limits {
        max_depth: limits.query_depth,
        max_cost: limits.query_complexity,
        page_size: limits.page_size,
        max_page_size: limits.max_page_size,
        token_check: limits.token_check(),
        anonymous_introspection: limits.anonymous_introspection,
        ..graphql::Limits::default()
    };
    Edge {
        operations: graphql::build(app.gateway.clone(), query_limits, app.shared.clone()),
        gateway: app.gateway.clone(),
        sockets: lifecycle.tracker.clone(),
        slots: http::Slots::new(limits.sockets_per_token),
        origins: http::Origins::new(&config.server.public_url, &config.server.cors_origins),
        stop: lifecycle.soft.clone(),
        readiness: Arc::new(app.clone()),
        metrics: Arc::new(move || metrics.render()),
        limits: http::Limits {
            body_bytes: config.server.max_body_bytes,
            query_body_bytes: limits.query_body_bytes,
            answer_bytes: limits.answer_bytes,
            request_timeout: config.server.request_timeout(),
            query_timeout: limits.query_timeout(),
            socket_message_bytes: limits.socket_message_bytes,
            socket_operations: limits.socket_operations,
            socket_init: limits.socket_init(),
            heartbeat: limits.heartbeat(),
        },
    }
}

/// Runs a part of the process: its end waits for it, until the hard stage.
fn spawn(lifecycle: &Lifecycle, part: impl Future<Output = ()> + Send + 'static) {
    lifecycle
        .tracker
        .spawn(lifecycle.hard.clone().run_until_cancelled_owned(part));
}

fn inbox_settings(config: &Config) -> inbox::Settings {
    inbox::Settings {
        lease: config.import.lease(),
        recovery_interval: config.inbox.recovery_interval(),
    }
}

fn export_settings(config: &Config) -> export::Settings {
    export::Settings {
        lease: config.import.lease(),
    }
}

fn notify_settings(config: &Config) -> notify::Settings {
    notify::Settings {
        concurrency: config.notifications.concurrency,
        concurrency_per_endpoint: config.notifications.concurrency_per_endpoint,
    }
}

fn import_settings(config: &Config) -> import::Settings {
    let import = &config.import;
    import::Settings {
        concurrency: import.concurrency,
        lease: import.lease(),
    }
}

fn keep_up(lifecycle: &Lifecycle, metrics: Metrics) {
    let stop = lifecycle.soft.clone();
    lifecycle.tracker.spawn(async move {
        while !stop.is_cancelled() {
            metrics.upkeep();
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(UPKEEP) => {}
            }
        }
    });
}
