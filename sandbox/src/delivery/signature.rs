//! Stripe's signature.

use std::fmt::Write as _;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// The `Stripe-Signature` of a body, signed with this secret at this Unix second.
#[must_use]
pub fn sign(secret: &str, timestamp: i64, body: &str) -> String {
    let mut header = format!("t={timestamp},v1=");
    // Any length of key is good, so there is always one.
    if let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) {
        mac.update(timestamp.to_string().as_bytes());
        mac.update(b".");
        mac.update(body.as_bytes());
        for byte in mac.finalize().into_bytes() {
            let _ = write!(header, "{byte:02x}");
        }
    }
    header
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_the_worked_sample_of_the_contract() {
        let body = r#"{"id":"evt_EXAMPLE01","object":"event","type":"charge.succeeded"}"#;
        let expected =
            "t=1785500002,v1=fd270342a99c936e82b9c5a0a2a4fdcd5bec2ef8cdde29f28cf7053c534ebf21";
        assert_eq!(sign("whsec_EXAMPLE", 1_785_500_002, body), expected);
    }
}
