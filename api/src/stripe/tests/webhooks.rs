use secrecy::ExposeSecret;

use super::server::{Canned, Server, answer, credential, ok};
use crate::stripe::{NewEndpoint, StripeErrorKind, WebhookEndpoint};

const MADE: &str = r#"{"id":"we_1","object":"webhook_endpoint","url":"https://a.example/x","status":"enabled",
    "enabled_events":["charge.failed"],"api_version":"2026-07-29.dahlia","application":null,"created":7,
    "metadata":{"inlet_connection":"c","odd":5},"secret":"whsec_canary"}"#;

fn new() -> NewEndpoint {
    NewEndpoint {
        url: "https://a.example/x".to_owned(),
        enabled_events: vec!["charge.failed", "refund.created"],
        description: "A test",
        metadata: vec![("metadata[inlet_connection]".to_owned(), "c".to_owned())],
        idempotency_key: "key-1".to_owned(),
    }
}

fn refusal(param: &str, message: &str) -> Canned {
    let error = format!(
        r#"{{"error":{{"type":"invalid_request_error","param":{param},"message":"{message}"}}}}"#
    );
    answer(400, "", &error)
}

#[tokio::test]
async fn a_creation_says_everything_and_gives_the_secret() {
    let server = Server::start(vec![ok(MADE)]).await;

    let made = server
        .client
        .create_webhook_endpoint(&credential(), &new())
        .await
        .unwrap();

    let request = &server.requests()[0];
    let form = "url=https%3A%2F%2Fa.example%2Fx&enabled_events%5B%5D=charge.failed\
        &enabled_events%5B%5D=refund.created&description=A+test&metadata%5Binlet_connection%5D=c\
        &api_version=2026-07-29.dahlia";
    assert!(request.starts_with("POST /v1/webhook_endpoints HTTP/1.1"));
    assert!(request.contains("idempotency-key: key-1\r\n"), "{request}");
    assert!(request.ends_with(form), "{request}");
    assert_eq!(made.secret.expose_secret(), "whsec_canary");
    assert!(!format!("{made:?}").contains("canary"));
    assert_eq!(made.endpoint.id, "we_1");
    assert!(made.endpoint.is_enabled() && !made.endpoint.is_connect());
    assert_eq!(made.endpoint.lacks(&["charge.failed", "x"]), ["x"]);
    assert_eq!(made.endpoint.metadata["inlet_connection"], "c");
    assert_eq!(made.endpoint.metadata["odd"], "5");
}

#[tokio::test]
async fn a_lost_answer_is_asked_for_again_with_the_same_key() {
    let answers = vec![answer(503, "", ""), ok(&MADE[..40]), ok(MADE)];
    let server = Server::start(answers).await;

    let made = server
        .client
        .create_webhook_endpoint(&credential(), &new())
        .await;

    assert!(made.is_ok());
    let requests = server.requests();
    assert_eq!(requests.len(), 3);
    assert!(requests.iter().all(|request| request.contains("key-1\r\n")));
}

#[tokio::test]
async fn an_account_without_our_version_gets_an_endpoint_of_its_own() {
    for refused in [
        refusal(r#""api_version""#, "No."),
        refusal("null", "You can have at most 3 different API versions."),
    ] {
        let server = Server::start(vec![refused, ok(MADE)]).await;

        let made = server
            .client
            .create_webhook_endpoint(&credential(), &new())
            .await;

        assert!(made.is_ok());
        let second = &server.requests()[1];
        assert!(!second.contains("api_version"), "{second}");
        assert!(second.contains("key-1-unpinned\r\n"), "{second}");
    }
}

#[tokio::test]
async fn what_stands_in_the_way_is_told_apart() {
    let full = refusal(
        "null",
        "You have reached the maximum of 16 test webhook endpoints.",
    );
    let server = Server::start(vec![full]).await;
    let error = server
        .client
        .create_webhook_endpoint(&credential(), &new())
        .await
        .unwrap_err();
    assert_eq!(error.kind, StripeErrorKind::EndpointLimit);
    assert!(!error.to_string().contains("16"));
}

#[tokio::test]
async fn a_list_is_read_to_its_end() {
    let page = |id: &str, more: bool| {
        ok(&format!(
            r#"{{"data":[{{"id":"{id}","url":"https://a.example","metadata":null}}],"has_more":{more}}}"#
        ))
    };
    let server = Server::start(vec![page("we_2", true), page("we_1", false)]).await;

    let all = server
        .client
        .list_webhook_endpoints(&credential())
        .await
        .unwrap();

    let ids: Vec<_> = all
        .iter()
        .map(|it: &WebhookEndpoint| it.id.as_str())
        .collect();
    assert_eq!(ids, ["we_2", "we_1"]);
    assert!(server.requests()[1].contains("starting_after=we_2"));
}

#[tokio::test]
async fn removing_what_is_gone_is_no_failure() {
    let gone = answer(404, "", r#"{"error":{"code":"resource_missing"}}"#);
    let server = Server::start(vec![gone, answer(403, "", "")]).await;
    let client = &server.client;

    assert!(
        client
            .delete_webhook_endpoint(&credential(), "we_1")
            .await
            .is_ok()
    );
    assert!(
        client
            .delete_webhook_endpoint(&credential(), "we_1")
            .await
            .is_err()
    );
    assert!(server.requests()[0].starts_with("DELETE /v1/webhook_endpoints/we_1 HTTP/1.1"));
}
