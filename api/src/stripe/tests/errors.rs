use std::time::Duration;

use chrono::DateTime;
use reqwest::{
    StatusCode,
    header::{HeaderMap, HeaderName, HeaderValue},
};

use super::server::NOW;
use crate::stripe::{
    Outage, RateLimitReason, StripeError, StripeErrorKind as Kind, classify::classify,
};

fn judged(status: u16, headers: &[(&str, &str)], body: &str) -> StripeError {
    let mut map = HeaderMap::new();
    for (name, value) in [("request-id", "req_EXAMPLE01")].iter().chain(headers) {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        map.insert(name, HeaderValue::from_str(value).unwrap());
    }
    let now = DateTime::from_timestamp(NOW, 0).unwrap();
    classify(StatusCode::from_u16(status).unwrap(), &map, body, now)
}

fn kind(status: u16, body: &str) -> Kind {
    judged(status, &[], body).kind
}

const E401_NO_KEY: &str = r#"{"error":{"message":"You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See https://stripe.com/docs/api#authentication for details, or we can help at https://support.stripe.com/.","type":"invalid_request_error"}}"#;
const E401_INVALID_KEY: &str = r#"{"error":{"message":"Invalid API Key provided: rk_live_********MPLE","type":"invalid_request_error"}}"#;
const E401_EXPIRED_KEY: &str = r#"{"error":{"code":"api_key_expired","message":"Expired API Key provided: rk_live_********MPLE","type":"invalid_request_error"}}"#;
const E403_MISSING_PERMISSION: &str = r#"{"error":{"message":"The provided key 'rk_live_********MPLE' does not have the required permissions for this endpoint on account 'acct_1EXAMPLEmerchant'. Having the 'rak_payout_read' permission would allow this request to continue.","type":"invalid_request_error","request_log_url":"https://dashboard.stripe.com/acct_1EXAMPLEmerchant/logs/req_EXAMPLE01"}}"#;
const E403_MISSING_PERMISSION_WITH_CODE: &str = r#"{"error":{"code":"more_permissions_required","message":"The provided key 'rk_test_********MPLE' does not have the required permissions for this endpoint on account 'acct_1EXAMPLEmerchant'. Having the 'rak_webhook_write' permission would allow this request to continue.","type":"invalid_request_error"}}"#;
const E403_ACCOUNT_INVALID: &str = r#"{"error":{"code":"account_invalid","message":"The provided key 'sk_test_********MPLE' does not have access to account 'acct_1EXAMPLEmerchant' (or that account does not exist). Application access may have been revoked.","type":"invalid_request_error"}}"#;
const E403_IP_NOT_ALLOWED: &str = r#"{"error":{"message":"The API key provided does not allow requests from your IP address (203.0.113.7).","type":"invalid_request_error"}}"#;
const E403_NOT_CONNECT_PLATFORM: &str = r#"{"error":{"message":"Only Stripe Connect platforms can work with other accounts. If you specified a client_id parameter, make sure it's correct. If you need to setup a Stripe Connect platform, you can do so at https://dashboard.stripe.com/account/applications/settings.","type":"invalid_request_error"}}"#;
const E404_RESOURCE_MISSING: &str = r#"{"error":{"code":"resource_missing","message":"No such charge: 'ch_probe_0000'","param":"id","request_log_url":"https://dashboard.stripe.com/test/logs/req_EXAMPLE01","type":"invalid_request_error"}}"#;
const E404_OTHER_MODE: &str = r#"{"error":{"code":"resource_missing","message":"No such charge: 'ch_EXAMPLEa2'; a similar object exists in test mode, but a live mode key was used to make this request.","param":"id","type":"invalid_request_error"}}"#;
const E404_UNKNOWN_URL: &str = r#"{"error":{"message":"Unrecognized request URL (GET: /v1/skus). Please see https://stripe.com/docs or we can help at https://support.stripe.com/.","type":"invalid_request_error"}}"#;
const E429_RATE_LIMIT: &str = r#"{"error":{"code":"rate_limit","message":"Request rate limit exceeded. You can learn more about rate limits here https://stripe.com/docs/rate-limits.","type":"invalid_request_error"}}"#;
const E429_LOCK_TIMEOUT: &str = r#"{"error":{"code":"lock_timeout","message":"This object cannot be accessed right now because another API request or Stripe process is currently accessing it. If you see this error intermittently, retry the request. If you see this error frequently and are making multiple concurrent requests to a single object, make your requests serially or at a lower rate.","type":"invalid_request_error"}}"#;
const E400_IDEMPOTENCY: &str = r#"{"error":{"message":"Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than 'EXAMPLE-KEY' if you meant to execute a different request.","type":"idempotency_error"}}"#;
const E409_IDEMPOTENCY_KEY_IN_USE: &str = r#"{"error":{"code":"idempotency_key_in_use","message":"There is currently another in-progress request using this Idempotent Key (that probably means you submitted twice, and the other request is still going through): EXAMPLE-KEY. Please try again later.","type":"idempotency_error"}}"#;
const E400_PARAMETER_UNKNOWN: &str = r#"{"error":{"code":"parameter_unknown","message":"Received unknown parameter: creatd","param":"creatd","type":"invalid_request_error"}}"#;
const E400_BAD_CURSOR: &str = r#"{"error":{"code":"resource_missing","message":"No such charge: 'ch_gone'","param":"starting_after","type":"invalid_request_error"}}"#;
const E400_WEBHOOK_URL: &str = r#"{"error":{"code":"url_invalid","message":"Invalid URL: URL must be publicly accessible. Consider using a tool like the Stripe CLI to test webhooks locally: https://github.com/stripe/stripe-cli","param":"url","type":"invalid_request_error"}}"#;
const E400_WEBHOOK_LIMIT: &str = r#"{"error":{"message":"You have reached the maximum of 16 test webhook endpoints.","type":"invalid_request_error"}}"#;
const E402_CARD_ERROR: &str = r#"{"error":{"code":"card_declined","decline_code":"insufficient_funds","message":"Your card has insufficient funds.","type":"card_error"}}"#;
const E500_API_ERROR: &str =
    r#"{"error":{"message":"An unknown error occurred","type":"api_error"}}"#;
const EV2_404: &str = r#"{"error":{"code":"not_found","message":"Not found."}}"#;
const EV2_403: &str = r#"{"error":{"code":"forbidden","message":"The provided key does not have the required permissions for this endpoint."}}"#;

#[test]
fn an_unusable_key_is_told_apart_by_its_reason() {
    assert_eq!(kind(401, E401_NO_KEY), Kind::KeyRejected);
    assert_eq!(kind(401, E401_INVALID_KEY), Kind::KeyRejected);
    assert_eq!(kind(401, ""), Kind::KeyRejected);
    assert_eq!(kind(401, E401_EXPIRED_KEY), Kind::KeyExpired);
    assert_eq!(
        kind(401, r#"{"error":{"code":"platform_api_key_expired"}}"#),
        Kind::KeyExpired
    );
    for status in [401, 403] {
        assert_eq!(kind(status, E403_IP_NOT_ALLOWED), Kind::IpNotAllowed);
        assert_eq!(kind(status, E403_ACCOUNT_INVALID), Kind::AccountInvalid);
    }
}

#[test]
fn a_missing_permission_is_read_from_any_of_its_forms() {
    let missing = |permission: Option<&str>, account: Option<&str>| Kind::MissingPermission {
        permission: permission.map(str::to_owned),
        account: account.map(str::to_owned),
    };
    let account = Some("acct_1EXAMPLEmerchant");
    let payout = missing(Some("rak_payout_read"), account);
    assert_eq!(kind(403, E403_MISSING_PERMISSION), payout);
    assert_eq!(kind(401, E403_MISSING_PERMISSION), payout);
    let webhook = missing(Some("rak_webhook_write"), account);
    assert_eq!(kind(403, E403_MISSING_PERMISSION_WITH_CODE), webhook);
    assert_eq!(kind(403, EV2_403), missing(None, None));
    let logged = r#"{"error":{"code":"more_permissions_required","message":"Having more permissions would allow this request to continue.","request_log_url":"https://dashboard.stripe.com/acct_1EXAMPLEmerchant/logs/req_EXAMPLE01"}}"#;
    assert_eq!(kind(403, logged), missing(None, account));
    let odd = r#"{"error":{"message":"Having the 'rak_<b>' permission: does not have the required permissions"}}"#;
    assert_eq!(kind(403, odd), missing(None, None));
}

#[test]
fn a_refusal_without_a_reason_stays_one() {
    for body in [
        "",
        "<html>",
        "{}",
        r#"{"error":"no"}"#,
        E403_NOT_CONNECT_PLATFORM,
    ] {
        assert_eq!(kind(403, body), Kind::Refused, "{body}");
    }
}

#[test]
fn what_does_not_exist_is_told_apart() {
    assert_eq!(
        kind(404, E404_RESOURCE_MISSING),
        Kind::NotFound {
            param: Some("id".to_owned())
        }
    );
    assert_eq!(
        kind(404, E404_OTHER_MODE),
        Kind::NotFound {
            param: Some("id".to_owned())
        }
    );
    assert_eq!(kind(404, EV2_404), Kind::NotFound { param: None });
    assert_eq!(kind(404, E404_UNKNOWN_URL), Kind::UnknownUrl);
    assert_eq!(kind(404, "<html>"), Kind::UnknownUrl);
    assert_eq!(kind(400, E400_BAD_CURSOR), Kind::BadCursor);
    assert_eq!(kind(404, E400_BAD_CURSOR), Kind::BadCursor);
}

#[test]
fn a_bad_request_names_what_was_bad() {
    let invalid = |code: Option<&str>, param: Option<&str>| Kind::InvalidRequest {
        code: code.map(str::to_owned),
        param: param.map(str::to_owned),
    };
    let unknown = invalid(Some("parameter_unknown"), Some("creatd"));
    assert_eq!(kind(400, E400_PARAMETER_UNKNOWN), unknown);
    assert_eq!(
        kind(400, E400_WEBHOOK_URL),
        invalid(Some("url_invalid"), Some("url"))
    );
    assert_eq!(kind(400, E400_WEBHOOK_LIMIT), Kind::EndpointLimit);
    assert_eq!(
        kind(400, E400_IDEMPOTENCY),
        invalid(Some("idempotency_error"), None)
    );
    assert_eq!(
        kind(402, E402_CARD_ERROR),
        invalid(Some("card_declined"), None)
    );
}

#[test]
fn a_limit_says_which_and_for_how_long() {
    let limited = |reason, retry_after| Kind::RateLimited {
        reason,
        retry_after,
    };
    for (text, wanted) in [
        ("global-rate", RateLimitReason::GlobalRate),
        ("endpoint-rate", RateLimitReason::EndpointRate),
        ("global-concurrency", RateLimitReason::GlobalConcurrency),
        ("endpoint-concurrency", RateLimitReason::EndpointConcurrency),
        ("resource-specific", RateLimitReason::ResourceSpecific),
        ("something-new", RateLimitReason::Other),
    ] {
        let error = judged(
            429,
            &[("stripe-rate-limited-reason", text)],
            E429_RATE_LIMIT,
        );
        assert_eq!(error.kind, limited(Some(wanted), None));
    }
    assert_eq!(
        kind(429, E429_LOCK_TIMEOUT),
        limited(Some(RateLimitReason::Lock), None)
    );
    assert_eq!(kind(429, ""), limited(None, None));
    assert_eq!(kind(400, E429_RATE_LIMIT), limited(None, None));
    let date = httpdate::fmt_http_date(DateTime::from_timestamp(NOW + 9, 0).unwrap().into());
    for (text, wanted) in [("7", Some(7)), (&*date, Some(9)), ("soon", None)] {
        let error = judged(429, &[("retry-after", text)], "");
        assert_eq!(
            error.retry_after(),
            wanted.map(Duration::from_secs),
            "{text}"
        );
    }
}

#[test]
fn trouble_of_stripes_is_unavailability() {
    for (status, body, outage) in [
        (409, E409_IDEMPOTENCY_KEY_IN_USE, Outage::Conflict),
        (424, "", Outage::Dependency),
        (500, E500_API_ERROR, Outage::Server),
        (502, "<html>", Outage::Server),
        (302, "", Outage::UnexpectedStatus),
    ] {
        let error = judged(status, &[], body);
        assert_eq!(error.kind, Kind::Unavailable(outage));
        assert!(error.should_retry());
    }
}

#[test]
fn stripes_word_on_retrying_goes_before_ours() {
    let says = |status, text| judged(status, &[("stripe-should-retry", text)], "").should_retry();
    assert!(!says(500, "false") && says(500, "true") && says(500, "perhaps"));
    assert!(says(400, "true") && !says(400, "false") && !says(400, ""));
}

#[test]
fn an_error_keeps_the_request_id_and_none_of_stripes_text() {
    let bodies = [
        (401, E401_NO_KEY),
        (401, E401_INVALID_KEY),
        (401, E401_EXPIRED_KEY),
        (403, E403_MISSING_PERMISSION),
        (403, E403_MISSING_PERMISSION_WITH_CODE),
        (403, E403_ACCOUNT_INVALID),
        (403, E403_IP_NOT_ALLOWED),
        (403, E403_NOT_CONNECT_PLATFORM),
        (404, E404_RESOURCE_MISSING),
        (404, E404_OTHER_MODE),
        (404, E404_UNKNOWN_URL),
        (429, E429_RATE_LIMIT),
        (429, E429_LOCK_TIMEOUT),
        (400, E400_IDEMPOTENCY),
        (409, E409_IDEMPOTENCY_KEY_IN_USE),
        (400, E400_PARAMETER_UNKNOWN),
        (400, E400_BAD_CURSOR),
        (400, E400_WEBHOOK_URL),
        (400, E400_WEBHOOK_LIMIT),
        (402, E402_CARD_ERROR),
        (500, E500_API_ERROR),
        (404, EV2_404),
        (403, EV2_403),
    ];
    for (status, body) in bodies {
        let error = judged(status, &[], body);
        assert_eq!(error.request_id.as_deref(), Some("req_EXAMPLE01"));
        assert_eq!(error.status, Some(status));
        let shown = format!("{error} {error:?}");
        for hidden in [
            "MPLE'",
            "****",
            "rk_live",
            "sk_test",
            "provided",
            "203.0.113",
            "No such",
        ] {
            assert!(!shown.contains(hidden), "{hidden} in {shown}");
        }
        assert!(error.to_string().ends_with('.') && !error.to_string().contains('_'));
    }
    let planted = r#"{"error":{"code":"rk_live_51Abc","param":"sk_test_51Abc","message":"x"}}"#;
    let wanted = Kind::InvalidRequest {
        code: None,
        param: None,
    };
    assert_eq!(kind(400, planted), wanted);
}
