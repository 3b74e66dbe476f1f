//! Cursors: opaque, and bound to the list that gave them.
//!
//! A cursor is a version, a row's position and a check of both against the list: its name, its workspace, its
//! filter and its order. The check keeps mistakes away, not attackers; who forges a cursor only names another
//! position in a list that is theirs to read.

use async_graphql::InputType;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::error::ApiError;
use crate::ids::WorkspaceId;

const VERSION: u8 = 1;
const KEY: usize = 8;
const ID: usize = 16;
const CHECK: usize = 8;
const BYTES: usize = 1 + KEY + ID + CHECK;
const CHARS: usize = (BYTES * 4).div_ceil(3);

/// Where a row stands in a list: the value it is ordered by, then its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Position {
    /// A time in microseconds, or an amount.
    pub(super) key: i64,
    /// The row.
    pub(super) id: Uuid,
}

/// What a list is: two are the same where all of this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ListKey([u8; 32]);

impl ListKey {
    /// A list of a workspace by its name.
    pub(super) fn new(name: &str, workspace: WorkspaceId) -> Self {
        Self(Sha256::digest([name.as_bytes(), workspace.0.as_bytes()].concat()).into())
    }

    /// The part of this list that hangs on a row.
    pub(super) fn of(self, row: Uuid) -> Self {
        self.with(row.as_bytes())
    }

    /// This list under an argument that changes which rows it has, or their order.
    pub(super) fn under<T: InputType>(self, argument: &T) -> Self {
        self.under_spelt(&spelt(argument))
    }

    /// The same for an argument that is spelt already.
    pub(super) fn under_spelt(self, argument: &str) -> Self {
        self.with(argument.as_bytes())
    }

    fn with(self, part: &[u8]) -> Self {
        Self(Sha256::digest([&self.0[..], part].concat()).into())
    }

    /// The cursor of a position.
    pub(super) fn encode(&self, position: Position) -> String {
        let mut bytes = [0; BYTES];
        bytes[0] = VERSION;
        bytes[1..=KEY].copy_from_slice(&position.key.to_be_bytes());
        bytes[1 + KEY..1 + KEY + ID].copy_from_slice(position.id.as_bytes());
        let check = self.check(&bytes[..1 + KEY + ID]);
        bytes[1 + KEY + ID..].copy_from_slice(&check);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The position that a cursor of this very list stands for.
    pub(super) fn decode(&self, cursor: &str) -> Result<Position, ApiError> {
        self.read(cursor).ok_or_else(ApiError::foreign_cursor)
    }

    fn read(&self, cursor: &str) -> Option<Position> {
        // The length first, so that a huge text is not decoded.
        if cursor.len() != CHARS {
            return None;
        }
        let bytes: [u8; BYTES] = URL_SAFE_NO_PAD.decode(cursor).ok()?.try_into().ok()?;
        let (content, check) = bytes.split_at(1 + KEY + ID);
        if content[0] != VERSION || check != self.check(content) {
            return None;
        }
        let (key, id) = content[1..].split_at(KEY);
        Some(Position {
            key: i64::from_be_bytes(key.try_into().ok()?),
            id: Uuid::from_slice(id).ok()?,
        })
    }

    fn check(&self, content: &[u8]) -> [u8; CHECK] {
        let digest: [u8; 32] = Sha256::digest([&self.0[..], content].concat()).into();
        let mut check = [0; CHECK];
        check.copy_from_slice(&digest[..CHECK]);
        check
    }
}

/// An argument as a list's key has it.
pub(super) fn spelt<T: InputType>(argument: &T) -> String {
    argument.to_value().to_string()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const OURS: WorkspaceId = WorkspaceId(Uuid::from_u128(1));
    const THEIRS: WorkspaceId = WorkspaceId(Uuid::from_u128(2));

    fn position() -> Position {
        Position {
            key: -1_700_000_000_000_000,
            id: Uuid::from_u128(7),
        }
    }

    #[test]
    fn a_cursor_leads_back_to_its_position() {
        let list = ListKey::new("payments", OURS);
        let cursor = list.encode(position());

        assert_eq!(cursor.len(), CHARS);
        assert_eq!(list.decode(&cursor), Ok(position()));
    }

    #[test]
    fn a_cursor_is_of_one_list_only() {
        let list = ListKey::new("payments", OURS)
            .of(Uuid::nil())
            .under(&Some(true));
        let cursor = list.encode(position());

        for other in [
            ListKey::new("payments", OURS),
            ListKey::new("payments", OURS).of(Uuid::nil()),
            ListKey::new("payments", OURS)
                .of(Uuid::nil())
                .under(&Some(false)),
            ListKey::new("payments", OURS)
                .of(Uuid::nil())
                .under(&None::<bool>),
            ListKey::new("payments", OURS)
                .of(Uuid::max())
                .under(&Some(true)),
            ListKey::new("payments", THEIRS)
                .of(Uuid::nil())
                .under(&Some(true)),
            ListKey::new("imports", OURS)
                .of(Uuid::nil())
                .under(&Some(true)),
        ] {
            let refused = other.decode(&cursor).unwrap_err();
            assert_eq!(refused.code(), crate::graphql::Code::BadUserInput);
        }
        assert_eq!(list.decode(&cursor), Ok(position()));
    }

    #[test]
    fn what_is_no_cursor_is_refused() {
        let list = ListKey::new("payments", OURS);
        let good = list.encode(position());
        for text in [
            String::new(),
            good[1..].to_owned(),
            good[..CHARS - 1].to_owned(),
            format!("{good}="),
            format!("{good}\0"),
            good.to_uppercase(),
            "'; DROP TABLE payments; --".to_owned(),
            "A".repeat(CHARS),
            "A".repeat(1_000_000),
            "é".repeat(CHARS / 2),
        ] {
            assert!(list.decode(&text).is_err());
        }
    }

    proptest! {
        #[test]
        fn every_position_is_read_back(key: i64, id: u128) {
            let list = ListKey::new("payments", OURS);
            let position = Position { key, id: Uuid::from_u128(id) };
            prop_assert_eq!(list.decode(&list.encode(position)), Ok(position));
        }

        #[test]
        fn a_changed_cursor_is_refused(key: i64, id: u128, index in 0..CHARS, to in "[A-Za-z0-9_-]") {
            let list = ListKey::new("payments", OURS);
            let good = list.encode(Position { key, id: Uuid::from_u128(id) });
            let mut changed = good.clone();
            changed.replace_range(index..=index, &to);
            prop_assert_eq!(list.decode(&changed).is_ok(), changed == good);
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,80}|[A-Za-z0-9_-]{44}") {
            prop_assert!(ListKey::new("payments", OURS).decode(&text).is_err());
        }
    }
}
