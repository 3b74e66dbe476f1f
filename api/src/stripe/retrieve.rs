//! One object by its id.

use chrono::{DateTime, Utc};
use serde_json::value::RawValue;

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

/// Objects that no list has: each is fetched by its id (Stripe contract section 2.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unlisted {
    /// Of the older Sources API.
    Sources,
    /// Of the older Tokens API.
    Tokens,
}

impl Unlisted {
    fn path(self) -> &'static str {
        match self {
            Self::Sources => "/v1/sources",
            Self::Tokens => "/v1/tokens",
        }
    }
}

impl StripeClient {
    /// Fetches the balance as an object to be kept, sending exactly once.
    pub async fn retrieve_balance(&self, credential: &Credential) -> Result<Fetched, StripeError> {
        self.object_at(credential, "/v1/balance".to_owned(), &[])
            .await
    }

    /// Fetches one object that no list has, sending exactly once.
    pub async fn retrieve_unlisted(
        &self,
        credential: &Credential,
        kind: Unlisted,
        id: &str,
    ) -> Result<Fetched, StripeError> {
        let path = format!("{}/{}", kind.path(), segment(id));
        self.object_at(credential, path, &[]).await
    }

    /// Fetches one object of a list, with the expansions of lists, sending exactly once.
    pub async fn retrieve(
        &self,
        credential: &Credential,
        resource: ListResource,
        id: &str,
        expand: &[&'static str],
    ) -> Result<Fetched, StripeError> {
        let path = format!("{}/{}", resource.path(), segment(id));
        self.object_at(credential, path, expand).await
    }

    async fn object_at(
        &self,
        credential: &Credential,
        path: String,
        expand: &[&'static str],
    ) -> Result<Fetched, StripeError> {
        let fields = expand.iter().map(|field| field.trim_start_matches("data."));
        let query = fields.map(|field| ("expand[]", field.to_owned())).collect();
        let request = Request::get(path, query);
        let reply = self.send_once(credential, &request).await?;
        Ok(Fetched {
            object: RawObject::from(reply.parse::<&RawValue>()?),
            observed_at: reply.observed_at,
            request_id: reply.request_id,
        })
    }
}

fn hex(digit: u8) -> char {
    char::from_digit(digit.into(), 16).map_or('0', |digit| digit.to_ascii_uppercase())
}

/// An id as a part of a path: merchants choose the ids of some objects.
pub(super) fn segment(id: &str) -> String {
    let mut segment = String::with_capacity(id.len());
    for byte in id.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-') {
            segment.push(char::from(byte));
        } else {
            segment.extend(['%', hex(byte >> 4), hex(byte & 15)]);
        }
    }
    segment
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_cannot_leave_its_part_of_the_path() {
        assert_eq!(segment("ch_1"), "ch_1");
        assert_eq!(segment("../x?y"), "%2E%2E%2Fx%3Fy");
    }
}
