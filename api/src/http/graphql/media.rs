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
    accepted(headers).iter().any(|media| media == "text/html")
}

/// The content type of the answer: the one that the client likes best, and of equals the first; none where nothing
/// that can be given is accepted.
pub(super) fn of_answer(headers: &HeaderMap) -> Option<&'static str> {
    if !headers.contains_key(ACCEPT) {
        return Some(JSON);
    }
    accepted(headers)
        .into_iter()
        .find_map(|media| match media.as_str() {
            "application/graphql-response+json" => Some(GRAPHQL),
            "application/json" | "application/*" | "*/*" => Some(JSON),
            _ => None,
        })
}

/// The accepted media types, best first, without those of quality 0 (RFC 9110 section 12.5.1).
fn accepted(headers: &HeaderMap) -> Vec<String> {
    let values = headers
        .get_all(ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok());
    let ranges = values
        .flat_map(|value| value.split(','))
        .filter_map(|range| {
            let mut parts = range.split(';').map(str::trim);
            let media = parts.next()?.to_ascii_lowercase();
            let quality = parts.find_map(|part| part.strip_prefix("q="));
            let quality: f32 = quality.map_or(Ok(1.0), str::parse).ok()?;
            (quality > 0.0 && !media.is_empty()).then_some((media, quality))
        });
    let mut ranges: Vec<_> = ranges.collect();
    ranges.sort_by(|one, other| other.1.total_cmp(&one.1));
    ranges.into_iter().map(|(media, _)| media).collect()
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
            answer("application/json;q=0.5, application/graphql-response+json"),
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
