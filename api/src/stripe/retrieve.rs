//! One object by its id.

use chrono::{DateTime, Utc};

use super::{
    client::StripeClient, credential::Credential, error::StripeError, list::ListResource,
    page::RawObject, request::Request,
};

/// An object as it was at `observed_at`.
#[derive(Clone, Debug)]
pub struct Fetched {
    /// The object; `{id, object, deleted: true}` for one that was deleted.
    pub object: RawObject,
    /// Never earlier than the request was sent; whole microseconds.
    pub observed_at: DateTime<Utc>,
    /// Stripe's name of the request.
    pub request_id: Option<String>,
}

impl StripeClient {
    /// Fetches one object of a list, with the expansions of lists, sending exactly once.
    pub async fn retrieve(
        &self,
        credential: &Credential,
        resource: ListResource,
        id: &str,
        expand: &[&'static str],
    ) -> Result<Fetched, StripeError> {
        let fields = expand.iter().map(|field| field.trim_start_matches("data."));
        let query = fields.map(|field| ("expand[]", field.to_owned())).collect();
        let request = Request::get(format!("{}/{id}", resource.path()), query);
        let reply = self.send_once(credential, &request).await?;
        Ok(Fetched {
            object: reply.parse()?,
            observed_at: reply.observed_at,
            request_id: reply.request_id,
        })
    }
}
