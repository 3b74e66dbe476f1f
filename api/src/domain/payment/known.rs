//! What is known of a payment: parts of it that are shown as a whole, or not at all.

use crate::storage::PaymentRow;

/// Whether a payment is shown with a card: it was made by one, or something of one is known, as behind a wallet.
#[must_use]
pub fn has_card(row: &PaymentRow) -> bool {
    let by_card = matches!(
        row.method_type.as_str(),
        "card" | "card_present" | "interac_present"
    );
    by_card || row.card_brand.is_some() || row.card_last4.is_some()
}
