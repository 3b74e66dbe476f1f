use serde::{Deserialize, Serialize};

use super::topic::Topic;
use crate::ids::{ConnectionId, PaymentId, WorkspaceId};

/// Something that changed, by ids alone: whoever is told reads the state of then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The workspace that may see it.
    pub workspace_id: WorkspaceId,
    /// The connection that changed, or that the payments belong to.
    pub connection_id: ConnectionId,
    /// What changed.
    pub what: Changed,
}

/// What changed of a connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Changed {
    /// Itself, or its webhook.
    Connection,
    /// These of its payments.
    Payments(#[serde(with = "compact")] Vec<PaymentId>),
    /// More of its payments than are told one by one.
    ManyPayments,
}

impl Change {
    pub(super) fn topic(&self) -> Topic {
        match self.what {
            Changed::Connection => Topic::Connections(self.workspace_id),
            Changed::Payments(_) | Changed::ManyPayments => Topic::Payments(self.workspace_id),
        }
    }
}

/// Ids as one text of their bytes: less than half as long as a list of them.
mod compact {
    use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
    use serde::{Deserialize, Deserializer, Serializer, de::Error};
    use uuid::Uuid;

    use crate::ids::PaymentId;

    const LENGTH: usize = size_of::<Uuid>();

    pub(super) fn serialize<S: Serializer>(
        ids: &[PaymentId],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let bytes: Vec<u8> = ids.iter().flat_map(|id| *id.0.as_bytes()).collect();
        serializer.serialize_str(&STANDARD_NO_PAD.encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<PaymentId>, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = STANDARD_NO_PAD.decode(text).map_err(D::Error::custom)?;
        let (ids, rest) = bytes.as_chunks::<LENGTH>();
        if !rest.is_empty() {
            return Err(D::Error::custom("a part of an id"));
        }
        let ids = ids.iter().map(|bytes| PaymentId(Uuid::from_bytes(*bytes)));
        Ok(ids.collect())
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn change(what: Changed) -> Change {
        Change {
            workspace_id: WorkspaceId(Uuid::from_u128(1)),
            connection_id: ConnectionId(Uuid::from_u128(2)),
            what,
        }
    }

    #[test]
    fn a_change_is_read_as_it_was_written() {
        let ids = |count| {
            (0..count)
                .map(|id| PaymentId(Uuid::from_u128(id)))
                .collect()
        };
        for what in [
            Changed::Connection,
            Changed::ManyPayments,
            Changed::Payments(ids(0)),
            Changed::Payments(ids(1)),
            Changed::Payments(ids(500)),
        ] {
            let written = serde_json::to_string(&change(what.clone())).unwrap();
            assert_eq!(
                serde_json::from_str::<Change>(&written).unwrap(),
                change(what)
            );
            assert!(written.len() < 11_000, "{} bytes", written.len());
        }
    }

    #[test]
    fn a_part_of_an_id_is_not_read() {
        let written = serde_json::to_string(&change(Changed::Payments(Vec::new()))).unwrap();

        for ids in ["AAAA", "?"] {
            let broken = written.replace(r#""payments":"""#, &format!(r#""payments":"{ids}""#));
            assert_ne!(broken, written);
            assert!(serde_json::from_str::<Change>(&broken).is_err());
        }
    }
}
