//! Content types: what a request is written in, and what its answer is to be written in.

use axum::http::{
    HeaderMap,
    header::{ACCEPT, CONTENT_TYPE},
};

/// The media type of GraphQL answers: errors of a request have their own status.
pub(super) const GRAPHQL: &str = "application/graphql-response+json; charset=utf-8";

/// What older clients ask for: a request that is well-formed is answered with 200.
pub(super) const JSON: &str = "application/json; charset=utf-8";

/// Whether a body claims to be JSON. Only that is taken: a form on another site could send the simpler types.
pub(super) fn is_json(headers: &HeaderMap) -> bool {
    let value = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let mut parts = value.unwrap_or_default().split(';').map(str::trim);
    let json = parts
        .next()
        .is_some_and(|media| media.eq_ignore_ascii_case("application/json"));
    let utf8 = |parameter: &str| match parameter.split_once('=') {
        Some((name, value)) if name.trim().eq_ignore_ascii_case("charset") => {
            value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
        }
        _ => true,
    };
    json && parts.all(utf8)
}

/// Whether a browser asks for a page.
pub(super) fn wants_page(headers: &HeaderMap) -> bool {
    accepted(headers).any(|media| media == "text/html")
}

/// The content type of the answer; none where nothing that can be given is accepted.
pub(super) fn of_answer(headers: &HeaderMap) -> Option<&'static str> {
    if !headers.contains_key(ACCEPT) {
        return Some(JSON);
    }
    accepted(headers).find_map(|media| match media.as_str() {
        "application/graphql-response+json" => Some(GRAPHQL),
        "application/json" | "application/*" | "*/*" => Some(JSON),
        _ => None,
    })
}

/// The accepted media types, in the client's order, without those of quality 0.
fn accepted(headers: &HeaderMap) -> impl Iterator<Item = String> {
    let values = headers
        .get_all(ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok());
    values
        .flat_map(|value| value.split(','))
        .filter_map(|range| {
            let mut parts = range.split(';').map(str::trim);
            let media = parts.next()?.to_ascii_lowercase();
            let refused = parts.any(|parameter| {
                parameter
                    .strip_prefix("q=")
                    .is_some_and(|quality| quality.parse() == Ok(0.0_f32))
            });
            (!refused && !media.is_empty()).then_some(media)
        })
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};

    use super::*;

    fn with(name: HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn the_answer_is_in_what_the_client_accepts_first() {
        let answer = |accept| of_answer(&with(ACCEPT, accept));

        assert_eq!(of_answer(&HeaderMap::new()), Some(JSON));
        assert_eq!(answer("*/*"), Some(JSON));
        assert_eq!(
            answer("application/graphql-response+json, application/json;q=0.9"),
            Some(GRAPHQL)
        );
        assert_eq!(
            answer("application/json, application/graphql-response+json"),
            Some(JSON)
        );
        assert_eq!(answer("application/json;q=0, text/plain"), None);
    }

    #[test]
    fn only_json_is_a_body() {
        let taken = |media| is_json(&with(CONTENT_TYPE, media));

        assert!(taken("application/json"));
        assert!(taken("Application/JSON; charset=UTF-8"));
        assert!(!taken("application/json; charset=utf-16"));
        assert!(!taken("text/plain"));
        assert!(!taken("application/x-www-form-urlencoded"));
        assert!(!is_json(&HeaderMap::new()));
    }
}
