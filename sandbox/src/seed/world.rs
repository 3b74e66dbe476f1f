//! What the stories of an account share, and where they are written down.

use std::collections::HashMap;
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use super::balance::BalanceTransaction;
use super::ids::Ids;
use super::{Currency, Dice, History};
use crate::account::{AccountSpec, Books, Entry};
use crate::resource::Resource;

/// An account in the making.
pub(super) struct World {
    pub(super) dice: Dice,
    /// For what is told beside the history, which stays the same with it.
    pub(super) aside: Dice,
    pub(super) ids: Ids,
    pub(super) livemode: bool,
    pub(super) settlement: Currency,
    pub(super) has_bank_names: bool,
    pub(super) shape: History,
    /// The begin of history, in Unix seconds.
    from: i64,
    /// The end of history, in Unix seconds.
    pub(super) now: i64,
    /// The sources of old integrations, by the payment method of their buyer.
    pub(super) sources: HashMap<String, Value>,
    /// Where payouts go.
    pub(super) bank_account: String,
    /// What is available, and what will be.
    pub(super) balance: (i64, i64),
    /// The movements that were not paid out yet.
    pub(super) booked: Vec<Booked>,
    shelves: [Vec<Entry>; Resource::ALL.len()],
}

/// What a payout has to know of a movement.
#[derive(Clone, Copy, Debug)]
pub(super) struct Booked {
    pub(super) available_on: i64,
    pub(super) net: i64,
    /// Its place among the movements.
    pub(super) position: usize,
}

impl World {
    pub(super) fn new(spec: &AccountSpec, account: &str, settlement: Currency) -> Self {
        let ids = Ids::of_account(account);
        Self {
            dice: Dice::new(spec.seed),
            aside: Dice::new(spec.seed ^ 0xa51d),
            sources: HashMap::new(),
            from: spec.from.timestamp(),
            bank_account: ids.make(&mut Dice::new(spec.seed), "ba"),
            balance: (0, 0),
            booked: Vec::new(),
            ids,
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
        self.booked.clear();
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

    /// Any moment of the history.
    pub(super) fn any_time(&mut self) -> i64 {
        self.dice.between(self.from..=(self.now - 1).max(self.from))
    }

    /// Any object of a resource; none where there is none.
    pub(super) fn any(&mut self, resource: Resource) -> Option<Value> {
        let entries = &self.shelves[resource.position()];
        let entry = entries.get(self.dice.index(entries.len()))?;
        serde_json::from_str(&entry.json).ok()
    }

    /// Writes a movement down and returns its id.
    pub(super) fn book(&mut self, transaction: BalanceTransaction) -> String {
        let booked = self.write_down(&transaction);
        self.booked.push(booked);
        transaction.id
    }

    /// Writes down what is no part of a later payout, as payouts themselves are.
    pub(super) fn write_down(&mut self, transaction: &BalanceTransaction) -> Booked {
        let position = self.shelves[Resource::BalanceTransaction.position()].len();
        self.store(
            Resource::BalanceTransaction,
            &transaction.id,
            transaction.created,
            transaction,
        );
        Booked {
            available_on: transaction.available_on,
            net: transaction.net,
            position,
        }
    }

    /// Says which payout brought this movement to the bank; only lists tell of it.
    pub(super) fn link_to_payout(&mut self, movement: &Booked, payout: &Arc<str>) {
        let movements = &mut self.shelves[Resource::BalanceTransaction.position()];
        if let Some(entry) = movements.get_mut(movement.position) {
            entry.payout = Some(Arc::clone(payout));
        }
    }

    pub(super) fn into_books(self) -> Books {
        let mut books = Books::new();
        books.balance = self.balance;
        for (resource, entries) in Resource::ALL.into_iter().zip(self.shelves) {
            books.shelf_mut(resource).fill(entries);
        }
        books
    }
}
