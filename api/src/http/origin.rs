//! Whose pages may call the API from a browser.
//!
//! Tokens travel in headers and messages, never in cookies, so a foreign page has no rights of its visitor. It is kept
//! out all the same, unless the operator lets it in.

use std::sync::Arc;

use axum::http::{
    HeaderMap, HeaderName, HeaderValue, Method,
    header::{CONTENT_DISPOSITION, HOST, ORIGIN, RETRY_AFTER},
};
use tower_http::cors::{AllowHeaders, AllowOrigin, CorsLayer};
use url::Url;

/// How long browsers remember that they may call.
const MAX_AGE: std::time::Duration = std::time::Duration::from_hours(1);

/// The origins that may call. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Origins {
    any: bool,
    known: Arc<[String]>,
}

impl Origins {
    /// The gateway's own origin and those that the operator lets in; `*` lets all in.
    #[must_use]
    pub fn new(own: &Url, others: &[String]) -> Self {
        let own = own.origin().ascii_serialization();
        Self {
            any: others.iter().any(|origin| origin == "*"),
            known: std::iter::once(own).chain(others.iter().cloned()).collect(),
        }
    }

    /// Whether a socket may be opened: browsers ask nobody before they open one, but say from where.
    pub(super) fn let_in(&self, headers: &HeaderMap) -> bool {
        let mut origins = headers.get_all(ORIGIN).iter();
        match (origins.next(), origins.next()) {
            (None, _) => true,
            (Some(origin), None) => self.knows(origin) || is_same(origin, headers.get(HOST)),
            _ => false,
        }
    }

    /// What browsers are told when a page of another origin asks.
    pub(super) fn cors(&self) -> CorsLayer {
        let origins = self.clone();
        CorsLayer::new()
            .allow_origin(AllowOrigin::predicate(move |origin, _| {
                origins.knows(origin)
            }))
            .allow_methods([Method::GET, Method::POST])
            .allow_headers(AllowHeaders::mirror_request())
            .expose_headers([
                HeaderName::from_static("x-request-id"),
                RETRY_AFTER,
                CONTENT_DISPOSITION,
            ])
            .max_age(MAX_AGE)
    }

    fn knows(&self, origin: &HeaderValue) -> bool {
        self.any || self.known.iter().any(|known| known == origin)
    }
}

/// Whether a page came from the very host that it calls, however that is reached.
fn is_same(origin: &HeaderValue, host: Option<&HeaderValue>) -> bool {
    let origin = origin.to_str().ok();
    let behind = |scheme| origin.and_then(|origin| origin.strip_prefix(scheme));
    let authority = behind("https://").or_else(|| behind("http://"));
    authority.is_some_and(|authority| host.is_some_and(|host| host == authority))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origins(others: &[&str]) -> Origins {
        let own = Url::parse("https://inlet.example:443/base").unwrap();
        let others: Vec<_> = others.iter().map(|&other| other.to_owned()).collect();
        Origins::new(&own, &others)
    }

    fn let_in(others: &[&str], origin: &'static str) -> bool {
        let headers = [(ORIGIN, origin), (HOST, "127.0.0.1:8080")];
        let headers = headers.map(|(name, value)| (name, HeaderValue::from_static(value)));
        origins(others).let_in(&HeaderMap::from_iter(headers))
    }

    #[test]
    fn our_own_pages_and_programs_are_let_in() {
        assert!(let_in(&[], "https://inlet.example"));
        assert!(let_in(&[], "http://127.0.0.1:8080"));
        assert!(origins(&[]).let_in(&HeaderMap::new()));
    }

    #[test]
    fn other_pages_are_let_in_where_the_operator_says_so() {
        let app = "https://app.example";
        for foreign in [
            app,
            "null",
            "",
            "http://inlet.example",
            "https://inlet.example:8443",
            "https://inlet.example.evil",
            "http://127.0.0.1:8081",
            "http://127.0.0.1:8080/",
            "file://127.0.0.1:8080",
        ] {
            assert!(!let_in(&[], foreign), "{foreign}");
            assert!(let_in(&["*"], foreign), "{foreign}");
            assert_eq!(let_in(&[app], foreign), foreign == app, "{foreign}");
        }
    }

    #[test]
    fn two_origins_are_none() {
        let mut headers = HeaderMap::new();
        headers.append(ORIGIN, HeaderValue::from_static("https://inlet.example"));
        headers.append(ORIGIN, HeaderValue::from_static("https://evil.example"));

        assert!(!origins(&[]).let_in(&headers));
    }
}
