//! Keys that tokens are signed with. All but the RSA key, which takes long to make, are made anew each time.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{
    rand::SystemRandom,
    rsa::PublicKeyComponents,
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256,
        RSA_PSS_SHA256, RsaKeyPair,
    },
};
use serde_json::{Value, json};

/// 2048 bits; good for nothing but these tests.
const RSA: &[u8] = include_bytes!("rsa.pk8");

enum Pair {
    Rsa(RsaKeyPair),
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

/// A key with its name.
pub struct HostKey {
    /// Its `kid`.
    pub id: String,
    /// What it signs with unless told otherwise.
    pub algorithm: &'static str,
    pair: Pair,
}

impl HostKey {
    /// The RSA key; for `RS256`, and for `PS256`.
    #[must_use]
    pub fn rsa(id: &str, algorithm: &'static str) -> Self {
        Self::new(
            id,
            algorithm,
            Pair::Rsa(RsaKeyPair::from_pkcs8(RSA).expect("a key")),
        )
    }

    /// A new key for `ES256`.
    #[must_use]
    pub fn p256(id: &str) -> Self {
        let (kind, random) = (&ECDSA_P256_SHA256_FIXED_SIGNING, SystemRandom::new());
        let made = EcdsaKeyPair::generate_pkcs8(kind, &random).expect("a key");
        let pair = EcdsaKeyPair::from_pkcs8(kind, made.as_ref(), &random).expect("a key");
        Self::new(id, "ES256", Pair::P256(pair))
    }

    /// A new key for `EdDSA`.
    #[must_use]
    pub fn ed25519(id: &str) -> Self {
        let made = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).expect("a key");
        let pair = Ed25519KeyPair::from_pkcs8(made.as_ref()).expect("a key");
        Self::new(id, "EdDSA", Pair::Ed25519(pair))
    }

    fn new(id: &str, algorithm: &'static str, pair: Pair) -> Self {
        Self {
            id: id.to_owned(),
            algorithm,
            pair,
        }
    }

    /// The public half, as issuers publish it.
    #[must_use]
    pub fn public(&self) -> Value {
        let mut jwk = match &self.pair {
            Pair::Rsa(pair) => {
                let public = PublicKeyComponents::<Vec<u8>>::from(pair.public());
                json!({ "kty": "RSA", "n": encode(&public.n), "e": encode(&public.e) })
            }
            Pair::P256(pair) => {
                let point = pair.public_key().as_ref();
                let (x, y) = (encode(&point[1..33]), encode(&point[33..]));
                json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y })
            }
            Pair::Ed25519(pair) => {
                let x = encode(pair.public_key().as_ref());
                json!({ "kty": "OKP", "crv": "Ed25519", "x": x })
            }
        };
        jwk["kid"] = self.id.as_str().into();
        jwk["use"] = "sig".into();
        jwk
    }

    /// A token with these claims.
    #[must_use]
    pub fn sign(&self, claims: &Value) -> String {
        let header = json!({ "typ": "JWT", "alg": self.algorithm, "kid": self.id });
        self.sign_with(&header, claims)
    }

    /// A token with this header, whatever it says.
    #[must_use]
    pub fn sign_with(&self, header: &Value, claims: &Value) -> String {
        let signed = format!(
            "{}.{}",
            encode(header.to_string().as_bytes()),
            encode(claims.to_string().as_bytes())
        );
        let signature = self.signature(signed.as_bytes());
        format!("{signed}.{}", encode(&signature))
    }

    fn signature(&self, text: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                let padding: &dyn ring::signature::RsaEncoding = if self.algorithm == "PS256" {
                    &RSA_PSS_SHA256
                } else {
                    &RSA_PKCS1_SHA256
                };
                let signed = pair.sign(padding, &random, text, &mut signature);
                signed.expect("a signature");
                signature
            }
            Pair::P256(pair) => pair
                .sign(&random, text)
                .expect("a signature")
                .as_ref()
                .to_vec(),
            Pair::Ed25519(pair) => pair.sign(text).as_ref().to_vec(),
        }
    }
}

fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
