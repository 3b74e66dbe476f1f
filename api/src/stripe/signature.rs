//! Stripe's signature of what it sends (Stripe contract section 4.5).

use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use subtle::{Choice, ConstantTimeEq};

/// The header that carries it.
pub const SIGNATURE_HEADER: &str = "stripe-signature";

/// How old a signature may be: the tolerance of Stripe's own libraries.
const OLDEST: TimeDelta = TimeDelta::seconds(300);

/// How far a signature may lie in the future: clocks differ by less. Stripe's libraries do not look.
const AHEAD: TimeDelta = TimeDelta::seconds(60);

/// The longest header that is read: one signature for each secret that is good, and there are never many.
const LONGEST: usize = 4_096;

/// The bytes of a signature.
const LENGTH: usize = 32;

/// Why something was not taken for Stripe's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// There is no header, or it is none.
    #[error("The Stripe-Signature header is missing or cannot be read.")]
    Malformed,
    /// Signed too long ago: perhaps a copy that somebody plays again.
    #[error("The signature is too old: the clocks differ, or this was sent before.")]
    TooOld,
    /// Signed in the future.
    #[error("The signature is from the future: the clocks differ.")]
    TooEarly,
    /// Signed by nobody who knows a secret of the endpoint.
    #[error("The signature is not one of this endpoint's secrets.")]
    Wrong,
}

/// A header that was read, whose time is good, and whose signatures are still to be checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// The time as it was sent: part of what is signed.
    time: String,
    candidates: Vec<[u8; LENGTH]>,
}

impl Signature {
    /// Reads a header. Costs next to nothing, so it comes before any look-up.
    pub fn read(header: Option<&[u8]>, now: DateTime<Utc>) -> Result<Self, SignatureError> {
        let header = header
            .filter(|header| header.len() <= LONGEST)
            .and_then(|header| std::str::from_utf8(header).ok())
            .ok_or(SignatureError::Malformed)?;
        let (mut time, mut candidates) = (None, Vec::new());
        for part in header.split(',') {
            match part.split_once('=') {
                // Of two times nobody could tell which one was signed.
                Some(("t", _)) if time.is_some() => return Err(SignatureError::Malformed),
                Some(("t", value)) => time = Some(value),
                Some(("v1", value)) => candidates.extend(from_hex(value)),
                // Other schemes are not for us: `v0` is a test's.
                _ => {}
            }
        }
        let time = time.ok_or(SignatureError::Malformed)?;
        if candidates.is_empty() {
            return Err(SignatureError::Malformed);
        }
        let signed_at = seconds(time).ok_or(SignatureError::Malformed)?;
        if signed_at < now - OLDEST {
            return Err(SignatureError::TooOld);
        }
        if signed_at > now + AHEAD {
            return Err(SignatureError::TooEarly);
        }
        Ok(Self {
            time: time.to_owned(),
            candidates,
        })
    }

    /// The position of the secret that signed the body, in constant time for each secret.
    pub fn check<'a>(
        &self,
        body: &[u8],
        secrets: impl IntoIterator<Item = &'a SecretString>,
    ) -> Result<usize, SignatureError> {
        secrets
            .into_iter()
            .position(|secret| self.is_by(body, secret))
            .ok_or(SignatureError::Wrong)
    }

    fn is_by(&self, body: &[u8], secret: &SecretString) -> bool {
        let Some(expected) = sign(secret, &self.time, body) else {
            return false;
        };
        let same = self
            .candidates
            .iter()
            .fold(Choice::from(0), |same, candidate| {
                same | candidate.ct_eq(&expected)
            });
        same.into()
    }
}

/// The signature of a body at a time; the key is the whole secret, `whsec_` included.
fn sign(secret: &SecretString, time: &str, body: &[u8]) -> Option<[u8; LENGTH]> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes()).ok()?;
    mac.update(time.as_bytes());
    mac.update(b".");
    mac.update(body);
    Some(mac.finalize().into_bytes().into())
}

fn seconds(text: &str) -> Option<DateTime<Utc>> {
    let plain = (1..=12).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    let seconds = plain.then(|| text.parse().ok()).flatten()?;
    DateTime::from_timestamp(seconds, 0)
}

/// Lower-case hexadecimal, as Stripe writes it.
fn from_hex(text: &str) -> Option<[u8; LENGTH]> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if pairs.len() != LENGTH || !rest.is_empty() {
        return None;
    }
    let mut bytes = [0; LENGTH];
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = br#"{"id":"evt_1","object":"event"}"#;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_790_000_000, 0).unwrap()
    }

    fn secret(text: &str) -> SecretString {
        SecretString::from(text.to_owned())
    }

    fn hex(bytes: [u8; LENGTH]) -> String {
        let digit = |digit: u8| char::from_digit(digit.into(), 16).unwrap();
        let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        digits.map(digit).collect()
    }

    fn signed(at: i64, by: &str) -> String {
        hex(sign(&secret(by), &at.to_string(), BODY).unwrap())
    }

    fn check(header: &str, body: &[u8], secrets: &[&str]) -> Result<usize, SignatureError> {
        let secrets: Vec<_> = secrets.iter().map(|text| secret(text)).collect();
        Signature::read(Some(header.as_bytes()), now())?.check(body, &secrets)
    }

    #[test]
    fn the_worked_sample_of_the_contract_is_right() {
        let payload = br#"{"id":"evt_EXAMPLE01","object":"event","type":"charge.succeeded"}"#;
        let by = |text| hex(sign(&secret(text), "1785500002", payload).unwrap());

        let new = "fd270342a99c936e82b9c5a0a2a4fdcd5bec2ef8cdde29f28cf7053c534ebf21";
        let old = "53605c73d54f1becf67181922e6ce1888a5f6692349ec1c277bf07f93dfe54e7";
        assert_eq!(
            (by("whsec_EXAMPLE"), by("whsec_EXAMPLE_OLD")),
            (new.into(), old.into())
        );
    }

    #[test]
    fn any_secret_and_any_signature_will_do() {
        let t = now().timestamp();
        let (old, new) = (signed(t, "whsec_old"), signed(t, "whsec_new"));

        let header = format!("t={t},v1={new},v0=ff");
        assert_eq!(check(&header, BODY, &["whsec_old", "whsec_new"]), Ok(1));
        let header = format!("v1={},v1={old},t={t}", "0".repeat(64));
        assert_eq!(check(&header, BODY, &["whsec_old"]), Ok(0));
    }

    #[test]
    fn a_changed_byte_a_foreign_secret_or_a_changed_time_is_wrong() {
        let t = now().timestamp();
        let header = format!("t={t},v1={}", signed(t, "whsec_1"));

        assert_eq!(
            check(&header, b"{}", &["whsec_1"]),
            Err(SignatureError::Wrong)
        );
        assert_eq!(
            check(&header, BODY, &["whsec_2"]),
            Err(SignatureError::Wrong)
        );
        assert_eq!(check(&header, BODY, &[]), Err(SignatureError::Wrong));
        let header = format!("t={},v1={}", t - 1, signed(t, "whsec_1"));
        assert_eq!(
            check(&header, BODY, &["whsec_1"]),
            Err(SignatureError::Wrong)
        );
    }

    #[test]
    fn what_is_no_header_is_refused_before_anything_is_computed() {
        let t = now().timestamp();
        let good = signed(t, "whsec_1");
        let many = format!("t={t}{}", format!(",v1={good}").repeat(10_000));
        for header in [
            "",
            "t",
            "t=,v1=",
            &format!("v1={good}"),
            &format!("t={t}"),
            &format!("t={t},v0={good}"),
            &format!("t={t},v1={}", good.to_uppercase()),
            &format!("t={t},v1={}", &good[1..]),
            &format!("t={t},t={t},v1={good}"),
            &format!("t=+{t},v1={good}"),
            &format!("t={t}.0,v1={good}"),
            &format!("t=99999999999999999999,v1={good}"),
            &many,
        ] {
            let read = Signature::read(Some(header.as_bytes()), now());
            assert_eq!(read, Err(SignatureError::Malformed), "{header:.80}");
        }
        assert_eq!(Signature::read(None, now()), Err(SignatureError::Malformed));
        assert_eq!(
            Signature::read(Some(b"t=\xff"), now()),
            Err(SignatureError::Malformed)
        );
    }

    #[test]
    fn the_time_must_be_near() {
        let at = |offset: i64| {
            let t = now().timestamp() + offset;
            check(
                &format!("t={t},v1={}", signed(t, "whsec_1")),
                BODY,
                &["whsec_1"],
            )
        };
        assert_eq!(at(-300), Ok(0));
        assert_eq!(at(-301), Err(SignatureError::TooOld));
        assert_eq!(at(60), Ok(0));
        assert_eq!(at(61), Err(SignatureError::TooEarly));
    }
}
