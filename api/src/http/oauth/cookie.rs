//! The cookie that binds a flow to its browser.

use axum::http::{HeaderMap, HeaderValue, header::COOKIE};
use secrecy::{ExposeSecret, SecretString};

use crate::domain::connection::OAuthHop;

/// As long as a flow.
const MAX_AGE: u32 = 600;

/// The value of a cookie that the browser sent.
pub(super) fn find(headers: &HeaderMap, name: &str) -> Option<SecretString> {
    let pairs = headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    let mut found = pairs.filter(|(other, _)| *other == name);
    found.next().map(|(_, value)| SecretString::from(value))
}

/// Sets the cookie of a flow. It ends by its age: who opens the callback again hears that it was used.
pub(super) fn set(hop: &OAuthHop) -> Option<HeaderValue> {
    let value = hop.cookie_value.expose_secret();
    write(&hop.cookie_name, value, hop.secure)
}

fn write(name: &str, value: &str, secure: bool) -> Option<HeaderValue> {
    let secure = if secure { "; Secure" } else { "" };
    let text = format!("{name}={value}; Path=/; Max-Age={MAX_AGE}; HttpOnly; SameSite=Lax{secure}");
    let mut header = HeaderValue::try_from(text).ok()?;
    header.set_sensitive(true);
    Some(header)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.append(COOKIE, HeaderValue::from_static("a=1; inlet-oauth-2=x; b"));
        headers.append(COOKIE, HeaderValue::from_static("inlet-oauth-1=y=z"));
        let found = |name| find(&headers, name).map(|value| value.expose_secret().to_owned());

        assert_eq!(found("inlet-oauth-2").as_deref(), Some("x"));
        assert_eq!(found("inlet-oauth-1").as_deref(), Some("y=z"));
        assert_eq!(found("inlet-oauth"), None);
    }

    #[test]
    fn a_cookie_is_for_this_host_only_and_not_for_scripts() {
        let secure = write("__Host-inlet-oauth-1", "x", true).unwrap();
        let plain = write("inlet-oauth-1", "x", false).unwrap();

        assert_eq!(
            secure,
            "__Host-inlet-oauth-1=x; Path=/; Max-Age=600; HttpOnly; SameSite=Lax; Secure"
        );
        assert_eq!(
            plain,
            "inlet-oauth-1=x; Path=/; Max-Age=600; HttpOnly; SameSite=Lax"
        );
        assert!(secure.is_sensitive());
    }
}
