use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256,
    RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde::Deserialize;
use serde_json::Value;
use thiserror::Error;

/// More keys than this are not looked at: issuers publish two or three.
const MAX_KEYS: usize = 100;

/// How a token is signed (RFC 7518 section 3.1, RFC 8037). What signs with a shared secret is not among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Algorithm {
    Rs256,
    Ps256,
    Es256,
    EdDsa,
}

impl Algorithm {
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "RS256" => Some(Self::Rs256),
            "PS256" => Some(Self::Ps256),
            "ES256" => Some(Self::Es256),
            "EdDSA" | "Ed25519" => Some(Self::EdDsa),
            _ => None,
        }
    }
}

/// The keys that an issuer signs with, at the time when they were asked for.
#[derive(Clone, Debug, Default)]
pub struct KeySet(Vec<Key>);

/// A document that is no set of keys.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("this is no JSON Web Key Set")]
pub struct NotAKeySet;

/// A key for signatures.
#[derive(Clone, Debug)]
struct Key {
    id: Option<String>,
    /// The only algorithm that it is for, where it says so.
    algorithm: Option<Algorithm>,
    public: Public,
}

#[derive(Clone, Debug)]
enum Public {
    Rsa {
        n: Vec<u8>,
        e: Vec<u8>,
    },
    /// A point in uncompressed form.
    P256(Vec<u8>),
    Ed25519(Vec<u8>),
}

/// A key as it is published (RFC 7517 section 4, RFC 7518 section 6).
#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    key_ops: Option<Vec<String>>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl KeySet {
    /// Reads a JSON Web Key Set. Keys that are not for signatures, or of kinds that are not known, are passed over.
    pub fn read(json: &[u8]) -> Result<Self, NotAKeySet> {
        #[derive(Deserialize)]
        struct Published {
            keys: Vec<Value>,
        }
        let published: Published = serde_json::from_slice(json).map_err(|_| NotAKeySet)?;
        let keys = published.keys.into_iter().take(MAX_KEYS);
        Ok(Self(keys.filter_map(Key::read).collect()))
    }

    /// How many keys there are that a token can be checked with.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The key of a token. Where the token names none, the only one that fits its algorithm.
    fn find(&self, id: Option<&str>, algorithm: Algorithm) -> Option<&Key> {
        let mut fitting = self.0.iter().filter(|key| {
            key.is_for(algorithm) && id.is_none_or(|id| key.id.as_deref() == Some(id))
        });
        let found = fitting.next();
        if id.is_none() && fitting.next().is_some() {
            return None;
        }
        found
    }

    /// Whether there is a key for a token that names this one.
    pub(super) fn knows(&self, id: Option<&str>, algorithm: Algorithm) -> bool {
        self.find(id, algorithm).is_some()
    }

    /// Whether a signature is of this text and by the named key; none where there is no such key.
    pub(super) fn verify(
        &self,
        (id, algorithm): (Option<&str>, Algorithm),
        text: &[u8],
        signature: &[u8],
    ) -> Option<bool> {
        let key = self.find(id, algorithm)?;
        Some(key.public.verify(algorithm, text, signature))
    }
}

impl Key {
    fn read(published: Value) -> Option<Self> {
        let jwk: Jwk = serde_json::from_value(published).ok()?;
        let signs = jwk
            .purpose
            .as_deref()
            .is_none_or(|purpose| purpose == "sig");
        let verifies = |ops: &Vec<String>| ops.iter().any(|op| op == "verify");
        if !signs || !jwk.key_ops.as_ref().is_none_or(verifies) {
            return None;
        }
        let algorithm = match jwk.alg.as_deref() {
            Some(name) => Some(Algorithm::named(name)?),
            None => None,
        };
        let public = Public::read(&jwk)?;
        Some(Self {
            id: jwk.kid,
            algorithm,
            public,
        })
    }

    fn is_for(&self, algorithm: Algorithm) -> bool {
        self.algorithm.is_none_or(|only| only == algorithm) && self.public.fits(algorithm)
    }
}

impl Public {
    fn read(jwk: &Jwk) -> Option<Self> {
        match (jwk.kty.as_str(), jwk.crv.as_deref()) {
            ("RSA", _) => Some(Self::Rsa {
                n: integer(jwk.n.as_deref())?,
                e: integer(jwk.e.as_deref())?,
            }),
            ("EC", Some("P-256")) => {
                let (x, y) = (octets(jwk.x.as_deref())?, octets(jwk.y.as_deref())?);
                (x.len() == 32 && y.len() == 32).then(|| Self::P256([vec![4], x, y].concat()))
            }
            ("OKP", Some("Ed25519")) => {
                let x = octets(jwk.x.as_deref())?;
                (x.len() == 32).then_some(Self::Ed25519(x))
            }
            _ => None,
        }
    }

    fn fits(&self, algorithm: Algorithm) -> bool {
        match self {
            Self::Rsa { .. } => matches!(algorithm, Algorithm::Rs256 | Algorithm::Ps256),
            Self::P256(_) => algorithm == Algorithm::Es256,
            Self::Ed25519(_) => algorithm == Algorithm::EdDsa,
        }
    }

    /// RSA keys of less than 2048 bits verify nothing.
    fn verify(&self, algorithm: Algorithm, text: &[u8], signature: &[u8]) -> bool {
        let verified = match (self, algorithm) {
            (Self::Rsa { n, e }, Algorithm::Rs256) => {
                RsaPublicKeyComponents { n, e }.verify(&RSA_PKCS1_2048_8192_SHA256, text, signature)
            }
            (Self::Rsa { n, e }, Algorithm::Ps256) => {
                RsaPublicKeyComponents { n, e }.verify(&RSA_PSS_2048_8192_SHA256, text, signature)
            }
            (Self::P256(point), Algorithm::Es256) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(text, signature)
            }
            (Self::Ed25519(point), Algorithm::EdDsa) => {
                UnparsedPublicKey::new(&ED25519, point).verify(text, signature)
            }
            _ => return false,
        };
        verified.is_ok()
    }
}

fn octets(text: Option<&str>) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text?).ok()
}

/// A number without the zeros that some issuers put before it.
fn integer(text: Option<&str>) -> Option<Vec<u8>> {
    let octets = octets(text)?;
    let zeros = octets.iter().take_while(|octet| **octet == 0).count();
    Some(octets[zeros..].to_vec())
}
