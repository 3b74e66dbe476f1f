use super::master_keys::is_key_id;

/// The only format so far.
pub(super) const VERSION: u8 = 1;

/// Long enough for the nonce to be drawn at random for every value.
pub(super) const NONCE_BYTES: usize = 24;

const TAG_BYTES: usize = 16;

/// The parts of a sealed value: version, length of the key id, key id, nonce, ciphertext with its tag.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Sealed<'a> {
    pub(super) key_id: &'a str,
    pub(super) nonce: [u8; NONCE_BYTES],
    pub(super) ciphertext: &'a [u8],
}

impl<'a> Sealed<'a> {
    /// Takes a stored value apart; `None` where it is not in this format.
    pub(super) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let (&[version, id_length], rest) = bytes.split_first_chunk::<2>()?;
        if version != VERSION {
            return None;
        }
        let (key_id, rest) = rest.split_at_checked(usize::from(id_length))?;
        let key_id = str::from_utf8(key_id).ok().filter(|id| is_key_id(id))?;
        let (&nonce, ciphertext) = rest.split_first_chunk::<NONCE_BYTES>()?;
        (ciphertext.len() >= TAG_BYTES).then_some(Self {
            key_id,
            nonce,
            ciphertext,
        })
    }

    /// The value as it is stored.
    pub(super) fn write(&self) -> Vec<u8> {
        let id = self.key_id.as_bytes();
        // A key id has at most 32 characters.
        let id_length = u8::try_from(id.len()).unwrap_or(u8::MAX);
        [&[VERSION, id_length], id, &self.nonce, self.ciphertext].concat()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_written_is_read_back(
            key_id in "[A-Za-z0-9_-]{1,32}",
            nonce: [u8; NONCE_BYTES],
            ciphertext in prop::collection::vec(any::<u8>(), TAG_BYTES..64),
        ) {
            let sealed = Sealed { key_id: &key_id, nonce, ciphertext: &ciphertext };
            let written = sealed.write();
            prop_assert_eq!(Sealed::parse(&written), Some(sealed));
        }

        #[test]
        fn no_bytes_panic(mut bytes in prop::collection::vec(any::<u8>(), 0..96), version in 0..3_u8) {
            if let Some(first) = bytes.first_mut() {
                *first = version;
            }
            if let Some(parsed) = Sealed::parse(&bytes) {
                prop_assert_eq!(parsed.write(), bytes);
            }
        }
    }
}
