//! Signatures of our own: what the gateway hands out and wants to know again when it comes back.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::{Sealer, master_keys::MasterKey};

/// The bytes of a signature.
pub(super) const SIGNATURE_BYTES: usize = 32;

/// What keys for signatures are derived by; their purpose comes behind it.
const DERIVATION: &[u8] = b"inlet signature v1\0";

impl Sealer {
    /// Signs a message for one purpose, by a key that the first master key and the purpose make.
    #[must_use]
    pub fn sign(&self, purpose: &'static str, message: &[u8]) -> [u8; SIGNATURE_BYTES] {
        let key = derived(self.keys().first(), purpose);
        mac(&*key, &[message]).finalize().into_bytes().into()
    }

    /// Whether a message was signed for this purpose, by any of the master keys; in constant time for each key.
    #[must_use]
    pub fn is_signed(&self, purpose: &'static str, message: &[u8], signature: &[u8]) -> bool {
        self.keys().all().fold(false, |known, key| {
            let key = derived(key, purpose);
            mac(&*key, &[message]).verify_slice(signature).is_ok() | known
        })
    }
}

/// The step of HKDF (RFC 5869) that expands: a master key is uniform already.
fn derived(master: &MasterKey, purpose: &str) -> Zeroizing<[u8; 32]> {
    let parts = [DERIVATION, purpose.as_bytes(), &[1]];
    Zeroizing::new(mac(&*master.bytes, &parts).finalize().into_bytes().into())
}

#[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
fn mac(key: &[u8], parts: &[&[u8]]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any key");
    for part in parts {
        mac.update(part);
    }
    mac
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use secrecy::SecretString;

    use super::*;
    use crate::{
        ids::SystemEntropy,
        secrets::{MasterKeys, master_keys::write_key},
    };

    fn signer(keys: &[(&str, u8)]) -> Sealer {
        use secrecy::ExposeSecret;
        let list: Vec<String> = keys
            .iter()
            .map(|(id, byte)| write_key(id, &[*byte; 32]).expose_secret().to_owned())
            .collect();
        let keys = MasterKeys::parse(&SecretString::from(list.join(","))).unwrap();
        Sealer::new(keys, Arc::new(SystemEntropy))
    }

    #[test]
    fn a_signature_is_of_one_message_and_one_purpose() {
        let signer = signer(&[("k1", 7)]);
        let good = signer.sign("a", b"message");

        assert!(signer.is_signed("a", b"message", &good));
        assert!(!signer.is_signed("b", b"message", &good));
        assert!(!signer.is_signed("a", b"massage", &good));
        for index in 0..good.len() {
            let mut changed = good;
            changed[index] ^= 1;
            assert!(!signer.is_signed("a", b"message", &changed));
        }
        for wrong in [&good[1..], &[], &[0; 64]] {
            assert!(!signer.is_signed("a", b"message", wrong));
        }
    }

    #[test]
    fn signatures_outlive_the_rotation_of_keys() {
        let old = signer(&[("k1", 7)]).sign("a", b"message");

        assert!(signer(&[("k2", 8), ("k1", 7)]).is_signed("a", b"message", &old));
        assert!(!signer(&[("k2", 8)]).is_signed("a", b"message", &old));
    }

    #[test]
    fn no_key_is_used_as_it_is() {
        let raw: [u8; 32] = mac(&[7; 32], &[b"message"]).finalize().into_bytes().into();

        assert_ne!(signer(&[("k1", 7)]).sign("", b"message"), raw);
    }
}
