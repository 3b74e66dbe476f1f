//! Ids as clients see them: a prefix that tells the kind, and the row's UUID in hexadecimal.
//!
//! One text names one node: only what [`encode`] writes is read back. Whatever else comes in, of another kind or
//! malformed, is an id of nothing.

use async_graphql::ID;
use uuid::Uuid;

pub(super) use crate::ids::NodeKey;
use crate::ids::node_id;

const HEX_CHARS: usize = 32;

/// The id as clients see it.
pub(super) fn encode<K: NodeKey>(key: K) -> ID {
    ID(node_id(key))
}

/// The key that an id of this kind stands for.
pub(super) fn decode<K: NodeKey>(id: &str) -> Option<K> {
    let hex = id.strip_prefix(K::PREFIX)?;
    let canonical = hex.len() == HEX_CHARS
        && hex
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if !canonical {
        return None;
    }
    Uuid::try_parse(hex).ok().map(K::from)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::ids::{ConnectionId, NODE_PREFIXES, PaymentId};

    const UUID: Uuid = Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_00ff);

    #[test]
    fn an_id_shows_its_kind() {
        let id = encode(ConnectionId(UUID));

        assert_eq!(id.as_str(), "con_019200000000700080000000000000ff");
        assert_eq!(decode(&id), Some(ConnectionId(UUID)));
        assert_eq!(decode::<PaymentId>(&id), None);
    }

    #[test]
    fn every_kind_has_its_own_prefix() {
        for (index, prefix) in NODE_PREFIXES.iter().enumerate() {
            assert!(
                NODE_PREFIXES
                    .iter()
                    .skip(index + 1)
                    .all(|other| !other.starts_with(prefix))
            );
        }
    }

    #[test]
    fn only_the_canonical_form_is_an_id() {
        let id = encode(ConnectionId(UUID)).0;
        for other in [
            String::new(),
            "con_".to_owned(),
            id.to_uppercase(),
            id.replace("ff", "FF"),
            id.replace('_', "-"),
            format!("{id} "),
            format!(" {id}"),
            format!("{id}0"),
            id[..id.len() - 1].to_owned(),
            format!("con_{UUID}"),
            format!("con_{{{}", &id[5..]),
            UUID.simple().to_string(),
            id.replace('0', "０"),
            id.replace("ff", "\0f"),
        ] {
            assert_eq!(decode::<ConnectionId>(&other), None, "{other:?}");
        }
    }

    proptest! {
        #[test]
        fn every_id_is_read_back(bits: u128) {
            let key = PaymentId(Uuid::from_u128(bits));
            prop_assert_eq!(decode(&encode(key)), Some(key));
        }

        #[test]
        fn whatever_is_read_is_what_is_written(text in "(con_)?[0-9a-fA-F_-]{0,40}|\\PC{0,50}") {
            if let Some(key) = decode::<ConnectionId>(&text) {
                prop_assert_eq!(encode(key).0, text);
            }
        }
    }
}
