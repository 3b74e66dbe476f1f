//! Bank debits: days on their way, and sometimes taken back.

use serde_json::{Value, json};

use super::hold::ensure_captured;
use super::stage::{Stage, ensure, intent_of, text};
use super::{Ids, Impossible};
use crate::resource::Resource;

const NO_FUNDS: &str = "The customer's account has insufficient funds to cover this payment.";

/// The money comes, or does not.
pub(super) fn clear(stage: &mut Stage<'_>, id: &str, paid: bool) -> Result<Ids, Impossible> {
    let charge = stage.load(Resource::Charge, id)?;
    ensure(
        text(&charge, "status") == "pending",
        "the charge is not on its way",
    )?;
    if !paid {
        return fail(stage, id, |charge| {
            charge["captured"] = false.into();
            charge["amount_captured"] = 0.into();
            charge["receipt_url"] = Value::Null;
        });
    }
    let charge = stage.change(Resource::Charge, id, "charge.succeeded", |charge| {
        charge["status"] = "succeeded".into();
        charge["paid"] = true.into();
    })?;
    let intent = intent_of(&charge);
    if let Some(intent) = &intent {
        stage.change(
            Resource::PaymentIntent,
            intent,
            "payment_intent.succeeded",
            |intent| {
                intent["status"] = "succeeded".into();
                intent["amount_received"] = charge["amount_captured"].clone();
            },
        )?;
    }
    Ok((id.to_owned(), intent))
}

/// The bank takes the money back.
pub(super) fn take_back(stage: &mut Stage<'_>, id: &str) -> Result<Ids, Impossible> {
    let charge = stage.load(Resource::Charge, id)?;
    ensure_captured(&charge)?;
    let is_debit = id.starts_with("py_");
    ensure(is_debit, "only debits are taken back")?;
    let back = stage.maker.take_back(&charge);
    fail(stage, id, |charge| {
        charge["failure_balance_transaction"] = back.into();
    })
}

fn fail(
    stage: &mut Stage<'_>,
    id: &str,
    alter: impl FnOnce(&mut Value),
) -> Result<Ids, Impossible> {
    let charge = stage.change(Resource::Charge, id, "charge.failed", |charge| {
        charge["status"] = "failed".into();
        charge["paid"] = false.into();
        charge["failure_code"] = "insufficient_funds".into();
        charge["failure_message"] = NO_FUNDS.into();
        alter(charge);
    })?;
    let intent = intent_of(&charge);
    if let Some(intent) = &intent {
        stage.change(Resource::PaymentIntent, intent, "payment_intent.payment_failed", |intent| {
            intent["status"] = "requires_payment_method".into();
            intent["amount_received"] = 0.into();
            intent["payment_method"] = Value::Null;
            intent["last_payment_error"] = json!({
                "charge": id, "code": "insufficient_funds", "message": NO_FUNDS, "type": "card_error"
            });
        })?;
    }
    Ok((id.to_owned(), intent))
}
