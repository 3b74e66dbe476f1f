//! What the stories of an account share, and where they are written down.

use serde::Serialize;

use super::balance::BalanceTransaction;
use super::ids::Ids;
use super::{Currency, Dice, History};
use crate::account::{AccountSpec, Books, Entry};
use crate::resource::Resource;

/// An account in the making.
pub(super) struct World {
    pub(super) dice: Dice,
    pub(super) ids: Ids,
    pub(super) livemode: bool,
    pub(super) settlement: Currency,
    pub(super) has_bank_names: bool,
    pub(super) shape: History,
    /// The end of history, in Unix seconds.
    pub(super) now: i64,
    shelves: [Vec<Entry>; Resource::ALL.len()],
}

impl World {
    pub(super) fn new(spec: &AccountSpec, account: &str, settlement: Currency) -> Self {
        Self {
            dice: Dice::new(spec.seed),
            ids: Ids::of_account(account),
            livemode: spec.livemode,
            settlement,
            has_bank_names: spec.card_details_enabled,
            shape: spec.shape,
            now: spec.to.timestamp(),
            shelves: Default::default(),
        }
    }

    /// The same account from the end of its history on.
    pub(super) fn live(spec: &AccountSpec, account: &str, settlement: Currency) -> Self {
        Self {
            dice: Dice::new(spec.seed ^ 0x117e),
            ids: Ids::of_account(account).ordered(),
            ..Self::new(spec, account, settlement)
        }
    }

    /// What was written down since the last time.
    pub(super) fn take(&mut self) -> Vec<(Resource, Entry)> {
        let shelves = Resource::ALL.into_iter().zip(&mut self.shelves);
        shelves
            .flat_map(|(resource, entries)| entries.drain(..).map(move |entry| (resource, entry)))
            .collect()
    }

    pub(super) fn store(
        &mut self,
        resource: Resource,
        id: &str,
        created: i64,
        object: &impl Serialize,
    ) {
        // Seeded objects have text keys only, so they always serialize.
        let json = serde_json::to_string(object).unwrap_or_default();
        self.shelves[resource.position()].push(Entry::new(id, created, json));
    }

    /// Writes a movement down and returns its id.
    pub(super) fn book(&mut self, transaction: BalanceTransaction) -> String {
        self.store(
            Resource::BalanceTransaction,
            &transaction.id,
            transaction.created,
            &transaction,
        );
        transaction.id
    }

    pub(super) fn into_books(self) -> Books {
        let mut books = Books::new();
        for (resource, entries) in Resource::ALL.into_iter().zip(self.shelves) {
            books.shelf_mut(resource).fill(entries);
        }
        books
    }
}
