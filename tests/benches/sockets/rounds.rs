//! The rounds.

use std::{
    process::Stdio,
    time::{Duration, Instant},
};

use api::{
    domain::import::ImportProgress,
    ids::{ConnectionId, WorkspaceId},
    progress::ProgressEvent,
    storage::ImportStatus,
};
use sandbox::AccountSpec;
use serde_json::{Value, json};
use tests::{Backend, World, WorldOptions};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
    time::{MissedTickBehavior, interval, timeout},
};
use uuid::Uuid;

use crate::{arguments::Arguments, client, machine, told::Told};

/// Opened and closed before anything is measured, so that what is made once is there.
const WARMING: usize = 200;

/// Clients that take longer than this to open have gone wrong.
const PATIENCE: Duration = Duration::from_mins(3);

/// What was published last is received by then.
const REST: Duration = Duration::from_secs(3);

/// The import that everybody watches.
struct Watched {
    workspace: WorkspaceId,
    connection: String,
    progress: ImportProgress,
}

/// Clients in a process of their own.
struct Clients {
    child: Child,
    stdin: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
}

pub(crate) async fn run(arguments: &Arguments) {
    let options = WorldOptions {
        variables: vec![
            ("INLET_LIMITS__SOCKETS_PER_TOKEN", 100_000.to_string()),
            ("INLET_LIMITS__COST_ALLOWANCE", 1_000_000_000.to_string()),
        ],
        ..WorldOptions::default()
    };
    let world = World::start(Backend::embedded(), options).await;
    let watched = Watched::begin(&world).await;
    let id = watched.connection.clone();
    Clients::open(&world, WARMING, &id).await.close().await;

    let many = arguments.sockets;
    let before = machine::resident();
    let clients = Clients::open(&world, many, "").await;
    print_memory(many, "introduced", before);
    clients.close().await;
    let clients = Clients::open(&world, many, &id).await;
    print_memory(many, "with a subscription", before);
    clients.close().await;

    let mut clients = Clients::open(&world, arguments.told, &id).await;
    let cpu = machine::cpu_micros();
    let (events, took) = watched.publish(&world, arguments).await;
    let told = clients.told().await;
    let cpu = machine::cpu_micros() - cpu;
    let due = events * arguments.told;
    println!(
        "{} sockets × {:.1} messages/s: {} of {due} messages, p50 {:.1} ms, p99 {:.1} ms, longest {:.1} ms",
        arguments.told,
        per(events, took),
        told.count,
        millis(told.p50),
        millis(told.p99),
        millis(told.longest),
    );
    let each = Duration::from_micros(cpu).as_secs_f64() * 1e6 / as_f64(told.count);
    println!("  {each:.1} µs of the gateway's processor time a message");
    clients.close().await;
    world.end().await;
}

fn print_memory(many: usize, what: &str, before: u64) {
    let bytes = machine::resident().saturating_sub(before);
    let kibibytes = Duration::from_nanos(bytes).as_secs_f64() * 1e9 / 1_024.0 / as_f64(many);
    println!("{many} sockets, {what}: {kibibytes:.1} KiB each");
}

fn as_f64(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::INFINITY, f64::from)
}

fn per(count: usize, time: Duration) -> f64 {
    as_f64(count) / time.as_secs_f64()
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

impl Watched {
    async fn begin(world: &World) -> Self {
        let (_, key) = world.account(AccountSpec::with_payments(100));
        let connection = world.connect("Shop", &key).await;
        world.imported(&connection).await;
        let query = "query($id: ID!) { viewer { workspace { id } } connection(id: $id) { latestImport { id } } }";
        let data = world.data(query, json!({ "id": connection })).await;
        let workspace = WorkspaceId(uuid(&data["viewer"]["workspace"]["id"]));
        let import = uuid(&data["connection"]["latestImport"]["id"]).into();
        let gateway = &world.server.app.gateway;
        let progress = gateway
            .import_progress(workspace, import)
            .await
            .expect("a database");
        let mut progress = progress.expect("the import's progress");
        progress.status = ImportStatus::Running;
        Self {
            workspace,
            connection,
            progress,
        }
    }

    /// Publishes at the rate that is asked for; how often, and in which time.
    async fn publish(&self, world: &World, arguments: &Arguments) -> (usize, Duration) {
        let mut beat = interval(Duration::from_secs(1) / arguments.rate);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let count = arguments.rate * arguments.seconds;
        let started = Instant::now();
        let mut progress = self.progress.clone();
        for _ in 0..count {
            beat.tick().await;
            progress.sequence += 1;
            progress.imported_payments = client::now()
                .try_into()
                .expect("a time before the year 294000");
            let event = ProgressEvent {
                workspace_id: self.workspace,
                connection_id: ConnectionId(uuid(&json!(self.connection))),
                import_id: progress.import_id,
                sequence: progress.sequence,
                payload: serde_json::to_string(&progress).expect("JSON"),
            };
            world
                .server
                .app
                .bus
                .publish_progress(event)
                .await
                .expect("a bus");
        }
        let took = started.elapsed();
        tokio::time::sleep(REST).await;
        (count.try_into().expect("a small number"), took)
    }
}

fn uuid(id: &Value) -> Uuid {
    let text = id.as_str().and_then(|id| id.split_once('_'));
    Uuid::try_parse(text.expect("an id").1).expect("an id")
}

impl Clients {
    /// Starts clients; when it returns all are open.
    async fn open(world: &World, sockets: usize, connection: &str) -> Self {
        let address = world.server.address.to_string();
        let mut child = Command::new(std::env::current_exe().expect("the bench's own path"))
            .args(["--raised", "--client", &address, "--token", &world.token])
            .args([
                "--sockets",
                &sockets.to_string(),
                "--connection",
                connection,
            ])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("clients");
        let stdin = child.stdin.take().expect("an input");
        let stdout = child.stdout.take().expect("an output");
        let mut clients = Self {
            child,
            stdin,
            lines: BufReader::new(stdout).lines(),
        };
        assert_eq!(clients.line().await, "open");
        clients
    }

    async fn told(&mut self) -> Told {
        self.ask().await;
        Told::read(&self.line().await).expect("what clients tell")
    }

    /// Ends the clients, and waits until the gateway has let their sockets go.
    async fn close(mut self) {
        self.child.kill().await.expect("the clients end");
        tokio::time::sleep(REST).await;
    }

    async fn ask(&mut self) {
        self.stdin
            .write_all(b"\n")
            .await
            .expect("clients that read");
    }

    async fn line(&mut self) -> String {
        let line = timeout(PATIENCE, self.lines.next_line()).await;
        line.expect("clients in time")
            .expect("clients")
            .expect("a line")
    }
}
