//! A process that is killed between a change and its message loses none: another one sends it.

use std::time::Duration;

use sandbox::{AccountSpec, Grants, Options, Sandbox};
use serde_json::{Value, json};
use tests::{Backend, Client, Program, inlet};

use super::{
    receiver::{Receiver, Reply},
    support::INSIDE,
};

const CREATE: &str = "mutation($input: CreateNotificationEndpointInput!) {
    createNotificationEndpoint(input: $input) { secret endpoint { id } errors { message } } }";

const SEND: &str = "mutation($input: SendTestNotificationInput!) {
    sendTestNotification(input: $input) { delivery { id } errors { message } } }";

const CONNECT: &str = "mutation($input: ConnectWithApiKeyInput!) {
    connectWithApiKey(input: $input) { connection { id } errors { message } } }";

const DISCONNECT: &str = "mutation($input: DisconnectInput!) {
    disconnect(input: $input) { connection { status } errors { message } } }";

const STATE: &str = "query($id: ID!) { node(id: $id) { ... on NotificationDelivery { state attempts { statusCode } } } }";

/// The part of the gateway that answers clients, and sends nothing.
async fn api_alone(client: &Client) -> Program {
    Program::start_as(
        &inlet(),
        &["serve", "--role", "api"],
        &client.variables,
        &client.http,
    )
    .await
}

async fn changes_are_told_by_another_process(backend: Backend) {
    let stripe = Sandbox::start(Options::default()).await.unwrap();
    let account = stripe.add_account(AccountSpec::with_payments(5));
    let key = stripe.create_key(&account, Grants::All);
    let receiver = Receiver::start().await;
    let mut client = Client::new(&backend, &stripe, &INSIDE);
    let program = api_alone(&client).await;
    client.token = program.first_token().await;
    let input = json!({ "url": receiver.url(), "eventTypes": ["CONNECTION_DISCONNECTED"] });
    let made = client
        .data(&program, CREATE, json!({ "input": input }))
        .await;
    let secret = made["createNotificationEndpoint"]["secret"]
        .as_str()
        .unwrap();
    let input = json!({ "name": "Shop", "apiKey": key });
    let connected = client
        .data(&program, CONNECT, json!({ "input": input }))
        .await;
    let connection = &connected["connectWithApiKey"]["connection"]["id"];

    let input = json!({ "connectionId": connection });
    client
        .data(&program, DISCONNECT, json!({ "input": input }))
        .await;
    program.kill().await;
    assert_eq!(receiver.arrived().len(), 0, "nobody sends yet");

    let program = client.start().await;
    let told = receiver.wait_for(1).await.remove(0);
    assert_eq!(told.body["type"], "connection.disconnected");
    assert_eq!(told.body["data"]["connectionId"], *connection);
    assert!(told.is_signed_by(secret));
    program.kill().await;
    backend.end().await;
}

async fn an_attempt_that_is_cut_off_is_made_again(backend: Backend) {
    let stripe = Sandbox::start(Options::default()).await.unwrap();
    let receiver = Receiver::start().await;
    receiver.answer(Reply::Silence);
    let mut client = Client::new(&backend, &stripe, &INSIDE);
    let program = client.start().await;
    let input = json!({ "url": receiver.url(), "eventTypes": ["IMPORT_COMPLETED"] });
    let made = client
        .data(&program, CREATE, json!({ "input": input }))
        .await;
    let endpoint = &made["createNotificationEndpoint"]["endpoint"]["id"];
    let input = json!({ "endpointId": endpoint });
    let sent = client.data(&program, SEND, json!({ "input": input })).await;
    let id = sent["sendTestNotification"]["delivery"]["id"]
        .as_str()
        .unwrap();
    receiver.wait_for(1).await;

    program.kill().await;
    receiver.answer(Reply::Status(200));
    let program = client.start().await;
    let arrived = receiver.wait_for(2).await;

    assert!(arrived.iter().all(|one| one.id == id), "{arrived:#?}");
    let state = async || {
        let data = client.data(&program, STATE, json!({ "id": id })).await;
        data["node"].clone()
    };
    let waiting = async {
        while state().await["state"] != "DELIVERED" {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), waiting)
        .await
        .unwrap();
    let attempts: Value = state().await["attempts"].clone();
    assert_eq!(attempts, json!([{ "statusCode": 200 }]));
    program.kill().await;
    backend.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_are_told_by_another_process_on_sqlite() {
    changes_are_told_by_another_process(Backend::embedded()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_are_told_by_another_process_on_postgres() {
    if let Some(backend) = Backend::shared().await {
        changes_are_told_by_another_process(backend).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_attempt_that_is_cut_off_is_made_again_on_sqlite() {
    an_attempt_that_is_cut_off_is_made_again(Backend::embedded()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_attempt_that_is_cut_off_is_made_again_on_postgres() {
    if let Some(backend) = Backend::shared().await {
        an_attempt_that_is_cut_off_is_made_again(backend).await;
    }
}
