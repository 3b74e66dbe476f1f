//! Lists inside of objects: Stripe cuts them off, what is kept of them is whole (Stripe contract section 5.3).

use serde_json::{Map, Value};

use crate::{
    domain::payment::masked,
    storage::PageRows,
    stripe::{Credential, RawObject, StripeClient, StripeError, StripeErrorKind},
};

/// What of a kept list is followed on behalf of a connection.
#[derive(Clone, Copy)]
pub struct Lists<'a> {
    /// Whom to ask.
    pub stripe: &'a StripeClient,
    /// On whose behalf, and in what pace.
    pub credential: &'a Credential,
}

/// Whether something that is kept holds a list that Stripe cut off.
pub(in crate::domain) fn is_cut_off(rows: &PageRows) -> bool {
    rows.stripe_objects
        .iter()
        .any(|row| holds_cut_off(&row.body))
}

fn holds_cut_off(value: &Value) -> bool {
    match value {
        Value::Object(fields) => address(fields).is_some() || fields.values().any(holds_cut_off),
        Value::Array(values) => values.iter().any(holds_cut_off),
        _ => false,
    }
}

/// Where a list goes on, if it is one that was cut off.
fn address(fields: &Map<String, Value>) -> Option<String> {
    let is_list = fields.get("object").is_some_and(|object| object == "list");
    let has_more = fields.get("has_more").is_some_and(|more| more == true);
    let url = fields
        .get("url")
        .and_then(Value::as_str)
        .unwrap_or_default();
    (is_list && has_more).then(|| url.to_owned())
}

impl Lists<'_> {
    /// Follows every list inside of what is kept to its end. One that Stripe does not show any more is left out: half a
    /// list would be taken for the whole.
    pub async fn complete(&self, rows: &mut PageRows) -> Result<(), StripeError> {
        for row in &mut rows.stripe_objects {
            let mut found = Vec::new();
            gather(&mut row.body, &mut found);
            for list in found {
                self.complete_one(list).await?;
            }
        }
        Ok(())
    }

    async fn complete_one(&self, list: &mut Value) -> Result<(), StripeError> {
        let url = list["url"].as_str().unwrap_or_default().to_owned();
        match self.objects(&url).await {
            Ok(objects) => {
                list["data"] = Value::Array(objects);
                list["has_more"] = false.into();
                Ok(())
            }
            Err(error) if is_gone(&error) => {
                tracing::warn!("a list inside an object is left out: {error}");
                *list = Value::Null;
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    /// Every object of a list, read anew from its begin: what it held when its owner was listed may have changed.
    async fn objects(&self, url: &str) -> Result<Vec<Value>, StripeError> {
        let mut objects = Vec::new();
        let mut cursor: Option<String> = None;
        loop {
            let asked = self
                .stripe
                .nested_page(self.credential, url, cursor.as_deref());
            let page = asked.await?;
            cursor = page.objects.last().and_then(RawObject::id);
            let read = |object: &RawObject| object.parse::<Value>().ok();
            objects.extend(
                page.objects
                    .iter()
                    .filter_map(read)
                    .map(|object| masked(&object)),
            );
            if !page.has_more || cursor.is_none() {
                return Ok(objects);
            }
        }
    }
}

/// Whether Stripe will not show the list however often it is asked.
fn is_gone(error: &StripeError) -> bool {
    matches!(
        error.kind,
        StripeErrorKind::NotFound { .. }
            | StripeErrorKind::UnknownUrl
            | StripeErrorKind::Refused
            | StripeErrorKind::MissingPermission { .. }
            | StripeErrorKind::InvalidRequest { .. }
    )
}

fn gather<'a>(value: &'a mut Value, found: &mut Vec<&'a mut Value>) {
    let is_cut_off = value.as_object().and_then(address).is_some();
    if is_cut_off {
        found.push(value);
        return;
    }
    match value {
        Value::Object(fields) => fields.values_mut().for_each(|inner| gather(inner, found)),
        Value::Array(values) => values.iter_mut().for_each(|inner| gather(inner, found)),
        _ => {}
    }
}
