use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;

use super::{
    claims::{self, HostRules, HostUser},
    key::{Algorithm, KeySet},
    refusal::HostTokenError,
};

/// The longest token that is looked at. Hosts that put much into theirs need two or three thousand.
pub(in crate::auth) const MAX_JWT_BYTES: usize = 8 * 1024;

/// Whether a bearer may be a JWT: all of them begin with `{"` in base64.
pub(in crate::auth) fn looks_like_jwt(text: &str) -> bool {
    text.starts_with("ey") && text.contains('.')
}

/// A JWT in its compact form (RFC 7515 section 7.1), taken apart and not believed yet.
#[derive(Debug)]
pub struct HostToken<'a> {
    algorithm: Algorithm,
    key: Option<String>,
    /// What is signed: header and claims as they were sent.
    signed: &'a str,
    claims: Vec<u8>,
    signature: Vec<u8>,
}

/// What a token says of its signature (RFC 7515 section 4.1).
#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    typ: Option<String>,
    /// What a reader has to understand, or else refuse; nothing of that kind is understood here.
    crit: Option<Value>,
}

impl<'a> HostToken<'a> {
    /// Takes a token apart; refuses what could not be checked whatever the keys are.
    pub fn read(text: &'a str) -> Result<Self, HostTokenError> {
        if text.len() > MAX_JWT_BYTES {
            return Err(HostTokenError::Malformed);
        }
        let malformed = || HostTokenError::Malformed;
        let (signed, signature) = text.rsplit_once('.').ok_or_else(malformed)?;
        let (header, claims) = signed.split_once('.').ok_or_else(malformed)?;
        // A fourth part, as encrypted tokens have it, is no base64.
        let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| malformed());
        let header: Header = serde_json::from_slice(&decode(header)?).map_err(|_| malformed())?;
        if header.crit.is_some() || !header.typ.as_deref().is_none_or(is_access) {
            return Err(HostTokenError::Malformed);
        }
        let algorithm = Algorithm::named(&header.alg).ok_or(HostTokenError::Algorithm)?;
        Ok(Self {
            algorithm,
            key: header.kid,
            signed,
            claims: decode(claims)?,
            signature: decode(signature)?,
        })
    }

    /// Whether the key that it names is among these.
    #[must_use]
    pub fn is_signed_by_one_of(&self, keys: &KeySet) -> bool {
        keys.knows(self.key.as_deref(), self.algorithm)
    }

    /// Whose token it is, where the issuer has signed it, it is for us, and its time is now.
    pub fn check(
        &self,
        keys: &KeySet,
        rules: &HostRules,
        now: DateTime<Utc>,
    ) -> Result<HostUser, HostTokenError> {
        let named = (self.key.as_deref(), self.algorithm);
        match keys.verify(named, self.signed.as_bytes(), &self.signature) {
            None => Err(HostTokenError::UnknownKey),
            Some(false) => Err(HostTokenError::Signature),
            Some(true) => claims::check(&self.claims, rules, now),
        }
    }
}

/// Access tokens (RFC 9068), and plain ones. Others, such as logout tokens, are signed with the same keys.
fn is_access(kind: &str) -> bool {
    let kind = kind.to_ascii_lowercase();
    let kind = kind.strip_prefix("application/").unwrap_or(&kind);
    matches!(kind, "jwt" | "at+jwt")
}
