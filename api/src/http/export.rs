//! The files of exports, by links that are signed: no token is needed, and none is looked at.

use axum::{
    Json, Router,
    body::Body,
    extract::{Path, RawQuery, State},
    http::{
        HeaderMap, HeaderName, HeaderValue, StatusCode,
        header::{
            ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_LENGTH,
            CONTENT_TYPE, REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS,
        },
    },
    response::{IntoResponse, Response},
    routing::get,
};
use serde_json::json;
use url::form_urlencoded;

use super::Edge;
use crate::domain::{
    Gateway,
    export::{Coding, Download, DownloadError},
};

/// Not bound by the time of other requests: a large file takes as long as its reader does, who is waited for.
pub(super) fn routes<E>(edge: &Edge<E>) -> Router {
    Router::new()
        .route("/exports/{id}", get(download))
        .layer(edge.origins.cors())
        .with_state(edge.gateway.clone())
}

/// What every answer says: nobody may keep it, or tell others where it was found.
const GUARDS: [(HeaderName, &str); 4] = [
    (CACHE_CONTROL, "private, no-store"),
    (REFERRER_POLICY, "no-referrer"),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (VARY, "accept-encoding"),
];

/// Sends the file. For HEAD the same without a body: nothing of the file is read until it is asked for.
async fn download(
    State(gateway): State<Gateway>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let query = query.unwrap_or_default();
    let (expires, signature) = (one(&query, "expires"), one(&query, "signature"));
    match gateway.open_export(&id, &expires, &signature).await {
        Ok(file) => send(file, coding(&headers)),
        Err(error) => refuse(&error),
    }
}

fn send(file: Download, coding: Coding) -> Response {
    let name = format!("attachment; filename=\"{}\"", file.file_name());
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(file.media_type()));
    headers.insert(CONTENT_LENGTH, HeaderValue::from(file.length(coding)));
    if let Ok(name) = HeaderValue::try_from(name) {
        headers.insert(CONTENT_DISPOSITION, name);
    }
    if coding == Coding::Gzip {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    (GUARDS, headers, Body::from_stream(file.read(coding))).into_response()
}

fn refuse(error: &DownloadError) -> Response {
    let (status, code) = match error {
        DownloadError::Forbidden => (StatusCode::FORBIDDEN, "FORBIDDEN"),
        DownloadError::LinkExpired | DownloadError::Gone => (StatusCode::GONE, "GONE"),
        DownloadError::NotFound => (StatusCode::NOT_FOUND, "NOT_FOUND"),
        DownloadError::Storage(cause) => {
            tracing::error!(%cause, "an export cannot be sent");
            let code = "UNAVAILABLE";
            let message = "The gateway's database cannot be reached; try again.";
            return answer(StatusCode::SERVICE_UNAVAILABLE, code, message);
        }
    };
    answer(status, code, &error.to_string())
}

fn answer(status: StatusCode, code: &str, message: &str) -> Response {
    let body = json!({ "error": { "code": code, "message": message } });
    (status, GUARDS, Json(body)).into_response()
}

/// A parameter of the query; of two nobody could tell which one was signed.
fn one(query: &str, name: &str) -> String {
    let mut values = form_urlencoded::parse(query.as_bytes())
        .filter_map(|(key, value)| (key == name).then_some(value));
    match (values.next(), values.next()) {
        (Some(value), None) => value.into_owned(),
        _ => String::new(),
    }
}

/// Whether the client takes gzip: it says so, and not with a weight of zero.
fn coding(headers: &HeaderMap) -> Coding {
    let mut offers = headers
        .get_all(ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    let takes = offers.any(|offer| {
        let mut parts = offer.split(';').map(str::trim);
        let is_gzip = parts.next().is_some_and(|name| {
            name.eq_ignore_ascii_case("gzip") || name.eq_ignore_ascii_case("x-gzip")
        });
        let mut weights = parts.filter_map(|part| part.strip_prefix("q="));
        is_gzip && weights.all(|weight| weight.parse::<f32>().is_ok_and(|weight| weight > 0.0))
    });
    if takes {
        Coding::Gzip
    } else {
        Coding::Identity
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(accepted: &[&str]) -> Coding {
        let mut headers = HeaderMap::new();
        for value in accepted {
            headers.append(ACCEPT_ENCODING, HeaderValue::from_str(value).unwrap());
        }
        coding(&headers)
    }

    #[test]
    fn gzip_is_sent_to_those_who_take_it() {
        for accepted in [
            &["gzip"][..],
            &["gzip, deflate, br"],
            &["br", "GZIP;q=0.5"],
            &["identity;q=0, gzip ; q=1.0"],
        ] {
            assert_eq!(chosen(accepted), Coding::Gzip, "{accepted:?}");
        }
        for accepted in [
            &[][..],
            &[""],
            &["identity"],
            &["gzip;q=0"],
            &["gzip;q=0.000, br"],
            &["gzip;q=x"],
            &["*"],
            &["gzipped"],
        ] {
            assert_eq!(chosen(accepted), Coding::Identity, "{accepted:?}");
        }
    }

    #[test]
    fn a_parameter_comes_once() {
        assert_eq!(one("a=1&b=2", "b"), "2");
        assert_eq!(one("a=%3D", "a"), "=");
        assert_eq!(one("a=1&a=1", "a"), "");
        assert_eq!(one("", "a"), "");
    }
}
