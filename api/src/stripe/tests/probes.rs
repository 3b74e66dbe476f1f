use super::server::{Canned, Server, answer, credential, ok};
use crate::stripe::{Outage, Probe, ProbeAnswer, StripeErrorKind, Verdict};

const LIST: &str = r#"{"object":"list","data":[],"has_more":false}"#;
const NO_SUCH: &str = r#"{"error":{"code":"resource_missing","message":"No such token: 'tok_probe_00000000'","param":"token","type":"invalid_request_error"}}"#;
const REFUSED: &str = r#"{"error":{"message":"The provided key 'rk_live_********MPLE' does not have the required permissions for this endpoint on account 'acct_1EXAMPLEmerchant'. Having the 'rak_charge_read' permission would allow this request to continue.","type":"invalid_request_error"}}"#;
const UNKNOWN_URL: &str = r#"{"error":{"message":"Unrecognized request URL (GET: /v1/skus).","type":"invalid_request_error"}}"#;

async fn verdict(probe: Probe, answers: Vec<Canned>) -> Verdict {
    let server = Server::start(answers).await;
    server
        .client
        .probe(&credential(), probe)
        .await
        .unwrap()
        .verdict
}

#[tokio::test]
async fn an_answer_means_what_the_contract_says() {
    use Verdict::{Granted, Inconclusive, Missing};
    for (canned, wanted) in [
        (ok(LIST), Granted),
        (answer(404, "", NO_SUCH), Granted),
        (answer(403, "", REFUSED), Missing),
        (answer(403, "", ""), Inconclusive),
        (answer(404, "", UNKNOWN_URL), Inconclusive),
        (
            answer(400, "", r#"{"error":{"code":"parameter_missing"}}"#),
            Inconclusive,
        ),
    ] {
        assert_eq!(verdict(Probe::Tokens, vec![canned]).await, wanted);
    }
}

#[tokio::test]
async fn a_refusal_gives_away_the_permission_and_the_account() {
    let server = Server::start(vec![ok(LIST), answer(403, "", REFUSED)]).await;
    let found = server
        .client
        .probe(&credential(), Probe::ChargesAndRefunds)
        .await
        .unwrap();
    let wanted = ProbeAnswer {
        verdict: Verdict::Missing,
        permission: Some("rak_charge_read".to_owned()),
        account: Some("acct_1EXAMPLEmerchant".to_owned()),
    };
    assert_eq!(found, wanted);
    assert!(server.requests()[1].starts_with("GET /v1/refunds?limit=1 "));
}

#[tokio::test]
async fn charges_and_refunds_need_both() {
    let both = vec![ok(LIST), ok(LIST)];
    assert_eq!(
        verdict(Probe::ChargesAndRefunds, both).await,
        Verdict::Granted
    );
    let unclear_then_missing = vec![answer(403, "", ""), answer(403, "", REFUSED)];
    let found = verdict(Probe::ChargesAndRefunds, unclear_then_missing).await;
    assert_eq!(found, Verdict::Missing);
}

#[tokio::test]
async fn payment_methods_are_asked_for_another_way_when_the_list_wants_more() {
    let picky = answer(
        400,
        "",
        r#"{"error":{"code":"parameter_missing","param":"type"}}"#,
    );
    let server = Server::start(vec![picky, answer(404, "", NO_SUCH)]).await;
    let found = server
        .client
        .probe(&credential(), Probe::PaymentMethods)
        .await
        .unwrap();
    assert_eq!(found.verdict, Verdict::Granted);
    assert!(server.requests()[1].starts_with("GET /v1/payment_methods/pm_probe_00000000 "));
}

#[tokio::test]
async fn trouble_at_stripe_is_never_a_missing_permission() {
    let limited = answer(429, "Stripe-Rate-Limited-Reason: global-rate\r\n", "");
    let answers = vec![limited, ok("<html>"), ok(LIST)];
    assert_eq!(verdict(Probe::Files, answers).await, Verdict::Granted);
    let down = vec![
        answer(503, "", ""),
        answer(503, "", ""),
        answer(503, "", ""),
    ];
    let server = Server::start(down).await;
    let error = server
        .client
        .probe(&credential(), Probe::Files)
        .await
        .unwrap_err();
    assert_eq!(error.kind, StripeErrorKind::Unavailable(Outage::Server));
}

#[tokio::test]
async fn a_rejected_key_ends_the_probing() {
    let server = Server::start(vec![answer(401, "", "")]).await;
    let error = server
        .client
        .probe(&credential(), Probe::ChargesAndRefunds)
        .await
        .unwrap_err();
    assert_eq!(error.kind, StripeErrorKind::KeyRejected);
    assert!(error.ends_connection());
}

#[tokio::test]
async fn the_write_probes_name_objects_that_do_not_exist() {
    let busy = || answer(409, "", "");
    let server = Server::start(vec![busy(), answer(404, "", NO_SUCH)]).await;
    let found = server
        .client
        .probe(&credential(), Probe::WebhookEndpoints)
        .await
        .unwrap();
    assert_eq!(found.verdict, Verdict::Granted);
    let requests = server.requests();
    assert!(requests[1].starts_with("POST /v1/webhook_endpoints/we_probe_00000000 "));
    assert!(
        requests[1].ends_with("\r\n\r\ndescription=probe"),
        "{}",
        requests[1]
    );
    let key = |text: &str| {
        text.lines()
            .find(|line| line.starts_with("idempotency-key: inlet-"))
            .map(str::to_owned)
    };
    assert!(key(&requests[0]).is_some());
    assert_eq!(
        key(&requests[0]),
        key(&requests[1]),
        "one key for all attempts"
    );

    let gone = r#"{"error":{"code":"not_found","message":"Not found."}}"#;
    let server = Server::start(vec![answer(404, "", gone)]).await;
    let found = server
        .client
        .probe(&credential(), Probe::EventDestinations)
        .await
        .unwrap();
    assert_eq!(found.verdict, Verdict::Granted);
    let request = &server.requests()[0];
    assert!(request.starts_with("POST /v2/core/event_destinations/ed_probe_00000000 "));
    assert!(request.contains("content-type: application/json"));
    assert!(request.ends_with(r#"{"description":"probe"}"#));
}

#[tokio::test]
async fn any_refusal_of_the_second_api_counts_as_missing() {
    let forbidden = r#"{"error":{"code":"forbidden","message":"The provided key does not have the required permissions for this endpoint."}}"#;
    for body in [forbidden, ""] {
        let answers = vec![answer(403, "", body)];
        assert_eq!(
            verdict(Probe::EventDestinations, answers).await,
            Verdict::Missing
        );
    }
}

#[tokio::test]
async fn what_cannot_be_asked_is_not_asked() {
    assert_eq!(
        verdict(Probe::TerminalSkus, Vec::new()).await,
        Verdict::NotChecked
    );
}

#[tokio::test]
async fn every_other_row_is_asked_for_in_the_guides_order() {
    let server = Server::start((0..20).map(|_| ok(LIST)).collect()).await;
    for probe in Probe::ALL {
        let answer = server.client.probe(&credential(), probe).await.unwrap();
        let checked = probe != Probe::TerminalSkus;
        assert_eq!(answer.verdict == Verdict::Granted, checked, "{probe:?}");
    }
    let paths: Vec<_> = server
        .requests()
        .iter()
        .map(|request| {
            request
                .split(' ')
                .nth(1)
                .unwrap()
                .split('?')
                .next()
                .unwrap()
                .to_owned()
        })
        .collect();
    assert_eq!(paths.len(), 20);
    assert_eq!(paths[3..5], ["/v1/charges", "/v1/refunds"]);
    assert_eq!(paths[17], "/v1/reporting/report_runs");
}
