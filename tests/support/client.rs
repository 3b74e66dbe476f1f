//! A client of a gateway that is a program of its own.

use crate::{Backend, Program};
use reqwest::Client as Http;
use sandbox::Sandbox;
use serde_json::{Value, json};

/// Talks to one program after the other, with the token of the first start.
pub struct Client {
    pub http: Http,
    /// The settings that every start gets.
    pub variables: Vec<(String, String)>,
    /// The token of the first start.
    pub token: String,
    connection: String,
}

impl Client {
    /// Settings for a gateway on this backend and beside this Stripe.
    #[must_use]
    pub fn new(backend: &Backend, stripe: &Sandbox, settings: &[(&str, &str)]) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut variables = backend.variables();
        variables.push(("INLET_STRIPE__API_URL".to_owned(), stripe.url()));
        variables.extend(
            settings
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        let http = Http::builder().no_proxy().build().expect("an answer");
        Self {
            http,
            variables,
            token: String::new(),
            connection: String::new(),
        }
    }

    /// Starts the program; the first start tells the token.
    pub async fn start(&mut self) -> Program {
        let program = Program::start(&self.variables, &self.http).await;
        self.meet(program).await
    }

    /// The same, with a log that can be read.
    pub async fn start_logged(&mut self) -> Program {
        let program = Program::start_logged(&self.variables, &self.http).await;
        self.meet(program).await
    }

    async fn meet(&mut self, program: Program) -> Program {
        if self.token.is_empty() {
            self.token = program.first_token().await;
        }
        program
    }

    /// Asks the program; the data. Errors fail the test.
    #[expect(
        clippy::disallowed_methods,
        reason = "tests are clients of the gateway, not of Stripe"
    )]
    pub async fn data(&self, program: &Program, query: &str, variables: Value) -> Value {
        let url = format!("{}/graphql", program.url);
        let body = json!({ "query": query, "variables": variables });
        let request = self.http.post(url).bearer_auth(&self.token).json(&body);
        let mut answer: Value = request
            .send()
            .await
            .expect("an answer")
            .json()
            .await
            .expect("an answer");
        assert!(answer.get("errors").is_none(), "{answer:#}");
        answer["data"].take()
    }

    /// Connects a key; its import starts.
    pub async fn connect(&mut self, program: &Program, key: &str) {
        let input = json!({ "name": "Shop", "apiKey": key });
        let data = self.data(program, CONNECT, json!({ "input": input })).await;
        let payload = &data["connectWithApiKey"];
        assert_eq!(payload["errors"], json!([]));
        payload["connection"]["id"]
            .as_str()
            .expect("an answer")
            .clone_into(&mut self.connection);
    }

    /// The latest import of the connection.
    pub async fn import(&self, program: &Program) -> Value {
        let mut data = self
            .data(program, IMPORT, json!({ "id": self.connection }))
            .await;
        data["connection"]["latestImport"].take()
    }
}

const CONNECT: &str = "
    mutation Connect($input: ConnectWithApiKeyInput!) {
      connectWithApiKey(input: $input) { connection { id } errors { message } }
    }";

const IMPORT: &str = "
    query Import($id: ID!) {
      connection(id: $id) {
        latestImport {
          id status
          progress {
            sequence importedPayments importedObjects percentComplete
            resources { resource status importedObjects }
          }
        }
      }
    }";
