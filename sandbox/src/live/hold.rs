//! Authorised charges, and the fees of captured ones.

use serde_json::{Value, json};

use super::stage::{Stage, ensure, intent_of, number, text};
use super::{Ids, Impossible};
use crate::resource::Resource;

pub(super) fn capture(stage: &mut Stage<'_>, id: &str) -> Result<Ids, Impossible> {
    ensure_held(&stage.load(Resource::Charge, id)?)?;
    let charge = stage.change(Resource::Charge, id, "charge.captured", |charge| {
        charge["captured"] = true.into();
        charge["amount_captured"] = charge["amount"].clone();
    })?;
    let intent = intent_of(&charge);
    if let Some(intent) = &intent {
        stage.change(
            Resource::PaymentIntent,
            intent,
            "payment_intent.succeeded",
            |intent| {
                intent["status"] = "succeeded".into();
                intent["amount_capturable"] = 0.into();
                intent["amount_received"] = charge["amount_captured"].clone();
            },
        )?;
    }
    Ok((id.to_owned(), intent))
}

/// The authorisation runs out, which Stripe writes down as a refund without a movement.
pub(super) fn expire(stage: &mut Stage<'_>, id: &str) -> Result<Ids, Impossible> {
    let held = stage.load(Resource::Charge, id)?;
    ensure_held(&held)?;
    let refund = stage.maker.release(&held);
    stage.make(Resource::Refund, &refund, "refund.created");
    let charge = stage.change(Resource::Charge, id, "charge.expired", |charge| {
        charge["amount_refunded"] = charge["amount"].clone();
        charge["refunded"] = true.into();
    })?;
    let (intent, now) = (intent_of(&charge), stage.now);
    if let Some(intent) = &intent {
        stage.change(
            Resource::PaymentIntent,
            intent,
            "payment_intent.canceled",
            |intent| {
                intent["status"] = "canceled".into();
                intent["amount_capturable"] = 0.into();
                intent["canceled_at"] = now.into();
                intent["cancellation_reason"] = "automatic".into();
            },
        )?;
    }
    Ok((id.to_owned(), intent))
}

/// The movement of a captured charge appears.
pub(super) fn settle(stage: &mut Stage<'_>, id: &str) -> Result<Ids, Impossible> {
    let charge = stage.load(Resource::Charge, id)?;
    ensure_captured(&charge)?;
    ensure(
        charge["balance_transaction"].is_null(),
        "the fees are known already",
    )?;
    let movement = stage.maker.settle(&charge);
    stage.change(Resource::Charge, id, "charge.updated", |charge| {
        charge["balance_transaction"] = json!(movement);
    })?;
    Ok((id.to_owned(), intent_of(&charge)))
}

pub(super) fn ensure_captured(charge: &Value) -> Result<(), Impossible> {
    let is_captured = text(charge, "status") == "succeeded" && charge["captured"] == true;
    ensure(is_captured, "the charge is not captured")
}

fn ensure_held(charge: &Value) -> Result<(), Impossible> {
    let is_held = text(charge, "status") == "succeeded"
        && charge["captured"] == false
        && number(charge, "amount_refunded") == 0;
    ensure(is_held, "the charge is not authorised only")
}
