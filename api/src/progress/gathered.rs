use std::collections::HashSet;

use uuid::Uuid;

use super::change::{Change, Changed};

/// Ids that wait to be told, each once. Of more than are kept, only that there were too many is known.
#[derive(Debug)]
pub(super) struct Gathered {
    most: usize,
    ids: HashSet<Uuid>,
    too_many: bool,
}

/// What was gathered.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Taken {
    Ids(Vec<Uuid>),
    TooMany,
}

impl Gathered {
    /// Nothing yet, with room for so many ids.
    pub(super) fn new(most: usize) -> Self {
        Self {
            most,
            ids: HashSet::new(),
            too_many: false,
        }
    }

    /// Adds the ids that a change names: those of payments, or else the connection's own.
    pub(super) fn put(&mut self, change: &Change) {
        match &change.what {
            Changed::Connection => self.add([change.connection_id.0]),
            Changed::Payments(ids) => self.add(ids.iter().map(|id| id.0)),
            Changed::ManyPayments => self.overflow(),
        }
    }

    fn add(&mut self, ids: impl IntoIterator<Item = Uuid>) {
        if self.too_many {
            return;
        }
        for id in ids {
            self.ids.insert(id);
            if self.ids.len() > self.most {
                return self.overflow();
            }
        }
    }

    /// From here to the next taking, nothing is known but that something was missed.
    pub(super) fn overflow(&mut self) {
        self.too_many = true;
        self.ids = HashSet::new();
    }

    pub(super) fn is_empty(&self) -> bool {
        !self.too_many && self.ids.is_empty()
    }

    /// Takes all; what comes from now on is gathered anew.
    pub(super) fn take(&mut self) -> Taken {
        if std::mem::take(&mut self.too_many) {
            Taken::TooMany
        } else {
            Taken::Ids(std::mem::take(&mut self.ids).into_iter().collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(range: std::ops::Range<u128>) -> impl Iterator<Item = Uuid> {
        range.map(Uuid::from_u128)
    }

    #[test]
    fn an_id_is_gathered_once() {
        let mut gathered = Gathered::new(3);

        for _ in 0..5 {
            gathered.add(ids(0..3));
        }

        let Taken::Ids(mut taken) = gathered.take() else {
            panic!("too many");
        };
        taken.sort_unstable();
        assert_eq!(taken, ids(0..3).collect::<Vec<_>>());
        assert!(gathered.is_empty());
    }

    #[test]
    fn of_too_many_nothing_is_kept() {
        let mut gathered = Gathered::new(3);

        gathered.add(ids(0..4));
        gathered.add(ids(0..2));
        assert_eq!((gathered.is_empty(), gathered.ids.len()), (false, 0));
        assert_eq!(gathered.take(), Taken::TooMany);

        gathered.add(ids(7..8));
        assert_eq!(gathered.take(), Taken::Ids(vec![Uuid::from_u128(7)]));
    }
}
