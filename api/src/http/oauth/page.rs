//! What a user sees where no return URL was given.

use axum::{
    http::{HeaderName, StatusCode, header},
    response::{IntoResponse, Response},
};

use crate::domain::connection::OAuthFailure;

/// Nothing is loaded, kept, framed or told to the next page.
pub(super) const GUARDS: [(HeaderName, &str); 4] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    ),
    (header::CACHE_CONTROL, "no-store"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
];

const HTML: [(HeaderName, &str); 1] = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];

/// The one value of a parameter; none where it is missing or given twice.
pub(super) fn parameter(query: Option<&str>, name: &str) -> Option<String> {
    let pairs = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    let mut values = pairs.filter(|(other, _)| other == name);
    let first = values.next().map(|(_, value)| value.into_owned());
    first.filter(|_| values.next().is_none())
}

/// The account is connected.
pub(super) fn connected() -> Response {
    let text = "The Stripe account is connected, and its payments are being imported. You can close this page.";
    (StatusCode::OK, GUARDS, HTML, html("Connected", text, None)).into_response()
}

/// The account is not connected.
pub(super) fn failed(failure: OAuthFailure) -> Response {
    let status = match failure {
        OAuthFailure::AccessDenied => StatusCode::OK,
        OAuthFailure::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        OAuthFailure::ExchangeTimedOut => StatusCode::GATEWAY_TIMEOUT,
        OAuthFailure::ExchangeFailed => StatusCode::BAD_GATEWAY,
        OAuthFailure::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        OAuthFailure::OtherAccount
        | OAuthFailure::AccountAlreadyConnected
        | OAuthFailure::NameTaken => StatusCode::CONFLICT,
        OAuthFailure::StateInvalid | OAuthFailure::StateUsed | OAuthFailure::WrongMode => {
            StatusCode::BAD_REQUEST
        }
    };
    let page = html("Not connected", &failure.to_string(), Some(failure.code()));
    (status, GUARDS, HTML, page).into_response()
}

/// The texts are ours: nothing in them needs escaping.
fn html(title: &str, text: &str, code: Option<&str>) -> String {
    let code = code.map_or_else(String::new, |code| format!("\n<p><code>{code}</code></p>"));
    format!(
        "<!doctype html>
<html lang=\"en\">
<head>
<meta charset=\"utf-8\">
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">
<meta name=\"robots\" content=\"noindex\">
<title>{title} · Inlet</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 34rem; margin: 20vh auto 0; padding: 0 1.5rem; }}
h1 {{ font-size: 1.5rem; }}
code {{ opacity: 0.7; }}
</style>
</head>
<body>
<main>
<h1>{title}</h1>
<p>{text}</p>{code}
</main>
</body>
</html>
"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_that_is_given_twice_is_none() {
        let query = Some("state=a%2Bb&code=1&code=2&error=");

        assert_eq!(parameter(query, "state").as_deref(), Some("a+b"));
        assert_eq!(parameter(query, "error").as_deref(), Some(""));
        assert_eq!(parameter(query, "code"), None);
        assert_eq!(parameter(query, "flow"), None);
        assert_eq!(parameter(None, "flow"), None);
    }

    #[test]
    fn a_page_says_what_happened() {
        let page = html(
            "Not connected",
            &OAuthFailure::AccessDenied.to_string(),
            Some("X_Y"),
        );

        assert!(page.contains("<h1>Not connected</h1>"));
        assert!(page.contains("You did not allow access at Stripe"));
        assert!(page.contains("<code>X_Y</code>"));
        for failure in [OAuthFailure::StateInvalid, OAuthFailure::OtherAccount] {
            assert!(!failure.to_string().contains(['<', '>', '&', '"']));
        }
    }
}
