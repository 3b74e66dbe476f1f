//! Content types: what a request is written in, and what its answer is to be written in.

use axum::http::{
    HeaderMap,
    header::{ACCEPT, CONTENT_TYPE},
};

use super::streamed::Form;

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
    accepted(headers)
        .iter()
        .any(|range| range.media == "text/html")
}

/// What a client gets that accepts anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Usual {
    Json,
    Events,
}

/// What a client takes: the forms that it likes best, and of equals the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Taken {
    /// The content type of an answer that is one result.
    pub(super) single: Option<&'static str>,
    /// The form of an answer that goes on.
    pub(super) streamed: Option<Form>,
}

/// What a client takes; none where it takes nothing that can be given.
pub(super) fn of_answer(headers: &HeaderMap, usual: Usual) -> Option<Taken> {
    let mut taken = Taken {
        single: None,
        streamed: None,
    };
    if !headers.contains_key(ACCEPT) {
        taken.anything(usual);
    }
    for range in accepted(headers) {
        match range.media.as_str() {
            "application/graphql-response+json" => taken.one(GRAPHQL),
            "application/json" | "application/*" => taken.one(JSON),
            "text/event-stream" => taken.many(Form::Events),
            "multipart/mixed" if range.subscriptions => taken.many(Form::Parts),
            "*/*" => taken.anything(usual),
            _ => {}
        }
    }
    (taken.single.is_some() || taken.streamed.is_some()).then_some(taken)
}

impl Taken {
    fn one(&mut self, media: &'static str) {
        self.single.get_or_insert(media);
    }

    fn many(&mut self, form: Form) {
        self.streamed.get_or_insert(form);
    }

    fn anything(&mut self, usual: Usual) {
        match usual {
            Usual::Json => self.one(JSON),
            Usual::Events => self.many(Form::Events),
        }
    }
}

/// A media type that a client accepts.
struct Range {
    media: String,
    quality: f32,
    /// Whether it is Apollo's multipart of subscriptions, in the version that is spoken here.
    subscriptions: bool,
}

/// The accepted media types, best first, without those of quality 0 (RFC 9110 section 12.5.1).
fn accepted(headers: &HeaderMap) -> Vec<Range> {
    let values = headers
        .get_all(ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok());
    let ranges = values.flat_map(|value| value.split(',')).filter_map(range);
    let mut ranges: Vec<_> = ranges.collect();
    ranges.sort_by(|one, other| other.quality.total_cmp(&one.quality));
    ranges
}

fn range(text: &str) -> Option<Range> {
    let mut parts = text.split(';').map(str::trim);
    let mut range = Range {
        media: parts.next()?.to_ascii_lowercase(),
        quality: 1.0,
        subscriptions: false,
    };
    for (name, value) in parts.filter_map(|part| part.split_once('=')) {
        match name.trim().to_ascii_lowercase().as_str() {
            "q" => range.quality = value.trim().parse().ok()?,
            "subscriptionspec" => range.subscriptions = value.trim().trim_matches('"') == "1.0",
            _ => {}
        }
    }
    (range.quality > 0.0 && !range.media.is_empty()).then_some(range)
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};

    use super::*;

    fn with(name: HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    fn taken(accept: &'static str, usual: Usual) -> Option<(Option<&'static str>, Option<Form>)> {
        let taken = of_answer(&with(ACCEPT, accept), usual)?;
        Some((taken.single, taken.streamed))
    }

    #[test]
    fn the_answer_is_in_what_the_client_accepts_first() {
        let single = |accept| taken(accept, Usual::Json).map(|(single, _)| single.unwrap());

        assert_eq!(
            of_answer(&HeaderMap::new(), Usual::Json).unwrap().single,
            Some(JSON)
        );
        assert_eq!(single("*/*"), Some(JSON));
        assert_eq!(
            single("application/graphql-response+json, application/json;q=0.9"),
            Some(GRAPHQL)
        );
        assert_eq!(
            single("application/json;q=0.5, application/graphql-response+json"),
            Some(GRAPHQL)
        );
        assert_eq!(
            single("application/json, application/graphql-response+json"),
            Some(JSON)
        );
        assert_eq!(single("application/json;q=0, text/plain"), None);
    }

    #[test]
    fn streams_are_written_as_clients_take_them() {
        let apollo = "multipart/mixed;boundary=graphql;subscriptionSpec=1.0,application/json";
        for (accept, usual, expected) in [
            ("text/event-stream", Usual::Json, (None, Some(Form::Events))),
            ("*/*", Usual::Events, (None, Some(Form::Events))),
            (
                "application/json, */*",
                Usual::Events,
                (Some(JSON), Some(Form::Events)),
            ),
            (apollo, Usual::Json, (Some(JSON), Some(Form::Parts))),
            (
                r#"Multipart/Mixed; subscriptionSpec="1.0""#,
                Usual::Json,
                (None, Some(Form::Parts)),
            ),
            (
                "multipart/mixed;subscriptionSpec=1.0;q=0.4, text/event-stream;q=0.5",
                Usual::Json,
                (None, Some(Form::Events)),
            ),
        ] {
            assert_eq!(taken(accept, usual), Some(expected), "{accept}");
        }
        for other in [
            "multipart/mixed",
            "multipart/mixed;deferSpec=20220824",
            "multipart/mixed;subscriptionSpec=2.0",
        ] {
            assert_eq!(taken(other, Usual::Json), None, "{other}");
        }
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
