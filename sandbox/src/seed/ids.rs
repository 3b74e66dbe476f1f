//! Ids of an account's objects.

use std::sync::atomic::{AtomicU64, Ordering};

use super::Dice;

/// Makes ids that, like Stripe's, carry a part of the account's own id.
#[derive(Debug)]
pub(super) struct Ids {
    account: String,
    /// How many were made, where they are in the order of their making.
    ordered: Option<AtomicU64>,
}

impl Ids {
    pub(super) fn of_account(id: &str) -> Self {
        let cut = id.len().saturating_sub(10);
        Self {
            account: id.get(cut..).unwrap_or(id).to_owned(),
            ordered: None,
        }
    }

    /// Makes ids that sort as they were made, and behind those of the history.
    pub(super) fn ordered(self) -> Self {
        Self {
            ordered: Some(AtomicU64::new(0)),
            ..self
        }
    }

    pub(super) fn make(&self, dice: &mut Dice, prefix: &str) -> String {
        if let Some(made) = &self.ordered {
            let number = made.fetch_add(1, Ordering::Relaxed);
            let tail = dice.letters(4);
            return format!("{prefix}_4{number:09}{}{tail}", self.account);
        }
        format!(
            "{prefix}_3{}{}{}",
            dice.letters(6),
            self.account,
            dice.letters(7)
        )
    }
}
