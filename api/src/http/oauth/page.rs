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
    let page = html(&Page {
        title: "Connected",
        text,
        code: None,
    });
    (StatusCode::OK, GUARDS, HTML, page).into_response()
}

/// The account is not connected, or was before.
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
    let title = match failure {
        // Perhaps a page that was loaded again, and all is well.
        OAuthFailure::StateUsed => "Already used",
        OAuthFailure::AccountAlreadyConnected => "Already connected",
        _ => "Not connected",
    };
    let page = html(&Page {
        title,
        text: &failure.to_string(),
        code: Some(failure.code()),
    });
    (status, GUARDS, HTML, page).into_response()
}

/// What a page says; one with a code tells of a failure.
struct Page<'a> {
    title: &'a str,
    text: &'a str,
    code: Option<&'a str>,
}

/// The texts are ours: nothing in them needs escaping.
fn html(page: &Page<'_>) -> String {
    let Page { title, text, code } = page;
    let kind = code.map_or("good", |_| "bad");
    let code = code.map_or_else(String::new, |code| format!("\n<p><code>{code}</code></p>"));
    format!(
        "<!doctype html>
<html lang=\"en\">
<head>
<meta charset=\"utf-8\">
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">
<meta name=\"robots\" content=\"noindex\">
<title>{title} · Inlet</title>
<style>{STYLE}</style>
</head>
<body>
<main class=\"{kind}\">
<p><small>Inlet · Stripe</small></p>
<h1>{title}</h1>
<p>{text}</p>{code}
</main>
</body>
</html>
"
    )
}

const STYLE: &str = "
:root { color-scheme: light dark; }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.5rem;
  font: 1rem/1.5 system-ui, sans-serif; background: Canvas; color: CanvasText; }
main { width: 100%; max-width: 27rem; border: 1px solid #8886; border-top: 4px solid; border-radius: .75rem;
  padding: 1.5rem 1.75rem; }
main.good { border-top-color: #15803d; }
main.bad { border-top-color: #b45309; }
h1 { margin: .25rem 0 .75rem; font-size: 1.3rem; line-height: 1.3; }
p { margin: 0; }
p + p { margin-top: 1rem; }
small, code { opacity: .75; font-size: .875rem; }
";

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
        let page = html(&Page {
            title: "Not connected",
            text: &OAuthFailure::AccessDenied.to_string(),
            code: Some("X_Y"),
        });

        assert!(page.contains("<h1>Not connected</h1>"));
        assert!(page.contains("You did not allow access at Stripe"));
        assert!(page.contains("<code>X_Y</code>"));
        for failure in [OAuthFailure::StateInvalid, OAuthFailure::OtherAccount] {
            assert!(!failure.to_string().contains(['<', '>', '&', '"']));
        }
    }
}
