use std::time::Duration;

use super::server::{Canned, PATIENCE, Server, answer, client, credential, ok};
use crate::stripe::{ListRequest, ListResource, Outage, StripeError, StripeErrorKind};

async fn failure_of(canned: Canned) -> StripeError {
    let server = Server::start(vec![canned]).await;
    let list = ListRequest::new(ListResource::Charges);
    server
        .client
        .list_page(&credential(), &list)
        .await
        .unwrap_err()
}

fn outage(error: &StripeError) -> Outage {
    match error.kind {
        StripeErrorKind::Unavailable(outage) => outage,
        ref other => panic!("{other:?}"),
    }
}

fn cut_off(status: u16) -> Canned {
    let head = format!("HTTP/1.1 {status} X\r\nRequest-Id: req_1\r\nContent-Length: 900\r\n\r\n");
    Canned::Raw(format!("{head}{{\"data\":["))
}

#[tokio::test]
async fn a_body_that_is_cut_off_is_not_a_page() {
    let error = failure_of(cut_off(200)).await;
    assert_eq!(outage(&error), Outage::Truncated);
    assert_eq!(error.request_id.as_deref(), Some("req_1"));
    assert!(error.should_retry());
}

#[tokio::test]
async fn a_cut_off_refusal_proves_nothing_unless_the_status_says_all() {
    assert_eq!(outage(&failure_of(cut_off(403)).await), Outage::Truncated);
    assert_eq!(
        failure_of(cut_off(401)).await.kind,
        StripeErrorKind::KeyRejected
    );
}

#[tokio::test]
async fn html_and_broken_json_are_not_understood() {
    for body in ["<html><body>Bad gateway</body></html>", "{\"data\":[", ""] {
        assert_eq!(
            outage(&failure_of(ok(body)).await),
            Outage::NotUnderstood,
            "{body}"
        );
    }
    let gateway = failure_of(answer(502, "Content-Type: text/html\r\n", "<html>")).await;
    assert_eq!(outage(&gateway), Outage::Server);
}

#[tokio::test]
async fn a_stalled_answer_ends_in_time() {
    let patience = Duration::from_millis(200);
    let server = Server::start_impatient(vec![Canned::Stall], patience).await;
    let list = ListRequest::new(ListResource::Charges);
    let error = server
        .client
        .list_page(&credential(), &list)
        .await
        .unwrap_err();
    assert_eq!(outage(&error), Outage::Timeout);
}

#[tokio::test]
async fn a_connection_that_breaks_or_is_not_made_is_told_apart() {
    assert_eq!(
        outage(&failure_of(Canned::Raw(String::new())).await),
        Outage::Reset
    );
    let nobody = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let client = client(&format!("http://{nobody}"), PATIENCE);
    let error = client.balance(&credential()).await.unwrap_err();
    assert_eq!(outage(&error), Outage::Connect);
    assert_eq!((error.status, error.request_id), (None, None));
}

#[tokio::test]
async fn an_endless_answer_is_not_read_to_its_end() {
    let huge = format!(
        "{{\"data\":[\"{}\"],\"has_more\":false}}",
        "x".repeat(10 * 1024 * 1024)
    );
    let error = failure_of(ok(&huge)).await;
    assert_eq!(outage(&error), Outage::TooLarge);
    assert!(!error.should_retry());
}
