//! One request to Stripe, before anything of it is sent.

use std::borrow::Cow;

use reqwest::{Method, RequestBuilder, header};

use super::endpoint::Endpoint;

/// What to ask; the credential is added when it is sent.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) method: Method,
    pub(super) path: Cow<'static, str>,
    pub(super) query: Vec<(&'static str, String)>,
    pub(super) body: Body,
    /// The same for every attempt, so that Stripe acts once (Stripe contract section 1.3).
    pub(super) idempotency_key: Option<String>,
}

/// `/v1` takes forms, `/v2` JSON (Stripe contract section 1).
#[derive(Debug, Clone)]
pub(super) enum Body {
    None,
    Form(&'static [(&'static str, &'static str)]),
    /// A form whose values are known only when it is sent.
    Fields(Vec<(String, String)>),
    Json(&'static str),
}

impl Request {
    /// A reading request.
    pub(super) fn get(
        path: impl Into<Cow<'static, str>>,
        query: Vec<(&'static str, String)>,
    ) -> Self {
        Self {
            method: Method::GET,
            path: path.into(),
            query,
            body: Body::None,
            idempotency_key: None,
        }
    }

    /// A writing request, with a fresh idempotency key.
    pub(super) fn post(path: impl Into<Cow<'static, str>>, body: Body) -> Self {
        let key = format!("inlet-{:032x}", rand::random::<u128>());
        Self::post_with_key(path, body, key)
    }

    /// A writing request with an idempotency key that the caller keeps, so that it can be sent again after a crash.
    pub(super) fn post_with_key(
        path: impl Into<Cow<'static, str>>,
        body: Body,
        key: String,
    ) -> Self {
        Self {
            method: Method::POST,
            path: path.into(),
            query: Vec::new(),
            body,
            idempotency_key: Some(key),
        }
    }

    /// A removing request, which is the same however often it is sent.
    pub(super) fn delete(path: impl Into<Cow<'static, str>>) -> Self {
        Self {
            method: Method::DELETE,
            path: path.into(),
            query: Vec::new(),
            body: Body::None,
            idempotency_key: None,
        }
    }

    /// The operation that it belongs to.
    pub(super) fn endpoint(&self) -> Endpoint {
        Endpoint::of(&self.method, &self.path)
    }

    /// Fills in query, body and idempotency key.
    pub(super) fn apply(&self, mut builder: RequestBuilder) -> RequestBuilder {
        if !self.query.is_empty() {
            builder = builder.query(&self.query);
        }
        if let Some(key) = &self.idempotency_key {
            builder = builder.header("Idempotency-Key", key);
        }
        match &self.body {
            Body::None => builder,
            Body::Form(fields) => builder.form(fields),
            Body::Fields(fields) => builder.form(fields),
            Body::Json(text) => builder
                .header(header::CONTENT_TYPE, "application/json")
                .body(*text),
        }
    }
}
