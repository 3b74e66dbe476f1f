use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::ids::Entropy;

const PREFIX: &str = "inl_";
const RANDOM_BYTES: usize = 32;
const HINT_CHARS: usize = 4;

/// The secret of an API token: shown once, then known by its hash only.
#[derive(Clone, Debug)]
pub struct TokenSecret(SecretString);

/// A text that cannot be an API token.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("an API token is inl_ and 43 characters of base64url")]
pub struct TokenFormatError;

impl TokenSecret {
    /// A new secret of 256 random bits.
    #[must_use]
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let mut bytes = Zeroizing::new([0; RANDOM_BYTES]);
        entropy.fill(bytes.as_mut_slice());
        let encoded = Zeroizing::new(URL_SAFE_NO_PAD.encode(bytes.as_slice()));
        Self(SecretString::from(format!("{PREFIX}{}", encoded.as_str())))
    }

    /// Takes a text that has the form of a token; whether there is such a token is not known here.
    pub fn parse(text: &str) -> Result<Self, TokenFormatError> {
        let encoded = text.strip_prefix(PREFIX).ok_or(TokenFormatError)?;
        let decoded = URL_SAFE_NO_PAD.decode(encoded).map(Zeroizing::new);
        match decoded {
            Ok(bytes) if bytes.len() == RANDOM_BYTES => Ok(Self(SecretString::from(text))),
            _ => Err(TokenFormatError),
        }
    }

    /// SHA-256 in hexadecimal, by which the token is stored and found.
    ///
    /// A slow hash would add nothing: 256 random bits cannot be guessed.
    #[must_use]
    pub fn hash(&self) -> String {
        hex::encode(Sha256::digest(self.reveal().as_bytes()))
    }

    /// The beginning of the token, by which a person tells it from others.
    #[must_use]
    pub fn hint(&self) -> String {
        let shown: String = self
            .reveal()
            .chars()
            .take(PREFIX.len() + HINT_CHARS)
            .collect();
        shown + "…"
    }

    /// The whole token, for the one who asked for it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        self.0.expose_secret()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::ids::SystemEntropy;

    struct Counting;

    impl Entropy for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            for (byte, value) in bytes.iter_mut().zip(0..) {
                *byte = value;
            }
        }
    }

    #[test]
    fn a_token_is_known_by_prefix_hint_and_hash() {
        let token = TokenSecret::generate(&Counting);

        assert_eq!(
            token.reveal(),
            "inl_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
        );
        assert_eq!(token.reveal().len(), 47);
        assert_eq!(token.hint(), "inl_AAEC…");
        assert_eq!(token.hash().len(), 64);
        assert_eq!(
            TokenSecret::parse(token.reveal()).unwrap().hash(),
            token.hash()
        );
    }

    #[test]
    fn tokens_differ_and_are_not_shown() {
        let (one, two) = (
            TokenSecret::generate(&SystemEntropy),
            TokenSecret::generate(&SystemEntropy),
        );

        assert_ne!(one.hash(), two.hash());
        assert!(!format!("{one:?}").contains(&one.reveal()[4..8]));
    }

    #[test]
    fn what_is_no_token_is_refused() {
        let good = TokenSecret::generate(&Counting).reveal().to_owned();
        let wrong = [
            String::new(),
            "inl_".to_owned(),
            good.replace("inl_", "INL_"),
            good.replace("inl_", ""),
            good[..good.len() - 1].to_owned(),
            format!("{good}A"),
            format!("{good}="),
            format!(" {good}"),
            // The last character has two bits that a canonical encoding leaves at zero.
            format!("{}9", &good[..good.len() - 1]),
            good.replace("AAEC", "AA+C"),
        ];

        for text in wrong {
            assert!(TokenSecret::parse(&text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "(inl_)?\\PC{0,60}") {
            let _ = TokenSecret::parse(&text);
        }
    }
}
