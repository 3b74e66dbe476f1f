//! An operation of the API, whatever the id: what Stripe's limits count by (Stripe contract section 6.1).

use std::sync::Arc;

use reqwest::Method;

/// What Stripe allows of the files a second.
const FILES: f64 = 20.0;

/// An operation: a method and a path without ids, as `GET /v1/charges/{id}`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Endpoint(Arc<str>);

impl Endpoint {
    /// The operation that a request belongs to.
    pub(super) fn of(method: &Method, path: &str) -> Self {
        // `/v1/charges`, but `/v1/reporting/report_runs` and `/v2/core/event_destinations`.
        let is_deep = path.starts_with("/v1/reporting/") || path.starts_with("/v2/");
        let depth = if is_deep { 4 } else { 3 };
        let mut name = format!("{method} ");
        for (place, part) in path.split('/').enumerate().skip(1) {
            name.push('/');
            name.push_str(if place == depth { "{id}" } else { part });
        }
        Self(name.into())
    }

    /// The operation of a reading request.
    #[cfg(test)]
    pub(crate) fn get(path: &str) -> Self {
        Self::of(&Method::GET, path)
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &Arc<str> {
        &self.0
    }

    /// What Stripe allows of it a second, where that is less than of others.
    #[must_use]
    pub fn most_per_second(&self) -> Option<f64> {
        self.0.contains(" /v1/files").then_some(FILES)
    }

    /// Whether it counts against the account's read allocation: reads do, except those of reports and their files.
    #[must_use]
    pub fn is_allocated_read(&self) -> bool {
        let is_of_report = self.0.contains(" /v1/reporting/") || self.0.ends_with("/contents");
        self.0.starts_with("GET ") && !is_of_report
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get(path: &str) -> Endpoint {
        Endpoint::get(path)
    }

    #[test]
    fn ids_make_no_difference() {
        assert_eq!(&**get("/v1/charges").name(), "GET /v1/charges");
        assert_eq!(get("/v1/charges/ch_1"), get("/v1/charges/ch_2"));
        assert_eq!(&**get("/v1/products/gold").name(), "GET /v1/products/{id}");
        assert_eq!(
            &**get("/v1/reporting/report_runs/frr_1").name(),
            "GET /v1/reporting/report_runs/{id}"
        );
        let post = Endpoint::of(&Method::POST, "/v2/core/event_destinations/ed_1");
        assert_eq!(&**post.name(), "POST /v2/core/event_destinations/{id}");
    }

    #[test]
    fn reads_count_except_those_of_reports() {
        assert!(get("/v1/charges").is_allocated_read());
        assert!(!get("/v1/reporting/report_runs").is_allocated_read());
        assert!(!get("/v1/files/file_1/contents").is_allocated_read());
        assert!(get("/v1/files/file_1").is_allocated_read());
        assert!(!Endpoint::of(&Method::POST, "/v1/webhook_endpoints").is_allocated_read());
        assert_eq!(get("/v1/files").most_per_second(), Some(20.0));
        assert_eq!(get("/v1/charges").most_per_second(), None);
    }
}
