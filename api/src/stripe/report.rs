//! Reports: which there are, running one, and its file (Stripe contract section 9).

use std::time::Duration;

use bytes::Bytes;
use reqwest::Response;
use serde::Deserialize;
use url::Url;

use super::{
    client::StripeClient,
    credential::Credential,
    error::{Outage, StripeError},
    page::ListPage,
    request::{Body, Request},
    retrieve::segment,
};

const TYPES: &str = "/v1/reporting/report_types";
const RUNS: &str = "/v1/reporting/report_runs";

/// Where Stripe keeps files; a key goes nowhere else.
const FILES: &str = "https://files.stripe.com";

/// Where the API is, to which [`FILES`] belongs; of any other API the files are its own.
const API: &str = "https://api.stripe.com";

/// A file of millions of lines takes its time.
const WHOLE_FILE: Duration = Duration::from_hours(4);

/// A file of which nothing comes for so long is not coming.
const SILENCE: Duration = Duration::from_secs(60);

/// A type of report, as far as running it needs.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ReportType {
    /// Its name, e.g. `balance_change_from_activity.itemized.6`.
    pub id: String,
    /// There is data from this second on.
    #[serde(default)]
    pub data_available_start: i64,
    /// There is data before this second.
    #[serde(default)]
    pub data_available_end: i64,
    /// The columns of its file unless others are asked for; none where columns cannot be chosen.
    #[serde(default)]
    pub default_columns: Option<Vec<String>>,
}

/// A report that is, or was, run.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ReportRun {
    /// `frr_…`
    pub id: String,
    /// `pending`, `succeeded` or `failed`.
    pub status: String,
    /// Its file, once it has succeeded.
    #[serde(default)]
    pub result: Option<ReportFile>,
}

/// The file of a run.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ReportFile {
    /// Where its content is; Stripe's word, to be checked before a key is sent there.
    #[serde(default)]
    pub url: Option<String>,
}

/// A run to ask for.
#[derive(Clone, Debug)]
pub struct NewReportRun<'a> {
    /// The type's name.
    pub report_type: &'a str,
    /// Unix seconds, inclusive.
    pub from: i64,
    /// Unix seconds, exclusive.
    pub to: i64,
    /// The columns of its file; none for the type's own.
    pub columns: &'a [&'static str],
    /// The same for every attempt at this run, so that Stripe runs it once.
    pub idempotency_key: String,
}

/// Where one of Stripe's files is.
#[derive(Clone, Debug)]
pub struct FilePlace(Url);

/// A file on its way, read piece by piece.
pub struct Download {
    response: Response,
    /// Stripe's name of the request.
    pub request_id: Option<String>,
}

impl Download {
    /// The next piece; none at the end.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, StripeError> {
        match tokio::time::timeout(SILENCE, self.response.chunk()).await {
            Ok(Ok(piece)) => Ok(piece),
            Ok(Err(_)) => Err(StripeError::unavailable(Outage::Truncated)),
            Err(_) => Err(StripeError::unavailable(Outage::Timeout)),
        }
    }
}

impl StripeClient {
    /// The types of report that the account has, sending exactly once.
    pub async fn list_report_types(
        &self,
        credential: &Credential,
    ) -> Result<ListPage, StripeError> {
        let request = Request::get(TYPES, Vec::new());
        ListPage::read(&self.send_once(credential, &request).await?)
    }

    /// Asks for a run, sending exactly once.
    pub async fn create_report_run(
        &self,
        credential: &Credential,
        new: &NewReportRun<'_>,
    ) -> Result<ReportRun, StripeError> {
        let field = |name: &str, value: String| (name.to_owned(), value);
        let mut fields = vec![
            field("report_type", new.report_type.to_owned()),
            field("parameters[interval_start]", new.from.to_string()),
            field("parameters[interval_end]", new.to.to_string()),
        ];
        let columns = new.columns.iter();
        fields.extend(columns.map(|column| field("parameters[columns][]", (*column).to_owned())));
        let key = new.idempotency_key.clone();
        let request = Request::post_with_key(RUNS, Body::Fields(fields), key);
        self.send_once(credential, &request).await?.parse()
    }

    /// How a run stands, sending exactly once.
    pub async fn find_report_run(
        &self,
        credential: &Credential,
        id: &str,
    ) -> Result<ReportRun, StripeError> {
        let request = Request::get(format!("{RUNS}/{}", segment(id)), Vec::new());
        self.send_once(credential, &request).await?.parse()
    }

    /// Where a run's file is; none unless that is where Stripe keeps files, since the key goes nowhere else.
    #[must_use]
    pub fn place_of_report(&self, run: &ReportRun) -> Option<FilePlace> {
        let url = Url::parse(run.result.as_ref()?.url.as_deref()?).ok()?;
        is_place_of_files(&self.transport().base, &url).then_some(FilePlace(url))
    }

    /// Begins to download a file, sending exactly once.
    pub async fn download(
        &self,
        credential: &Credential,
        place: FilePlace,
    ) -> Result<Download, StripeError> {
        let opened = self.transport().open(credential, place.0, WHOLE_FILE);
        let (response, request_id) = opened.await?;
        Ok(Download {
            response,
            request_id,
        })
    }
}

/// Whether a file at this address belongs to the API at `base`.
fn is_place_of_files(base: &str, url: &Url) -> bool {
    let Ok(api) = Url::parse(base) else {
        return false;
    };
    let is_stripe = Url::parse(API).is_ok_and(|stripe| stripe.origin() == api.origin());
    let place = if is_stripe {
        Url::parse(FILES).ok()
    } else {
        Some(api)
    };
    let same = place.is_some_and(|place| place.origin() == url.origin());
    same && url.username().is_empty() && url.password().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn may_go(base: &str, url: &str) -> bool {
        Url::parse(url).is_ok_and(|url| is_place_of_files(base, &url))
    }

    #[test]
    fn a_key_goes_to_stripe_s_files_alone() {
        assert!(may_go(
            API,
            "https://files.stripe.com/v1/files/file_1/contents"
        ));
        assert!(may_go(API, "https://FILES.stripe.com:443/x"));
        for url in [
            "http://files.stripe.com/v1/files/file_1/contents",
            "https://files.stripe.com.evil.example/x",
            "https://files.stripe.com@evil.example/x",
            "https://user@files.stripe.com/x",
            "https://files.stripe.com:444/x",
            "https://api.stripe.com/x",
            "https://evil.example/files.stripe.com",
            "ftp://files.stripe.com/x",
            "file:///etc/passwd",
            "/v1/files",
        ] {
            assert!(!may_go(API, url), "{url}");
        }
    }

    #[test]
    fn the_files_of_another_api_are_its_own() {
        let base = "http://127.0.0.1:4000/stripe";

        assert!(may_go(
            base,
            "http://127.0.0.1:4000/v1/files/file_1/contents"
        ));
        assert!(!may_go(
            base,
            "http://127.0.0.1:4001/v1/files/file_1/contents"
        ));
        assert!(!may_go(
            base,
            "https://files.stripe.com/v1/files/file_1/contents"
        ));
    }
}
