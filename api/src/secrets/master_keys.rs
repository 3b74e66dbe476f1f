use std::fmt;

use base64::{
    Engine,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;
use zeroize::Zeroizing;

/// How many bytes a master key has.
pub(super) const KEY_BYTES: usize = 32;

/// How many characters the id of a key may have.
const MAX_ID_CHARS: usize = 32;

/// Base64 as `openssl rand -base64 32` writes it, and the same without its padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The keys that seal secrets: the first seals, all open.
pub struct MasterKeys(Vec<MasterKey>);

pub(super) struct MasterKey {
    pub(super) id: String,
    pub(super) bytes: Zeroizing<[u8; KEY_BYTES]>,
}

/// Why a list of master keys cannot be used; it never repeats what may be key material.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum MasterKeysError {
    /// The list holds nothing.
    #[error("there is no master key in the list")]
    Empty,
    /// An entry has no `:`.
    #[error("master key {position} is not written as id:base64")]
    NoId {
        /// Counted from one.
        position: usize,
    },
    /// An id is empty, too long, or holds other characters.
    #[error(
        "the id of master key {position} must have 1 to 32 characters of A-Z, a-z, 0-9, _ and -"
    )]
    BadId {
        /// Counted from one.
        position: usize,
    },
    /// A key is not base64.
    #[error("master key {id} is not base64")]
    NotBase64 {
        /// The id before the colon.
        id: String,
    },
    /// A key is too short or too long.
    #[error("master key {id} must have 32 bytes, and has {bytes}")]
    WrongLength {
        /// The id before the colon.
        id: String,
        /// How many bytes it has.
        bytes: usize,
    },
    /// Two keys bear the same id.
    #[error("two master keys bear the id {id}")]
    Duplicate {
        /// The id before the colon.
        id: String,
    },
}

impl MasterKeys {
    /// Reads `id:base64(32 bytes)[,id:…]`.
    pub fn parse(list: &SecretString) -> Result<Self, MasterKeysError> {
        let entries = list.expose_secret().split(',').map(str::trim);
        let mut keys: Vec<MasterKey> = Vec::new();
        for (index, entry) in entries.filter(|entry| !entry.is_empty()).enumerate() {
            let key = MasterKey::parse(entry, index + 1)?;
            if keys.iter().any(|known| known.id == key.id) {
                return Err(MasterKeysError::Duplicate { id: key.id });
            }
            keys.push(key);
        }
        if keys.is_empty() {
            return Err(MasterKeysError::Empty);
        }
        Ok(Self(keys))
    }

    /// The ids of the keys, the sealing one first.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|key| key.id.as_str())
    }

    /// The key that seals; `parse` lets no empty list through.
    pub(super) fn first(&self) -> &MasterKey {
        &self.0[0]
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &MasterKey> {
        self.0.iter()
    }

    pub(super) fn find(&self, id: &str) -> Option<&MasterKey> {
        self.0.iter().find(|key| key.id == id)
    }
}

impl MasterKey {
    fn parse(entry: &str, position: usize) -> Result<Self, MasterKeysError> {
        let (id, encoded) = entry
            .split_once(':')
            .ok_or(MasterKeysError::NoId { position })?;
        if !is_key_id(id) {
            return Err(MasterKeysError::BadId { position });
        }
        let decoded = BASE64.decode(encoded).map(Zeroizing::new);
        let decoded = decoded.map_err(|_| MasterKeysError::NotBase64 { id: id.to_owned() })?;
        let bytes = <[u8; KEY_BYTES]>::try_from(decoded.as_slice());
        let bytes = bytes.map_err(|_| MasterKeysError::WrongLength {
            id: id.to_owned(),
            bytes: decoded.len(),
        })?;
        Ok(Self {
            id: id.to_owned(),
            bytes: Zeroizing::new(bytes),
        })
    }
}

/// Writes a key the way that [`MasterKeys::parse`] reads it.
pub(super) fn write_key(id: &str, bytes: &[u8; KEY_BYTES]) -> SecretString {
    let encoded = Zeroizing::new(BASE64.encode(bytes));
    SecretString::from(format!("{id}:{}", encoded.as_str()))
}

pub(super) fn is_key_id(id: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    (1..=MAX_ID_CHARS).contains(&id.len()) && id.chars().all(allowed)
}

impl fmt::Debug for MasterKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.ids()).finish()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    fn parse(list: &str) -> Result<MasterKeys, MasterKeysError> {
        MasterKeys::parse(&SecretString::from(list))
    }

    #[test]
    fn the_first_key_seals_and_all_are_known() {
        let keys = parse(&format!(
            " new:{KEY} ,\n2024-old:{} ",
            KEY.trim_end_matches('=')
        ))
        .unwrap();

        assert_eq!(keys.ids().collect::<Vec<_>>(), ["new", "2024-old"]);
        assert_eq!(keys.first().id, "new");
        assert_eq!(keys.find("2024-old").unwrap().bytes[31], 31);
        assert!(keys.find("other").is_none());
    }

    #[test]
    fn every_mistake_is_told_apart_without_key_material() {
        let long = "k".repeat(33);
        for (list, error) in [
            (String::new(), MasterKeysError::Empty),
            (" , ".to_owned(), MasterKeysError::Empty),
            (KEY.to_owned(), MasterKeysError::NoId { position: 1 }),
            (
                format!("a:{KEY},{KEY}"),
                MasterKeysError::NoId { position: 2 },
            ),
            (format!(":{KEY}"), MasterKeysError::BadId { position: 1 }),
            (format!("ä:{KEY}"), MasterKeysError::BadId { position: 1 }),
            (
                format!("{long}:{KEY}"),
                MasterKeysError::BadId { position: 1 },
            ),
            (
                "a:%%".to_owned(),
                MasterKeysError::NotBase64 { id: "a".into() },
            ),
            (
                "a:AAEC".to_owned(),
                MasterKeysError::WrongLength {
                    id: "a".into(),
                    bytes: 3,
                },
            ),
            (
                format!("a:{KEY},a:{KEY}"),
                MasterKeysError::Duplicate { id: "a".into() },
            ),
        ] {
            let found = parse(&list).unwrap_err();
            assert_eq!(found, error, "{list}");
            assert!(!found.to_string().contains(&KEY[..8]));
        }
    }

    #[test]
    fn debug_shows_ids_only() {
        assert_eq!(
            format!("{:?}", parse(&format!("a:{KEY}")).unwrap()),
            r#"["a"]"#
        );
    }

    proptest! {
        #[test]
        fn no_list_panics(list in "\\PC*") {
            let _ = parse(&list);
        }

        #[test]
        fn a_written_key_is_read_back(bytes: [u8; KEY_BYTES]) {
            let keys = MasterKeys::parse(&write_key("k1", &bytes)).unwrap();
            prop_assert_eq!(*keys.first().bytes, bytes);
        }
    }
}
