use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use super::refusal::HostTokenError;
use crate::auth::ScopeSet;

/// The longest subject (OpenID Connect Core section 2).
const MAX_SUBJECT_BYTES: usize = 255;

/// What tokens of the host application must say.
#[derive(Clone, Debug)]
pub struct HostRules {
    /// Who signs them, exactly as `iss` has it.
    pub issuer: String,
    /// Who they must be for, as `aud` has it.
    pub audience: String,
    /// The claim that names the workspace: its name, or a JSON pointer (`/a/b`) to one within another.
    pub workspace_claim: String,
    /// The claim with the scopes, in the same way.
    pub scopes_claim: String,
    /// By how much clocks may differ.
    pub leeway: TimeDelta,
}

/// Whose a token is, and what it may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostUser {
    /// The user's id at the issuer.
    pub subject: String,
    /// The name of the workspace, which may not exist.
    pub workspace: String,
    /// What the token may do; scopes of others are left out.
    pub scopes: ScopeSet,
    /// When the token ends, clocks that differ allowed for.
    pub expires_at: DateTime<Utc>,
}

/// Judges the claims of a token whose signature is right (RFC 7519 section 4.1).
pub(super) fn check(
    claims: &[u8],
    rules: &HostRules,
    now: DateTime<Utc>,
) -> Result<HostUser, HostTokenError> {
    let claims: Value = serde_json::from_slice(claims).map_err(|_| HostTokenError::Malformed)?;
    if claims["iss"].as_str() != Some(rules.issuer.as_str()) {
        return Err(HostTokenError::Issuer);
    }
    if !texts(&claims["aud"]).any(|audience| audience == rules.audience) {
        return Err(HostTokenError::Audience);
    }
    let end = moment(&claims["exp"]).ok_or(HostTokenError::NoEnd)?;
    let expires_at = end + rules.leeway;
    if expires_at <= now {
        return Err(HostTokenError::Expired);
    }
    match claims.get("nbf").map(moment) {
        None => {}
        Some(Some(begin)) if begin - rules.leeway <= now => {}
        Some(_) => return Err(HostTokenError::NotYet),
    }
    let subject = claims["sub"].as_str().unwrap_or_default();
    if subject.is_empty() || subject.len() > MAX_SUBJECT_BYTES {
        return Err(HostTokenError::NoSubject);
    }
    let workspace = claim(&claims, &rules.workspace_claim).and_then(Value::as_str);
    let workspace = workspace.ok_or(HostTokenError::NoWorkspace)?;
    let scopes = claim(&claims, &rules.scopes_claim).into_iter();
    let scopes = scopes.flat_map(texts).flat_map(str::split_whitespace);
    Ok(HostUser {
        subject: subject.to_owned(),
        workspace: workspace.to_owned(),
        scopes: ScopeSet::from_stored(scopes),
        expires_at,
    })
}

fn claim<'a>(claims: &'a Value, name: &str) -> Option<&'a Value> {
    if name.starts_with('/') {
        claims.pointer(name)
    } else {
        claims.get(name)
    }
}

/// A text, or the texts of a list.
fn texts(value: &Value) -> impl Iterator<Item = &str> {
    let listed = value.as_array().into_iter().flatten();
    value
        .as_str()
        .into_iter()
        .chain(listed.filter_map(Value::as_str))
}

/// A number of seconds since 1970, which may have a fraction. A text is none, however it reads.
fn moment(value: &Value) -> Option<DateTime<Utc>> {
    // The year 9999.
    const LATEST: f64 = 253_402_300_799.0;
    let seconds = value
        .as_f64()
        .filter(|seconds| (0.0..=LATEST).contains(seconds))?;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "within the bounds above, and parts of a millisecond do not matter"
    )]
    let millis = (seconds * 1_000.0) as i64;
    DateTime::from_timestamp_millis(millis)
}
