//! GraphiQL for people, with the main operations as tabs. All of it is served from here: no other host runs scripts
//! in a page where API tokens are typed.

use axum::{
    extract::Path,
    http::{HeaderName, StatusCode, header},
    response::{IntoResponse, Response},
};

/// Includes a file of the explorer.
macro_rules! asset {
    ($path:literal) => {
        include_bytes!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/assets/explorer/",
            $path
        ))
    };
}

/// The files by name, with their content types.
const FILES: [(&str, &str, &[u8]); 6] = [
    ("explorer.js", SCRIPT, asset!("explorer.js")),
    (
        "graphiql.min.css",
        "text/css; charset=utf-8",
        asset!("vendor/graphiql.min.css"),
    ),
    ("graphiql.min.js", SCRIPT, asset!("vendor/graphiql.min.js")),
    (
        "graphql-ws.min.js",
        SCRIPT,
        asset!("vendor/graphql-ws.min.js"),
    ),
    ("react.min.js", SCRIPT, asset!("vendor/react.min.js")),
    (
        "react-dom.min.js",
        SCRIPT,
        asset!("vendor/react-dom.min.js"),
    ),
];

const SCRIPT: &str = "text/javascript; charset=utf-8";

/// Only what is served from here runs, and nothing may frame the page. GraphiQL sets styles from scripts.
const POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
    font-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

const GUARDS: [(HeaderName, &str); 3] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
];

/// The page.
pub(super) fn page() -> Response {
    let html = asset!("index.html").as_slice();
    (
        GUARDS,
        [(header::CONTENT_TYPE, "text/html; charset=utf-8")],
        html,
    )
        .into_response()
}

/// A file of the page.
pub(super) async fn file(Path(name): Path<String>) -> Response {
    match FILES.iter().find(|(known, ..)| *known == name) {
        Some((_, media, bytes)) => {
            let kept = [
                (header::CONTENT_TYPE, *media),
                (header::CACHE_CONTROL, "max-age=3600"),
            ];
            (GUARDS, kept, *bytes).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
