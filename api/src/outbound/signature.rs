//! Signatures of the Standard Webhooks specification, version 1 (<https://www.standardwebhooks.com>): symmetric, by
//! HMAC-SHA256 over id, timestamp and body.

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

/// What secrets start with; the rest is base64.
pub const SECRET_PREFIX: &str = "whsec_";

/// A secret that is none.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("the secret is not in the form whsec_… that the specification has")]
pub struct MalformedSecret;

/// The value of the header `webhook-signature`: one signature by each secret.
pub fn sign(
    secrets: &[SecretString],
    id: &str,
    timestamp: i64,
    body: &str,
) -> Result<String, MalformedSecret> {
    let content = format!("{id}.{timestamp}.{body}");
    let signatures = secrets.iter().map(|secret| {
        let mac = mac(key(secret)?, content.as_bytes()).ok_or(MalformedSecret)?;
        Ok(format!("v1,{mac}"))
    });
    let signatures: Vec<String> = signatures.collect::<Result<_, MalformedSecret>>()?;
    Ok(signatures.join(" "))
}

fn key(secret: &SecretString) -> Result<Vec<u8>, MalformedSecret> {
    let text = secret.expose_secret().strip_prefix(SECRET_PREFIX);
    let key = text.and_then(|text| STANDARD.decode(text).ok());
    key.ok_or(MalformedSecret)
}

fn mac(key: Vec<u8>, content: &[u8]) -> Option<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(&zeroize::Zeroizing::new(key)).ok()?;
    mac.update(content);
    Some(STANDARD.encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification and of its reference libraries.
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const BODY: &str = r#"{"test": 2432232314}"#;
    const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    #[test]
    fn the_example_of_the_specification_is_signed_as_it_says() {
        let signed = sign(&[SECRET.into()], ID, 1_614_265_330, BODY);

        assert_eq!(signed.as_deref(), Ok(SIGNATURE));
    }

    #[test]
    fn each_secret_signs_for_itself() {
        let other = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";

        let signed = sign(&[other.into(), SECRET.into()], ID, 1_614_265_330, BODY).unwrap();

        let signatures: Vec<_> = signed.split(' ').collect();
        assert_eq!((signatures.len(), signatures[1]), (2, SIGNATURE));
        assert_ne!(signatures[0], signatures[1]);
    }

    #[test]
    fn what_is_no_secret_signs_nothing() {
        for secret in ["", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_%"] {
            assert_eq!(sign(&[secret.into()], ID, 1, BODY), Err(MalformedSecret));
        }
    }
}
