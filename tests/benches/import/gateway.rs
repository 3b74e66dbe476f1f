//! The gateways of a case: one that answers and imports, and workers beside it.

use sandbox::Sandbox;
use serde_json::{Value, json};
use tests::{Backend, Client, Program};

use crate::{
    SERVE,
    case::{Case, Kind},
};

/// Running gateways on one database.
pub(crate) struct Gateways {
    client: Client,
    programs: Vec<Program>,
}

/// An import as the API tells of it.
pub(crate) struct Import {
    pub(crate) status: String,
    /// Milliseconds since 1970.
    pub(crate) queued_at: i64,
    /// Milliseconds since 1970.
    pub(crate) finished_at: Option<i64>,
}

impl Gateways {
    pub(crate) async fn start(case: &Case, backend: &Backend, stripe: &Sandbox) -> Self {
        let rate = case.requests_per_second().to_string();
        let endpoint = case.endpoint_requests_per_second().to_string();
        let width = case.concurrency.to_string();
        let mut settings = vec![
            ("INLET_IMPORT__TEST_REQUESTS_PER_SECOND", rate.as_str()),
            ("INLET_IMPORT__ENDPOINT_REQUESTS_PER_SECOND", &endpoint),
            ("INLET_IMPORT__CONCURRENCY", &width),
            // As an operator's is, unlike the tests'.
            ("INLET_DATABASE__MAX_CONNECTIONS", "16"),
        ];
        let more = case.settings.iter();
        settings.extend(more.map(|(name, value)| (name.as_str(), value.as_str())));
        let mut client = Client::new(backend, stripe, &settings);
        let program = std::env::current_exe().expect("the bench's own path");
        let mut programs = Vec::new();
        for number in 0..case.workers {
            let role = if number == 0 { "all" } else { "worker" };
            let arguments = [SERVE, "--role", role];
            let started = Program::start_as(&program, &arguments, &client.variables, &client.http);
            programs.push(started.await);
        }
        client.token = programs[0].first_token().await;
        Self { client, programs }
    }

    /// The ids of their processes.
    pub(crate) fn processes(&self) -> Vec<u32> {
        self.programs.iter().map(Program::id).collect()
    }

    /// Connects a key; the connection's id.
    pub(crate) async fn connect(&self, name: &str, key: &str) -> String {
        let input = json!({ "input": { "name": name, "apiKey": key } });
        let payload = self.ask(CONNECT, input).await["connectWithApiKey"].take();
        let id = payload["connection"]["id"].as_str();
        id.unwrap_or_else(|| panic!("{payload:#}")).to_owned()
    }

    /// Starts an import of these resources.
    pub(crate) async fn import(&self, connection: &str, resources: &[Kind]) {
        let resources: Vec<_> = resources.iter().map(|kind| kind.name()).collect();
        let input = json!({ "connectionId": connection, "resources": resources });
        let payload = self.ask(START, json!({ "input": input })).await["startImport"].take();
        assert_eq!(payload["errors"], json!([]));
    }

    /// The latest import of a connection.
    pub(crate) async fn latest_import(&self, connection: &str) -> Import {
        let mut data = self.ask(LATEST, json!({ "id": connection })).await;
        let import = data["connection"]["latestImport"].take();
        let time = |field: &str| {
            let time = chrono::DateTime::parse_from_rfc3339(import[field].as_str()?);
            Some(time.expect("a time").timestamp_millis())
        };
        Import {
            status: import["status"].as_str().unwrap_or_default().to_owned(),
            queued_at: time("queuedAt").unwrap_or_default(),
            finished_at: time("finishedAt"),
        }
    }

    /// Asks for the newest payments of all connections, as a dashboard does.
    pub(crate) async fn page_of_payments(&self) {
        self.ask(PAGE, json!({})).await;
    }

    pub(crate) async fn end(self) {
        for program in self.programs {
            program.kill().await;
        }
    }

    async fn ask(&self, query: &str, variables: Value) -> Value {
        self.client.data(&self.programs[0], query, variables).await
    }
}

const CONNECT: &str = "
    mutation Connect($input: ConnectWithApiKeyInput!) {
      connectWithApiKey(input: $input) { connection { id } errors { message } }
    }";

const START: &str = "
    mutation Start($input: StartImportInput!) {
      startImport(input: $input) { import { id } errors { message } }
    }";

const PAGE: &str = "
    {
      payments(first: 50) {
        nodes { id stripeId status createdAt amount { minorUnits currency } fee { minorUnits currency } }
        pageInfo { hasNextPage endCursor }
      }
    }";

const LATEST: &str = "
    query Latest($id: ID!) {
      connection(id: $id) { latestImport { status queuedAt finishedAt } }
    }";
