use uuid::Uuid;

use crate::ids::WorkspaceId;

/// Where a sealed value is stored: it opens at no other place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The workspace that owns the row.
    pub workspace: WorkspaceId,
    /// The table of the row.
    pub table: &'static str,
    /// The column of the value.
    pub column: &'static str,
    /// The id of the row.
    pub row: Uuid,
}

impl Place {
    /// The associated data of a value that is sealed here, in this format, by this key.
    ///
    /// Every part is preceded by its length, so that no two places have the same bytes.
    pub(super) fn associated_data(&self, version: u8, key_id: &str) -> Vec<u8> {
        let mut data = Vec::with_capacity(128);
        for part in [
            self.workspace.0.as_bytes().as_slice(),
            self.table.as_bytes(),
            self.column.as_bytes(),
            self.row.as_bytes().as_slice(),
            &[version],
            key_id.as_bytes(),
        ] {
            data.extend((part.len() as u64).to_be_bytes());
            data.extend(part);
        }
        data
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_that_read_alike_differ() {
        let place = |table, column| Place {
            workspace: WorkspaceId(Uuid::nil()),
            table,
            column,
            row: Uuid::nil(),
        };

        assert_ne!(
            place("ab", "c").associated_data(1, "k"),
            place("a", "bc").associated_data(1, "k"),
        );
    }
}
