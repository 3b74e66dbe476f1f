//! The forms that make and change webhook endpoints.

use url::Url;

use super::error::StripeError;
use super::parameters::Parameters;
use crate::account::WebhookEndpoint;
use crate::merchant::EndpointWish;

/// Reads the form of a new endpoint.
pub(super) fn read_new(form: &Parameters, livemode: bool) -> Result<WebhookEndpoint, StripeError> {
    form.allow(&[&[
        "url",
        "enabled_events",
        "api_version",
        "connect",
        "description",
        "metadata",
        "expand",
    ]])?;
    let url = form
        .one("url")
        .ok_or_else(|| StripeError::missing_parameter("url"))?;
    let wish = EndpointWish {
        url: checked_url(url, livemode)?,
        events: events(form)?,
        connect: form.one("connect") == Some("true"),
        api_version: form.one("api_version").map(str::to_owned),
    };
    let metadata = form.map("metadata");
    Ok(WebhookEndpoint {
        description: form.one("description").map(str::to_owned),
        metadata: metadata
            .map(|(key, value)| (key.to_owned(), value.into()))
            .collect(),
        ..wish.draft()
    })
}

/// Changes an endpoint; the version and whose events it gets cannot be changed.
pub(super) fn apply_changes(
    endpoint: &mut WebhookEndpoint,
    form: &Parameters,
) -> Result<(), StripeError> {
    form.allow(&[&[
        "url",
        "enabled_events",
        "description",
        "disabled",
        "metadata",
        "expand",
    ]])?;
    if let Some(url) = form.one("url") {
        endpoint.url = checked_url(url, endpoint.livemode)?;
    }
    if form.many("enabled_events").next().is_some() {
        endpoint.enabled_events = events(form)?;
    }
    if let Some(description) = form.one("description") {
        endpoint.description = Some(description.to_owned());
    }
    match form.one("disabled") {
        Some("true") => endpoint.status = "disabled",
        Some("false") => endpoint.status = "enabled",
        _ => {}
    }
    for (key, value) in form.map("metadata") {
        if value.is_empty() {
            endpoint.metadata.remove(key);
        } else {
            endpoint.metadata.insert(key.to_owned(), value.into());
        }
    }
    Ok(())
}

fn events(form: &Parameters) -> Result<Vec<String>, StripeError> {
    let events: Vec<_> = form.many("enabled_events").map(str::to_owned).collect();
    let is_event = |name: &String| name == "*" || (name.contains('.') && !name.contains('*'));
    match events.iter().position(|name| !is_event(name)) {
        Some(at) => Err(StripeError::bad_request(format!(
            "Invalid enabled_events[{at}]: must be an event type"
        ))),
        None if events.is_empty() => Err(StripeError::missing_parameter("enabled_events")),
        None => Ok(events),
    }
}

fn checked_url(text: &str, livemode: bool) -> Result<String, StripeError> {
    let scheme = Url::parse(text)
        .map(|url| url.scheme().to_owned())
        .unwrap_or_default();
    match scheme.as_str() {
        "https" => Ok(text.to_owned()),
        "http" if !livemode => Ok(text.to_owned()),
        "http" => Err(StripeError::webhook_url(
            "Invalid URL: An HTTPS URL is required in live mode.",
        )),
        _ => Err(StripeError::webhook_url(
            "Invalid URL: An explicit scheme (such as https) must be provided.",
        )),
    }
}
