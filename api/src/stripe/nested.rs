//! The lists that Stripe's objects carry, a few objects long, and go on at an address of their own (Stripe contract
//! section 5.3).

use super::{
    client::StripeClient,
    credential::Credential,
    error::{StripeError, StripeErrorKind},
    page::ListPage,
    request::Request,
};

impl StripeClient {
    /// Fetches one full page of a list at the address that an object gives for it, sending exactly once. An address that
    /// is none of the API's is not known.
    pub async fn nested_page(
        &self,
        credential: &Credential,
        url: &str,
        starting_after: Option<&str>,
    ) -> Result<ListPage, StripeError> {
        if !is_of_the_api(url) {
            return Err(StripeError {
                kind: StripeErrorKind::UnknownUrl,
                status: None,
                request_id: None,
                retry_hint: None,
            });
        }
        let mut query = vec![("limit", "100".to_owned())];
        query.extend(starting_after.map(|id| ("starting_after", id.to_owned())));
        let request = Request::get(url.to_owned(), query);
        ListPage::read(&self.send_once(credential, &request).await?)
    }
}

/// A path below `/v1/`, perhaps with a query; nothing that could lead the key elsewhere.
fn is_of_the_api(url: &str) -> bool {
    let path = url.split('?').next().unwrap_or_default();
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/_-.?=&[]%".contains(&byte);
    path.starts_with("/v1/") && !path.contains("..") && url.bytes().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::is_of_the_api;

    #[test]
    fn only_the_api_s_own_addresses_are_followed() {
        assert!(is_of_the_api("/v1/subscription_items?subscription=sub_1"));
        assert!(is_of_the_api("/v1/charges/ch_1/refunds"));
        for other in [
            "",
            "//evil.example/v1/",
            "https://evil.example/v1/x",
            "/v1/../x",
            "@evil.example/v1/",
            "/v1/a#b",
        ] {
            assert!(!is_of_the_api(other), "{other}");
        }
    }
}
