//! How many sockets and streams each token has open in this process.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::ids::TokenId;

/// The places of each token; those without a token share the places of one. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Slots {
    most: usize,
    taken: Arc<Mutex<HashMap<Option<TokenId>, usize>>>,
}

/// One place, free again when it is dropped.
#[derive(Debug)]
pub(super) struct Slot {
    slots: Slots,
    token: Option<TokenId>,
}

impl Slots {
    /// So many places for each token.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self {
            most,
            taken: Arc::default(),
        }
    }

    /// A place of a token; none where all are taken.
    pub(super) fn take(&self, token: Option<TokenId>) -> Option<Slot> {
        let mut counts = self.lock();
        let count = counts.entry(token).or_default();
        if *count >= self.most {
            return None;
        }
        *count += 1;
        Some(Slot {
            slots: self.clone(),
            token,
        })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Option<TokenId>, usize>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut taken = self.slots.lock();
        if let Some(count) = taken.get_mut(&self.token) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.token);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn each_token_has_so_many_places() {
        let slots = Slots::new(2);
        let (one, other) = (Some(TokenId(Uuid::nil())), Some(TokenId(Uuid::max())));

        let first = slots.take(one).unwrap();
        let _second = slots.take(one).unwrap();
        assert!(slots.take(one).is_none());
        let _theirs = slots.take(other).unwrap();
        let _nobodys = slots.take(None).unwrap();

        drop(first);
        assert!(slots.take(one).is_some());
    }

    #[test]
    fn a_token_without_open_sockets_is_forgotten() {
        let slots = Slots::new(1);

        drop(slots.take(None).unwrap());

        assert!(slots.lock().is_empty());
    }
}
