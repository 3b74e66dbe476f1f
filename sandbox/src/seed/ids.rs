//! Ids of an account's objects.

use super::Dice;

/// Makes ids that, like Stripe's, carry a part of the account's own id.
#[derive(Clone, Debug)]
pub(super) struct Ids {
    account: String,
}

impl Ids {
    pub(super) fn of_account(id: &str) -> Self {
        let cut = id.len().saturating_sub(10);
        Self {
            account: id.get(cut..).unwrap_or(id).to_owned(),
        }
    }

    pub(super) fn make(&self, dice: &mut Dice, prefix: &str) -> String {
        format!(
            "{prefix}_3{}{}{}",
            dice.letters(6),
            self.account,
            dice.letters(7)
        )
    }
}
