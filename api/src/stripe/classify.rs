//! From an answer that is not a success to a [`StripeError`] (Stripe contract sections 1.1 and 2.3).
//!
//! The HTTP status decides first, then Stripe's code, then, only where Stripe gives no code, its text.

use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};
use reqwest::{
    StatusCode,
    header::{HeaderMap, RETRY_AFTER},
};
use serde::Deserialize;

use super::{
    error::{Outage, RateLimitReason, StripeError, StripeErrorKind as Kind},
    redact::machine_word,
};

/// The part of Stripe's error body that decides; `/v2` fills only `code` and `message`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Body {
    r#type: Option<String>,
    code: Option<String>,
    param: Option<String>,
    message: Option<String>,
    request_log_url: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Envelope {
    error: Body,
}

/// Judges an answer; `now` is needed for a `Retry-After` that is given as a date.
pub(super) fn classify(
    status: StatusCode,
    headers: &HeaderMap,
    body: &str,
    now: DateTime<Utc>,
) -> StripeError {
    // An empty body, HTML or an error of another shape leaves only the status to go by.
    let body = serde_json::from_str::<Envelope>(body)
        .unwrap_or_default()
        .error;
    StripeError {
        kind: body.kind(status, headers, now),
        status: Some(status.as_u16()),
        request_id: request_id(headers),
        retry_hint: match header(headers, "stripe-should-retry") {
            Some("true") => Some(true),
            Some("false") => Some(false),
            _ => None,
        },
    }
}

/// Stripe's name of the request, on every answer (Stripe contract section 1).
pub(super) fn request_id(headers: &HeaderMap) -> Option<String> {
    header(headers, "request-id").and_then(machine_word)
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

impl Body {
    fn kind(&self, status: StatusCode, headers: &HeaderMap, now: DateTime<Utc>) -> Kind {
        match status.as_u16() {
            400 | 404 if self.is_about_cursor() => Kind::BadCursor,
            400 if self.code() == "rate_limit" => self.limited(headers, now),
            400 if self.says("maximum of 16") => Kind::EndpointLimit,
            400 if self.is_about_version() => Kind::VersionRefused,
            400 | 402 | 405..=408 | 410..=417 | 422 => self.invalid(),
            401 => self.forbidden().unwrap_or(Kind::KeyRejected),
            403 => self.forbidden().unwrap_or(Kind::Refused),
            404 if self.code.is_some() => Kind::NotFound {
                param: self.param(),
            },
            404 => Kind::UnknownUrl,
            409 => Kind::Unavailable(Outage::Conflict),
            424 => Kind::Unavailable(Outage::Dependency),
            429 => self.limited(headers, now),
            500.. => Kind::Unavailable(Outage::Server),
            _ => Kind::Unavailable(Outage::UnexpectedStatus),
        }
    }

    fn code(&self) -> &str {
        self.code.as_deref().unwrap_or_default()
    }

    fn param(&self) -> Option<String> {
        self.param.as_deref().and_then(machine_word)
    }

    fn says(&self, text: &str) -> bool {
        self.message
            .as_deref()
            .is_some_and(|message| message.contains(text))
    }

    /// An unknown cursor is answered with 400 or 404 (Stripe contract section 5.1).
    fn is_about_cursor(&self) -> bool {
        matches!(
            self.param.as_deref(),
            Some("starting_after" | "ending_before")
        )
    }

    /// How Stripe words the refusal of a fourth version is not established (Stripe contract section 4.2).
    fn is_about_version(&self) -> bool {
        self.param.as_deref() == Some("api_version")
            || self.says("api_version")
            || self.says("API version")
    }

    fn invalid(&self) -> Kind {
        let own_type = self
            .r#type
            .as_deref()
            .filter(|name| *name != "invalid_request_error");
        let code = self.code.as_deref().or(own_type).and_then(machine_word);
        Kind::InvalidRequest {
            code,
            param: self.param(),
        }
    }

    /// The refusals that 401 and 403 share: older answers use the one, newer the other.
    fn forbidden(&self) -> Option<Kind> {
        match self.code() {
            "api_key_expired" | "platform_api_key_expired" => return Some(Kind::KeyExpired),
            "account_invalid" => return Some(Kind::AccountInvalid),
            "more_permissions_required" | "forbidden" => return Some(self.missing_permission()),
            _ => {}
        }
        if self.says("does not allow requests from your IP address") {
            Some(Kind::IpNotAllowed)
        } else if self.says("does not have access to account") {
            Some(Kind::AccountInvalid)
        } else if self.says("required permissions") || self.permission().is_some() {
            Some(self.missing_permission())
        } else {
            None
        }
    }

    fn missing_permission(&self) -> Kind {
        Kind::MissingPermission {
            permission: self.permission(),
            account: self.account(),
        }
    }

    /// The name in "Having the 'rak_…' permission", for people who look for it.
    fn permission(&self) -> Option<String> {
        let (_, after) = self.message.as_deref()?.split_once("Having the '")?;
        let (name, _) = after.split_once("' permission")?;
        let rest = name.strip_prefix("rak_")?;
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        let fits = !rest.is_empty() && rest.len() <= 100 && rest.bytes().all(plain);
        fits.then(|| name.to_owned())
    }

    /// The account, from "on account 'acct_…'" or from the link to the request's log.
    fn account(&self) -> Option<String> {
        let texts = [&self.message, &self.request_log_url];
        texts
            .into_iter()
            .flatten()
            .find_map(|text| account_id(text))
    }

    fn limited(&self, headers: &HeaderMap, now: DateTime<Utc>) -> Kind {
        let reason = match header(headers, "stripe-rate-limited-reason") {
            Some("global-rate") => Some(RateLimitReason::GlobalRate),
            Some("endpoint-rate") => Some(RateLimitReason::EndpointRate),
            Some("global-concurrency") => Some(RateLimitReason::GlobalConcurrency),
            Some("endpoint-concurrency") => Some(RateLimitReason::EndpointConcurrency),
            Some("resource-specific") => Some(RateLimitReason::ResourceSpecific),
            Some(_) => Some(RateLimitReason::Other),
            None if self.code() == "lock_timeout" => Some(RateLimitReason::Lock),
            None => None,
        };
        Kind::RateLimited {
            reason,
            retry_after: retry_after(headers, now),
        }
    }
}

fn account_id(text: &str) -> Option<String> {
    let start = text.find("acct_")?;
    let body = &text[start + "acct_".len()..];
    let length = body.bytes().take_while(u8::is_ascii_alphanumeric).count();
    let fits = (1..=250).contains(&length);
    fits.then(|| text[start..start + "acct_".len() + length].to_owned())
}

/// Nobody is kept waiting for longer, whatever the header says.
const LONGEST_WAIT: Duration = Duration::from_hours(1);

/// Not documented for Stripe, but what stands between it and us may send it.
fn retry_after(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let asked = if let Ok(seconds) = text.parse() {
        Duration::from_secs(seconds)
    } else {
        let date = httpdate::parse_http_date(text).ok()?;
        date.duration_since(SystemTime::from(now)).ok()?
    };
    Some(asked.min(LONGEST_WAIT))
}
