use chrono::{DateTime, TimeDelta, Utc};

use super::server::{Canned, NOW, Server, answer, credential, ok};
use crate::stripe::{
    BuildError, ClientOptions, ListRequest, ListResource, RetryPolicy, StripeClient,
    StripeErrorKind, object::Charge,
};

fn at(nanos: u32) -> DateTime<Utc> {
    DateTime::from_timestamp(NOW, nanos).unwrap()
}

#[tokio::test]
async fn every_request_says_who_asks_and_in_which_version() {
    let server = Server::start(vec![ok(r#"{"object":"balance","livemode":false}"#)]).await;
    let balance = server.client.balance(&credential()).await.unwrap();
    assert!(!balance.livemode);
    let request = &server.requests()[0];
    for part in [
        "GET /v1/balance HTTP/1.1",
        "stripe-version: 2026-07-29.dahlia",
        "authorization: Bearer rk_test_51SecretSecret",
        "user-agent: Inlet/test",
        "accept-encoding: gzip",
    ] {
        assert!(request.contains(part), "{part} in {request}");
    }
}

#[tokio::test]
async fn an_account_is_known_by_its_best_name() {
    let named = r#"{"id":"acct_1","country":"US","default_currency":"usd","email":"a@example.com",
        "settings":{"dashboard":{"display_name":"Example Shop"}},"business_profile":{"name":"Other"}}"#;
    let bare = r#"{"id":"acct_2","country":null,"settings":{"dashboard":{"display_name":" "}},
        "business_profile":{"name":"Example Ltd"}}"#;
    let nameless = r#"{"id":"acct_3","settings":null}"#;
    let server = Server::start(vec![ok(named), ok(bare), ok(nameless)]).await;
    let account = server.client.account(&credential()).await.unwrap();
    assert_eq!(account.display_name.as_deref(), Some("Example Shop"));
    assert_eq!(account.default_currency.as_deref(), Some("usd"));
    let account = server.client.account(&credential()).await.unwrap();
    assert_eq!(account.display_name.as_deref(), Some("Example Ltd"));
    assert_eq!(
        server
            .client
            .account(&credential())
            .await
            .unwrap()
            .display_name,
        None
    );
}

#[tokio::test]
async fn a_list_is_asked_for_with_brackets_and_cut_into_objects() {
    let page = r#"{"object":"list","has_more":true,"url":"/v1/charges","data":[
        {"id":"ch_1","created":7,"amount":"not a number"},{"id":"ch_2","note":"a\u0000\ud800"},null]}"#;
    let server = Server::start(vec![ok(page)]).await;
    let list = ListRequest {
        created_gte: Some(1),
        created_lt: Some(9),
        starting_after: Some("ch_0".to_owned()),
        expand: ListResource::Charges.expansions().to_vec(),
        ..ListRequest::new(ListResource::Charges)
    };
    let page = server.client.list_page(&credential(), &list).await.unwrap();
    let request = &server.requests()[0];
    let query = "GET /v1/charges?limit=100&created%5Bgte%5D=1&created%5Blt%5D=9\
        &starting_after=ch_0&expand%5B%5D=data.balance_transaction\
        &expand%5B%5D=data.failure_balance_transaction HTTP/1.1";
    assert!(request.starts_with(query), "{request}");
    assert!(page.has_more);
    assert_eq!(page.request_id.as_deref(), Some("req_1"));
    let ids: Vec<_> = page
        .objects
        .iter()
        .map(super::super::RawObject::id)
        .collect();
    assert_eq!(
        ids,
        [Some("ch_1".to_owned()), Some("ch_2".to_owned()), None]
    );
    assert!(page.objects[1].json().contains(r"a\ufffd\ufffd"));
    let reason = page.objects[0].parse::<Charge>().unwrap_err().reason;
    assert_eq!(
        reason,
        "invalid type: string, expected i64 at line 1 column 48"
    );
}

#[tokio::test]
async fn a_page_is_observed_at_stripes_date_but_never_before_it_was_asked_for() {
    let page = r#"{"data":[],"has_more":false}"#;
    let dated = |offset: i64| {
        let date = at(0) + TimeDelta::seconds(offset);
        let date = httpdate::fmt_http_date(date.into());
        answer(200, &format!("Date: {date}\r\n"), page)
    };
    let unreadable = answer(200, "Date: yesterday\r\n", page);
    let server = Server::start(vec![dated(5), dated(0), dated(-90), unreadable, ok(page)]).await;
    let mut observed = Vec::new();
    for _ in 0..5 {
        let list = ListRequest::new(ListResource::Refunds);
        let page = server.client.list_page(&credential(), &list).await.unwrap();
        observed.push(page.observed_at);
    }
    let sent = at(123_456_000);
    assert_eq!(
        observed,
        [at(0) + TimeDelta::seconds(5), sent, sent, sent, sent]
    );
}

#[tokio::test]
async fn a_page_that_lacks_its_envelope_is_no_page() {
    for body in [
        "{}",
        r#"{"data":[]}"#,
        r#"{"data":[],"has_more":true}"#,
        "[]",
        "null",
    ] {
        let server = Server::start(vec![ok(body)]).await;
        let list = ListRequest::new(ListResource::Charges);
        let error = server
            .client
            .list_page(&credential(), &list)
            .await
            .unwrap_err();
        assert!(
            matches!(error.kind, StripeErrorKind::Unavailable(_)),
            "{body}"
        );
        assert_eq!(
            (error.status, error.request_id.as_deref()),
            (Some(200), Some("req_1"))
        );
        assert!(error.should_retry());
    }
}

#[tokio::test]
async fn a_list_is_sent_once_and_other_calls_are_tried_again() {
    let failure = || answer(500, "", "");
    let server = Server::start(vec![failure(), failure(), ok(r#"{"livemode":true}"#)]).await;
    let list = ListRequest::new(ListResource::Charges);
    let error = server
        .client
        .list_page(&credential(), &list)
        .await
        .unwrap_err();
    assert_eq!(error.status, Some(500));
    assert_eq!(server.requests().len(), 1);
    assert!(server.client.balance(&credential()).await.unwrap().livemode);
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn stripes_word_on_retrying_is_obeyed() {
    let never = answer(500, "Stripe-Should-Retry: false\r\n", "");
    let server = Server::start(vec![never]).await;
    assert!(server.client.balance(&credential()).await.is_err());
    assert_eq!(server.requests().len(), 1);
    let again = answer(400, "Stripe-Should-Retry: true\r\n", "{}");
    let server = Server::start(vec![again, ok(r#"{"livemode":true}"#)]).await;
    assert!(server.client.balance(&credential()).await.is_ok());
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let away = || answer(302, "Location: http://127.0.0.1:9/\r\n", "");
    let server = Server::start(vec![away(), away(), away(), Canned::Stall]).await;
    let error = server.client.balance(&credential()).await.unwrap_err();
    assert_eq!(error.status, Some(302));
}

#[tokio::test]
async fn an_address_that_cannot_carry_the_api_is_refused() {
    for url in [
        "ftp://a",
        "https://user@a",
        "https://a/?q=1",
        "https://a/#f",
        "data:x",
    ] {
        let options = ClientOptions {
            api_url: url.parse().unwrap(),
            request_timeout: std::time::Duration::from_secs(1),
            connect_timeout: std::time::Duration::from_secs(1),
            user_agent: String::new(),
            retry: RetryPolicy::default(),
        };
        let refused = StripeClient::new(options, super::server::clock());
        assert!(matches!(refused, Err(BuildError::Url)), "{url}");
    }
}

#[test]
fn calls_can_be_made_from_any_task() {
    fn sendable<T: Send>(_: &T) {}
    fn check(client: &StripeClient) {
        let (credential, list) = (credential(), ListRequest::new(ListResource::Charges));
        sendable(&client.list_page(&credential, &list));
        sendable(&client.account(&credential));
        sendable(&client.probe(&credential, crate::stripe::Probe::Files));
    }
    let _ = check;
}
