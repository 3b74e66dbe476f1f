//! Intents and attempts to pay them.

use serde_json::Value;

use super::stage::{Stage, ensure, number, text};
use super::{Ids, Impossible, PaymentSpec};
use crate::resource::Resource;
use crate::seed::{Attempted, Ending, Maker, Order};

/// What an attempt changes in its intent.
const FOLLOWS: [&str; 9] = [
    "amount_capturable",
    "amount_received",
    "capture_method",
    "last_payment_error",
    "latest_charge",
    "next_action",
    "payment_method",
    "payment_method_types",
    "status",
];

/// An intent that nobody has tried to pay.
pub(super) fn begin(stage: &mut Stage<'_>, spec: PaymentSpec) -> Result<Ids, Impossible> {
    ensure(spec.intent.is_none(), "the intent is there already")?;
    let order = order(stage, spec)?;
    let id = stage.maker.id("pi");
    let made = stage.maker.attempt(id.clone(), order, Ending::Captured);
    stage.make(
        Resource::PaymentIntent,
        &made.before,
        "payment_intent.created",
    );
    Ok((id.clone(), Some(id)))
}

/// An attempt to pay, at a new intent or at one that waits for it.
pub(super) fn pay(
    stage: &mut Stage<'_>,
    spec: PaymentSpec,
    ending: Ending,
) -> Result<Ids, Impossible> {
    let (charge, intent) = match &spec.intent {
        None => {
            let order = order(stage, spec)?;
            let id = stage.maker.id("pi");
            let Attempted {
                before,
                after,
                charge,
            } = stage.maker.attempt(id, order, ending);
            stage.make(Resource::PaymentIntent, &before, "payment_intent.created");
            (charge, after)
        }
        Some(id) => {
            let mut intent = stage.load(Resource::PaymentIntent, id)?;
            ensure(
                text(&intent, "status").starts_with("requires_p"),
                "the intent waits for no payment",
            )?;
            let made = stage.maker.attempt(id.clone(), order_of(&intent), ending);
            for field in FOLLOWS {
                intent[field] = made.after[field].clone();
            }
            (made.charge, intent)
        }
    };
    let (of_charge, of_intent) = match ending {
        Ending::Captured => ("charge.succeeded", "payment_intent.succeeded"),
        Ending::Held => (
            "charge.succeeded",
            "payment_intent.amount_capturable_updated",
        ),
        Ending::Declined => ("charge.failed", "payment_intent.payment_failed"),
        Ending::Pending => ("charge.pending", "payment_intent.processing"),
    };
    stage.make(Resource::Charge, &charge, of_charge);
    stage.make(Resource::PaymentIntent, &intent, of_intent);
    let intent = text(&intent, "id").to_owned();
    Ok((text(&charge, "id").to_owned(), Some(intent)))
}

/// Gives up an intent that was not paid.
pub(super) fn cancel(stage: &mut Stage<'_>, id: &str) -> Result<Ids, Impossible> {
    let intent = stage.load(Resource::PaymentIntent, id)?;
    let waits =
        text(&intent, "status").starts_with("requires_") && intent["status"] != "requires_capture";
    ensure(waits, "the intent is paid, held or canceled")?;
    let now = stage.now;
    stage.change(
        Resource::PaymentIntent,
        id,
        "payment_intent.canceled",
        |intent| {
            intent["status"] = "canceled".into();
            intent["canceled_at"] = now.into();
            intent["cancellation_reason"] = "abandoned".into();
        },
    )?;
    Ok((id.to_owned(), Some(id.to_owned())))
}

fn order(stage: &mut Stage<'_>, spec: PaymentSpec) -> Result<Order, Impossible> {
    let is_known = spec.currency.as_deref().is_none_or(Maker::knows_currency);
    ensure(
        is_known,
        "the currency is none of those that accounts have here",
    )?;
    ensure(
        spec.amount.is_none_or(|amount| amount > 0),
        "the amount is not above zero",
    )?;
    let order = Order {
        amount: spec.amount,
        currency: spec.currency,
        description: spec.description,
        metadata: spec.metadata,
        customer: None,
    };
    Ok(order.described(stage.maker))
}

fn order_of(intent: &Value) -> Order {
    let owned = |field: &str| intent[field].as_str().map(str::to_owned);
    Order {
        amount: Some(number(intent, "amount")),
        currency: owned("currency"),
        description: owned("description"),
        metadata: intent["metadata"].as_object().cloned().unwrap_or_default(),
        customer: owned("customer"),
    }
}
