use std::fmt;

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;
use zeroize::Zeroizing;

use super::{
    master_keys::{MasterKey, MasterKeys},
    place::Place,
    sealed::{NONCE_BYTES, Sealed, VERSION},
};
use crate::ids::SharedEntropy;

/// Seals secrets for storage and opens them again.
pub struct Sealer {
    keys: MasterKeys,
    entropy: SharedEntropy,
}

/// Why a stored secret does not open.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum OpenError {
    /// It was sealed by a key that is not in the list.
    #[error("the secret was sealed by the master key {0}, which is not configured")]
    UnknownKey(String),
    /// It was changed, moved from another place, or sealed by another key of the same id.
    #[error("the secret is not what was sealed at this place, or its master key was replaced")]
    Tampered,
    /// It was never sealed by Inlet, or by a newer version.
    #[error("the secret is not in a sealed format that this version knows")]
    Malformed,
}

impl Sealer {
    /// Seals by the first of the keys, with nonces from this entropy.
    #[must_use]
    pub fn new(keys: MasterKeys, entropy: SharedEntropy) -> Self {
        Self { keys, entropy }
    }

    /// Seals a secret for one place.
    #[must_use]
    #[expect(
        clippy::expect_used,
        clippy::missing_panics_doc,
        reason = "the cipher refuses only plaintexts of 256 GiB and more"
    )]
    pub fn seal(&self, place: &Place, secret: &SecretString) -> Vec<u8> {
        let key = self.keys.first();
        let mut nonce = [0; NONCE_BYTES];
        self.entropy.fill(&mut nonce);
        let payload = Payload {
            msg: secret.expose_secret().as_bytes(),
            aad: &place.associated_data(VERSION, &key.id),
        };
        let ciphertext = cipher(key)
            .encrypt(&XNonce::from(nonce), payload)
            .expect("a secret in memory is shorter than 256 GiB");
        let sealed = Sealed {
            key_id: &key.id,
            nonce,
            ciphertext: &ciphertext,
        };
        sealed.write()
    }

    /// Opens what was sealed for the same place.
    pub fn open(&self, place: &Place, sealed: &[u8]) -> Result<SecretString, OpenError> {
        let sealed = Sealed::parse(sealed).ok_or(OpenError::Malformed)?;
        let key = self
            .keys
            .find(sealed.key_id)
            .ok_or_else(|| OpenError::UnknownKey(sealed.key_id.to_owned()))?;
        let payload = Payload {
            msg: sealed.ciphertext,
            aad: &place.associated_data(VERSION, &key.id),
        };
        let plain = cipher(key)
            .decrypt(&XNonce::from(sealed.nonce), payload)
            .map(Zeroizing::new)
            .map_err(|_| OpenError::Tampered)?;
        let text = str::from_utf8(&plain).map_err(|_| OpenError::Malformed)?;
        Ok(SecretString::from(text))
    }

    pub(super) fn keys(&self) -> &MasterKeys {
        &self.keys
    }

    /// The id of the key that sealed a value.
    pub fn key_id_of(sealed: &[u8]) -> Result<&str, OpenError> {
        Sealed::parse(sealed)
            .map(|sealed| sealed.key_id)
            .ok_or(OpenError::Malformed)
    }

    /// Whether another key than the first sealed the value; what is malformed cannot be sealed again.
    #[must_use]
    pub fn needs_resealing(&self, sealed: &[u8]) -> bool {
        Self::key_id_of(sealed).is_ok_and(|id| id != self.keys.first().id)
    }
}

fn cipher(key: &MasterKey) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new((&*key.bytes).into())
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealer")
            .field("keys", &self.keys)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::{
        ids::{SystemEntropy, WorkspaceId},
        secrets::master_keys::{KEY_BYTES, write_key},
    };

    const PLACE: Place = Place {
        workspace: WorkspaceId(Uuid::from_u128(1)),
        table: "connections",
        column: "credential_sealed",
        row: Uuid::from_u128(2),
    };

    /// Keys whose bytes all are the number beside the id.
    fn sealer(keys: &[(&str, u8)]) -> Sealer {
        let list: Vec<String> = keys
            .iter()
            .map(|(id, byte)| {
                write_key(id, &[*byte; KEY_BYTES])
                    .expose_secret()
                    .to_owned()
            })
            .collect();
        let keys = MasterKeys::parse(&list.join(",").into()).unwrap();
        Sealer::new(keys, Arc::new(SystemEntropy))
    }

    fn opened(sealer: &Sealer, place: &Place, stored: &[u8]) -> Result<String, OpenError> {
        sealer
            .open(place, stored)
            .map(|secret| secret.expose_secret().to_owned())
    }

    #[test]
    fn a_secret_opens_at_its_own_place_only() {
        let sealer = sealer(&[("k1", 7)]);
        let stored = sealer.seal(&PLACE, &"rk_test_1".into());

        assert_eq!(opened(&sealer, &PLACE, &stored).unwrap(), "rk_test_1");
        for elsewhere in [
            Place {
                workspace: WorkspaceId(Uuid::from_u128(9)),
                ..PLACE
            },
            Place {
                table: "webhook_endpoints",
                ..PLACE
            },
            Place {
                column: "secret_sealed",
                ..PLACE
            },
            Place {
                row: Uuid::from_u128(9),
                ..PLACE
            },
        ] {
            assert_eq!(
                opened(&sealer, &elsewhere, &stored),
                Err(OpenError::Tampered)
            );
        }
    }

    #[test]
    fn no_changed_byte_opens() {
        let sealer = sealer(&[("k1", 7)]);
        let stored = sealer.seal(&PLACE, &"rk_test_1".into());

        for index in 0..stored.len() {
            let mut changed = stored.clone();
            changed[index] ^= 1;
            assert!(opened(&sealer, &PLACE, &changed).is_err(), "byte {index}");
            assert!(
                opened(&sealer, &PLACE, &stored[..index]).is_err(),
                "cut at {index}"
            );
        }
    }

    #[test]
    fn the_same_secret_is_never_sealed_alike() {
        let sealer = sealer(&[("k1", 7)]);
        let secret = SecretString::from("rk_test_1");

        assert_ne!(sealer.seal(&PLACE, &secret), sealer.seal(&PLACE, &secret));
    }

    #[test]
    fn keys_rotate() {
        let secret = SecretString::from("rk_test_1");
        let old = sealer(&[("k1", 7)]).seal(&PLACE, &secret);

        let both = sealer(&[("k2", 8), ("k1", 7)]);
        assert_eq!(opened(&both, &PLACE, &old).unwrap(), "rk_test_1");
        assert!(both.needs_resealing(&old));

        let new = both.seal(&PLACE, &secret);
        assert_eq!(Sealer::key_id_of(&new), Ok("k2"));
        assert!(!both.needs_resealing(&new));

        let after = sealer(&[("k2", 8)]);
        assert_eq!(opened(&after, &PLACE, &new).unwrap(), "rk_test_1");
        assert_eq!(
            opened(&after, &PLACE, &old),
            Err(OpenError::UnknownKey("k1".into()))
        );
    }

    #[test]
    fn another_key_of_the_same_id_does_not_open() {
        let stored = sealer(&[("k1", 7)]).seal(&PLACE, &"rk_test_1".into());

        assert_eq!(
            opened(&sealer(&[("k1", 8)]), &PLACE, &stored),
            Err(OpenError::Tampered)
        );
    }

    #[test]
    fn debug_shows_no_key() {
        assert_eq!(
            format!("{:?}", sealer(&[("k1", 7)])),
            r#"Sealer { keys: ["k1"], .. }"#
        );
    }

    proptest! {
        #[test]
        fn every_text_comes_back(text in "\\PC*") {
            let sealer = sealer(&[("k1", 7)]);
            let stored = sealer.seal(&PLACE, &text.as_str().into());
            prop_assert_eq!(opened(&sealer, &PLACE, &stored).unwrap(), text);
        }

        #[test]
        fn malformed_bytes_never_open(bytes in prop::collection::vec(any::<u8>(), 0..128)) {
            let sealer = sealer(&[("k1", 7)]);
            prop_assert!(sealer.open(&PLACE, &bytes).is_err());
            let _ = sealer.needs_resealing(&bytes);
        }
    }
}
